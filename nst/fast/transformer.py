"""The transformer: paints pictures in the style that a vector tells (Ghiasi et al. 2017, arXiv 1705.06830).

Three convolutions bring the picture to a quarter of its size, five residual blocks work there, three more
convolutions bring it back. Every layer of the last two groups is normalised per picture and channel, and then
scaled and shifted as the style vector says: that is all a style is to this network.

This is the network as its authors describe it; `packed` computes the same, faster.
"""

from typing import Any, NamedTuple

import numpy as np

from nst.fast_weights import Constants
from nst.runtime import tf

RESIDUALS = tuple(f"residual/residual{block}" for block in range(1, 6))
EXPANSIONS = ("expand/conv1/conv", "expand/conv2/conv", "expand/conv3/conv")
NORMALISED = (*(f"{block}/conv{n}" for block in RESIDUALS for n in (1, 2)), *EXPANSIONS)
_EPSILON = 1e-5


class Linear(NamedTuple):
    """How a layer's scale or shift follows from the style vector."""

    matrix: np.ndarray
    offset: np.ndarray

    def __call__(self, vectors: tf.Tensor) -> tf.Tensor:
        """(N, 100) -> (N, 1, 1, channels)."""
        return (vectors @ self.matrix + self.offset)[:, None, None]


class Transformer(tf.Module):  # type: ignore[misc]
    """The network. Sides of pictures must be multiples of 4, and at least 8."""

    def __init__(self, constants: Constants) -> None:
        super().__init__(name="transformer")

        def linear(layer: str) -> Linear:
            name = f"style_params/transformer/{layer}"
            matrix, offset = constants[f"{name}/weights"], constants[f"{name}/Conv2D_bias"]
            return Linear(np.ascontiguousarray(matrix[:, :, 0, 0].T), offset)

        # NumPy arrays become constants of the traced graph: only then does TensorFlow lay kernels out for the
        # processor once, and fuse biases and activations into the convolutions.
        contractions = [f"contract/conv{n}" for n in (1, 2, 3)]
        self.kernels: dict[str, tf.Tensor] = {
            layer: np.ascontiguousarray(constants[f"transformer/{layer}/weights"].transpose(2, 3, 1, 0))
            for layer in (*contractions, *NORMALISED)
        }
        self.biases: dict[str, tf.Tensor] = {
            layer: constants[f"transformer/{layer}/Conv2D_bias"] for layer in contractions
        }
        self.scales: dict[str, Any] = {layer: linear(f"{layer}/StyleNorm/Conv_1") for layer in NORMALISED}
        self.shifts: dict[str, Any] = {layer: linear(f"{layer}/StyleNorm/Conv") for layer in NORMALISED}

    def __call__(self, pictures: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) float32 in 0..1 and (N, 100) style vectors -> (N, H, W, 3) float32 in 0..1."""
        x = pictures
        for layer, bias in self.biases.items():
            stride = 1 if layer == "contract/conv1" else 2
            x = tf.nn.relu(tf.nn.bias_add(self._convolved(x, layer, stride), bias))
        for block in RESIDUALS:
            inner = tf.nn.relu(self._styled(x, f"{block}/conv1", vectors))
            x += self._styled(inner, f"{block}/conv2", vectors)
        for layer in EXPANSIONS[:2]:
            doubled = tf.image.resize(x, 2 * tf.shape(x)[1:3], "nearest")
            x = tf.nn.relu(self._styled(doubled, layer, vectors))
        return tf.sigmoid(self._styled(x, EXPANSIONS[2], vectors))

    def _styled(self, x: tf.Tensor, layer: str, vectors: tf.Tensor) -> tf.Tensor:
        x = self._convolved(x, layer)
        mean, variance = tf.nn.moments(x, (1, 2), keepdims=True)
        factor, offset = self.folded(layer, vectors, mean, variance)
        return x * factor + offset

    def folded(
        self, layer: str, vectors: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Normalisation and style in one: what a layer's output is multiplied by, and what is added to it."""
        factor = self.scales[layer](vectors) * tf.math.rsqrt(variance + _EPSILON)
        return factor, self.shifts[layer](vectors) - mean * factor

    def _convolved(self, x: tf.Tensor, layer: str, stride: int = 1) -> tf.Tensor:
        """A convolution that sees the picture mirrored beyond its border."""
        kernel = self.kernels[layer]
        pad = kernel.shape[0] // 2
        mirrored = tf.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "REFLECT")
        return tf.nn.conv2d(mirrored, kernel, stride, "VALID")
