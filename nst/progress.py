"""How the steps of a painting are shown to who waits for it, in a terminal or to a program."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class Step(Protocol):
    """As `nst.engine.transfer.Step`."""

    @property
    def index(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def scale(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def losses(self) -> dict[str, float]: ...
    @property
    def seconds_left(self) -> float | None: ...


@contextmanager
def shown(as_json: bool, steps: int, *, first: str) -> Iterator[Callable[[Step], None]]:
    """How steps are shown: JSON lines, a bar on a terminal, or not at all. `first` is said before them."""
    if as_json:
        yield _json_lines()
        return
    console = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(first, total=steps, detail="")

        def show(step: Step) -> None:
            bar.update(
                task,
                description="Painting",
                completed=step.index,
                total=step.steps,
                detail=f"{step.width}x{step.height}  loss {step.losses['total']:.3g}  {_left(step)}",
            )

        yield show


def _left(step: Step) -> str:
    if step.seconds_left is None:
        return ""
    minutes, seconds = divmod(round(step.seconds_left), 60)
    return f"{minutes}:{seconds:02} left"


def _json_lines() -> Callable[[Step], None]:
    """Prints a JSON object a step, for as long as somebody reads them; the painting goes on regardless."""
    is_read = True

    def show(step: Step) -> None:
        nonlocal is_read
        names = ("index", "steps", "scale", "width", "height", "seconds", "losses")
        line = {name: getattr(step, name) for name in names}
        line = {"step": line.pop("index")} | line | {"seconds": round(step.seconds, 4)}
        try:
            if is_read:
                print(json.dumps(line), flush=True)
        except BrokenPipeError:
            is_read = False
            # Python flushes standard output once more at the end, and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return show
