"""The pictures of a run, saved as it goes: `--save-every N DIR`."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from nst import images
from nst.arguments import complain
from nst.errors import Refusal
from nst.images import Pixels

if TYPE_CHECKING:
    from nst.engine.painting import Step


class Frames:
    """Every `every`th picture of a run and its last as `folder/000NNN.png`.

    Each is made and written by a thread of its own while the next steps are painted; at most one is under
    way, so that memory does not grow on a slow disk. Leaving the context waits for the last one. The first
    that cannot be written is complained of, and no other is tried: the run goes on.
    """

    def __init__(self, every: int, folder: Path) -> None:
        self._every = every
        self._folder = folder
        self._newest = 0
        self._writer = ThreadPoolExecutor(1, "frames")
        self._under_way: Future[None] | None = None
        self.are_given_up = False

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
        """Save the picture after this step at the run's full size, if it is one of them."""
        if self.is_due(step.index) or step.index == step.steps:
            self.save(step.index, step.enlarged)

    def is_due(self, index: int) -> bool:
        """Whether it is time for another one; also late, where steps were passed over."""
        return not self.are_given_up and index // self._every > self._newest // self._every

    def save(self, index: int, picture: Callable[[], Pixels]) -> None:
        """Save the picture after step `index`, unless it is there."""
        self._finish()
        if index > self._newest and not self.are_given_up:
            self._newest = index
            self._under_way = self._writer.submit(self._write, index, picture)

    def _write(self, index: int, picture: Callable[[], Pixels]) -> None:
        images.write(self._folder / f"{index:06d}.png", images.encode_png(picture(), quick=True))

    def _finish(self) -> None:
        if self._under_way is None:
            return
        try:
            self._under_way.result()
        except OSError as error:
            self.are_given_up = True
            complain(f"{self._folder}: {error.strerror or error}. No more pictures are saved there.")
        self._under_way = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._writer.shutdown()
        if kind is None:
            self._finish()
