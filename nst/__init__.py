"""Neural style transfer: `from nst import StyleTransfer, Options`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nst.engine.transfer import Checkpoint, Painting, Step, StyleTransfer
    from nst.options import Options

__all__ = ["Checkpoint", "Options", "Painting", "Step", "StyleTransfer"]


def __getattr__(name: str) -> Any:
    # TensorFlow takes seconds to import, and a web process never needs it: only who paints pays. Nor does
    # `python -m nst` import anything before it can answer Ctrl-C.
    if name == "Options":
        return import_module("nst.options").Options
    if name in __all__:
        return getattr(import_module("nst.engine.transfer"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
