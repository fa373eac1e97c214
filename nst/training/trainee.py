"""The network that learns: the transformer, with all its numbers free, for one painting alone."""

import numpy as np

from nst.fast.predictor import DIMENSIONS
from nst.fast.transformer import NORMALISED, Transformer
from nst.fast_weights import Constants
from nst.runtime import tf


class _Free(tf.Module):  # type: ignore[misc]
    """A layer's scale or shift once there is only one style: no vector has a say in it."""

    def __init__(self, values: tf.Tensor) -> None:
        """`values` (1, 1, 1, channels) are what it begins with."""
        super().__init__()
        self.values = tf.Variable(values[0, 0, 0])

    def __call__(self, _vectors: tf.Tensor) -> tf.Tensor:
        return self.values[None, None, None]


class Trainee(Transformer):
    """Begins as the network for all styles does in this one, so that there is little left to learn."""

    def __init__(self, constants: Constants, vector: np.ndarray) -> None:
        """`vector` (100,) is the painting's, as the style predictor sees it."""
        super().__init__(constants)
        self.kernels = {layer: tf.Variable(kernel) for layer, kernel in self.kernels.items()}
        self.biases = {layer: tf.Variable(bias) for layer, bias in self.biases.items()}
        vectors = tf.constant(vector[None], tf.float32)
        scales = {layer: _Free(scale(vectors)) for layer, scale in self.scales.items()}
        shifts = {layer: _Free(shift(vectors)) for layer, shift in self.shifts.items()}
        self.scales, self.shifts = dict(scales), dict(shifts)
        self._learnt = {"Conv_1": scales, "Conv": shifts}  # as the published file calls them

    def paint(self, pictures: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) float32 in 0..1 -> the same, painted. Sides must be multiples of 4, and at least 8."""
        return self(pictures, tf.zeros((1, 0)))

    def constants(self) -> Constants:
        """What was learnt, by the names and in the layout of the published network's file.

        A network made of them paints in this style whatever vector it is given.
        """
        learnt: Constants = {}
        for layer, kernel in self.kernels.items():
            learnt[f"transformer/{layer}/weights"] = kernel.numpy().transpose(3, 2, 0, 1)
        for layer, bias in self.biases.items():
            learnt[f"transformer/{layer}/Conv2D_bias"] = bias.numpy()
        for name, free in self._learnt.items():
            for layer in NORMALISED:
                stem = f"style_params/transformer/{layer}/StyleNorm/{name}"
                offset = free[layer].values.numpy()
                learnt[f"{stem}/Conv2D_bias"] = offset
                learnt[f"{stem}/weights"] = np.zeros((len(offset), DIMENSIONS, 1, 1), np.float32)
        return learnt
