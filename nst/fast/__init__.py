"""The fast networks: a picture painted in one pass. Pure numerics on TensorFlow, as the engine is."""

from nst.fast.multistyle import Multistyle
from nst.fast.stylizer import Stylizer

__all__ = ["Multistyle", "Stylizer"]
