"""What a painting best begins with, the photograph or a preview of it: score against seconds."""

import time
from collections import deque

from rich.console import Console
from rich.table import Table

from bench import pictures
from nst.images import Pixels

SIZE = 512
STEPS = (15, 50, 300)  # whole runs, each with its own scales
PAIRS = (("chelsea", "night-sky"), ("coffee", "wave"))


def report(console: Console) -> None:
    """Prints each run's score and seconds, and those of the preview alone; the lower the better."""
    from bench.peers.neutral import Neutral
    from nst import Options, StyleTransfer
    from nst.fast import Stylizer

    engine, stylizer = StyleTransfer(), Stylizer()
    table = Table(title=f"Score and seconds at {SIZE} pixels, the preview's own time counted in")
    for column in ("pair", "steps", "from the photograph", "from the preview", "preview alone"):
        table.add_column(column, justify="left" if column == "pair" else "right")

    def run(content: Pixels, style: Pixels, steps: int, init: Pixels | None) -> tuple[Pixels, float]:
        began = time.perf_counter()
        steps_taken = engine.run(content, [style], Options(size=SIZE, steps=steps), init=init)
        (last,) = deque(steps_taken, maxlen=1)
        return last.enlarged(), time.perf_counter() - began

    for photograph, painting in PAIRS:
        content, style = (pictures.cut(pictures.sample(name), SIZE) for name in (photograph, painting))
        stylizer.paint(content, stylizer.vector(style))  # warm
        run(content, style, 2, None)
        judge = Neutral(content, style, SIZE)
        for steps in STEPS:
            began = time.perf_counter()
            preview = stylizer.paint(content, stylizer.vector(style))
            made = time.perf_counter() - began
            cells = []
            for init, before in ((None, 0.0), (preview, made)):
                painted, seconds = run(content, style, steps, init)
                cells.append(f"{judge.score(painted):.4f} in {seconds + before:.1f} s")
            table.add_row(
                f"{photograph}, {painting}", str(steps), *cells, f"{judge.score(preview):.4f} in {made:.2f} s"
            )
    console.print(table)
