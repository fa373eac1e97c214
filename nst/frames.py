"""The pictures of a run, saved as it goes: `--save-every N DIR`."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from nst import images
from nst.errors import Refusal

if TYPE_CHECKING:
    from nst.engine.painting import Step


class Frames:
    """Every `every`th picture of a run and its last as `folder/000NNN.png`, at the run's full size.

    Each is enlarged and written by a thread of its own while the next steps are painted; at most one is under
    way, so that memory does not grow on a slow disk. Leaving the context waits for the last one.
    """

    def __init__(self, every: int, folder: Path) -> None:
        self._every = every
        self._folder = folder
        self._writer = ThreadPoolExecutor(1, "frames")
        self._under_way: Future[None] | None = None

    @classmethod
    def asked_for(cls, choice: tuple[str, str]) -> "Frames":
        """From the two values of `--save-every`; makes the folder.

        Raises:
            Refusal: `bad_usage` for what is no number of steps, `bad_output` where the folder cannot be.
        """
        count, folder = choice
        if not (count.isascii() and count.isdigit()) or int(count) < 1:
            raise Refusal(
                "bad_usage", f"the first value must be a whole number of steps, not {count}.", "--save-every"
            )
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal("bad_output", f"{folder}: {error.strerror}.", "--save-every") from error
        return cls(int(count), Path(folder))

    def add(self, step: "Step") -> None:
        """Save the picture after this step, if it is one of them. Raises what saving the one before did."""
        if step.index % self._every and step.index != step.steps:
            return
        self._finish()
        self._under_way = self._writer.submit(self._save, step)

    def _save(self, step: "Step") -> None:
        images.write(self._folder / f"{step.index:06d}.png", images.encode_png(step.enlarged(), quick=True))

    def _finish(self) -> None:
        if self._under_way is not None:
            self._under_way.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._writer.shutdown()
        if kind is None:
            self._finish()
