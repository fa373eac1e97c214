"""What a painter needs of an engine, whichever it is."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from nst.images import Pixels
from nst.options import Options


class Checkpoint(Protocol):
    """What an engine needs to go on from a step."""

    @property
    def index(self) -> int: ...
    def to_bytes(self) -> bytes: ...


class Step(Protocol):
    """One optimisation step, as the engine tells of it."""

    @property
    def index(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def scale(self) -> int: ...
    @property
    def scales(self) -> int: ...
    @property
    def ends_scale(self) -> bool: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def seconds_left(self) -> float | None: ...
    @property
    def losses(self) -> dict[str, float]: ...
    @property
    def image(self) -> Pixels: ...
    def enlarged(self, long_side: int | None = None) -> Pixels:
        """The picture at the size of the run, or at one in between; as it is where it is as large."""
        ...

    def checkpoint(self) -> Checkpoint: ...


class Run(Protocol):
    """A painting under way: its steps, one after the other, until none is left.

    `steer` takes the live options, `blend`, `masks` and `guides` by name, each as the engine's `run` does,
    and acts from the next step on. Fewer steps than are done means: finish as soon as possible.
    `interrupt`, from any thread, gives up the step that is under way: it raises `Interrupted`, and may be
    begun anew.
    """

    def __iter__(self) -> Iterator[Step]: ...
    def __next__(self) -> Step: ...
    @property
    def steer(self) -> Callable[..., None]: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...


class Engine(NamedTuple):
    """The engine's `run`, and how a checkpoint is read back.

    `check(width, height, options)`, if there is one, raises a `Refusal` for a photograph of a size that the
    engine could not paint.
    """

    run: Callable[..., Run]
    restore: Callable[[bytes], Checkpoint]
    check: Callable[[int, int, Options], None] | None = None
