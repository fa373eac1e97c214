"""The fast networks: a picture painted in one pass. Pure numerics on TensorFlow, as the engine is."""

from nst.fast.stylizer import Stylizer, mixed

__all__ = ["Stylizer", "mixed"]
