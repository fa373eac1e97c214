"""A whole studio, page and API, in a process of its own: `python -m inputs.studio_process [weightless]`.

Everything is as it is shipped but the engine, which paints nothing; what befalls a painting, its seed says.
`weightless` has an engine that asks for the real weights, where there are none.
"""

import sys
from collections.abc import Callable

from jobs.fake_engine import FakeEngine, FakeRun
from jobs.fake_networks import FakeNetworks
from video.painters import Negative

from nst import weights
from nst.errors import Refusal
from nst.jobs.painters.engine import Engine
from nst.jobs.studio import Studio
from nst.options import Options
from nst.video.styling import Painter

NOT_FINITE, NO_MEMORY = 101, 102  # seeds
FAILS_AT = 4  # steps
MEMORY_GONE = "37 GB"
NOT_FINITE_WORDS = "The loss of this picture cannot be computed with these weights. Try smaller weights."


class Mishaps(FakeEngine):
    def run(self, content: object, styles: object, options: Options, **more: object) -> FakeRun:
        mishaps: dict[int, BaseException] = {
            NOT_FINITE: Refusal("loss_not_finite", NOT_FINITE_WORDS),
            NO_MEMORY: MemoryError(MEMORY_GONE),
        }
        self.failures = {FAILS_AT: mishaps[options.seed]} if options.seed in mishaps else {}
        return super().run(content, styles, options, **more)


def weightless() -> Engine:
    weights.vgg19()
    raise AssertionError("there are weights after all")


def main(act: str = "") -> None:
    serve(weightless if act == "weightless" else Mishaps(pace=0.01).load)


def serve(load: Callable[[], Engine], painter: Callable[[], Painter] = Negative) -> None:
    """`python app.py` with this engine, and this painter of videos."""
    made = Studio.__init__

    def make(self: Studio, settings: object, **_: object) -> None:
        painters = {"video_painter": lambda styles, options: painter(), "networks": FakeNetworks().load}
        made(self, settings, load, **painters)

    Studio.__init__ = make
    import app  # makes its studio at once

    app.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
