"""The fast networks as previews use them, wherever they are."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from nst.images import Pixels

Vector = np.ndarray


class Stylizer(Protocol):
    """As `nst.fast.Stylizer`."""

    def vector(self, picture: Pixels) -> Vector: ...
    def paint(self, content: Pixels, vector: Vector) -> Pixels: ...


class Multistyle(Protocol):
    """As `nst.fast.Multistyle`."""

    def sheet(self, photograph: Pixels, size: int = 256) -> np.ndarray: ...


class Networks(NamedTuple):
    """The fast networks; `multistyle` loads its own when it is first needed."""

    stylizer: Stylizer
    multistyle: Callable[[], Multistyle]


def tensorflow_networks() -> Networks:
    """The real networks. TensorFlow is imported here; a `Refusal` says what to do without the weights."""
    from nst.fast import Multistyle, Stylizer

    return Networks(Stylizer(), Multistyle)


def warm_up(stylizer: Stylizer) -> None:
    """Paint something small, so that the first real picture need not wait for graphs to be traced."""
    grey = np.full((64, 64, 3), 128, np.uint8)
    stylizer.paint(grey, stylizer.vector(grey))
