"""VGG19's convolutions (Simonyan and Zisserman 2014, arXiv 1409.1556) as a feature extractor."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import tensorflow as tf

CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)
_MEAN_BGR = (103.939, 116.779, 123.68)  # what the weights were trained to see subtracted


class Vgg19:
    """Features of a picture at named layers, `relu1_1` to `relu5_4`.

    Two departures from the classifier, both for the sake of the picture's border: the first convolution
    sees the edge pixels repeated instead of zeros, which would paint a dark frame; and pooling rounds
    odd sizes up, so that the last row and column are seen by every layer and no side is too short.
    """

    def __init__(self, weights: Mapping[str, tuple[np.ndarray, np.ndarray]], dtype: tf.DType) -> None:
        """`weights` maps "block1_conv1"... to (kernel (3, 3, in, out), bias (out,)), BGR as Keras has it."""
        self.dtype = dtype
        self._kernels = {}
        self._biases = {}
        for name, (kernel, bias) in weights.items():
            if name == "block1_conv1":  # pictures are RGB here: turn the kernel round, not every picture
                kernel = kernel[:, :, ::-1, :]
            layer = f"relu{name[5]}_{name[-1]}"
            self._kernels[layer] = tf.constant(kernel, dtype)
            self._biases[layer] = tf.constant(bias, dtype)
        self._mean = tf.constant(_MEAN_BGR[::-1], tf.float32)

    def channels(self, layer: str) -> int:
        """Number of feature maps of a layer."""
        return int(self._biases[layer].shape[0])

    def inputs(self, layer: str) -> int:
        """Number of feature maps that a layer's convolution sees."""
        return int(self._kernels[layer].shape[2])

    def depth(self, number: int, layers: Collection[str]) -> int:
        """How many convolutions of a block `layers` need."""
        if number < last_block(layers):
            return CONVOLUTIONS_PER_BLOCK[number - 1]
        return max(int(layer[-1]) for layer in layers if int(layer[4]) == number)

    def held(self, number: int, layers: Collection[str]) -> list[str]:
        """The layers of a block that `layers` need, in their order."""
        return [f"relu{number}_{n}" for n in range(1, self.depth(number, layers) + 1)]

    def __call__(
        self,
        picture: tf.Tensor,
        layers: Collection[str],
        gate: Callable[[tf.Tensor], tf.Tensor] = lambda x: x,
    ) -> dict[str, tf.Tensor]:
        """Features at `layers` of a (1, H, W, 3) float32 RGB picture in 0..255, in the extractor's dtype.

        What goes from one convolution to the next goes through the `gate`.
        """
        found: dict[str, tf.Tensor] = {}
        x = picture
        for block in range(1, last_block(layers) + 1):
            features, x = self.block(block, x, layers, gate)
            found |= features
        return found

    def block(
        self,
        number: int,
        x: tf.Tensor,
        layers: Collection[str],
        gate: Callable[[tf.Tensor], tf.Tensor] = lambda x: x,
    ) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """One block: its features at those of `layers` that it holds, and its pooled output.

        `x` is the picture for block 1, and the pooled output of the block before for the others. The last
        block that `layers` need stops at the last layer that they need.
        """
        unknown = [layer for layer in layers if layer not in self._kernels]
        if unknown:
            raise ValueError(f"VGG19 has no layer {unknown}")
        if number == 1:
            padded = tf.pad(x - self._mean, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
            x = tf.cast(padded, self.dtype)
        found = {}
        for layer in self.held(number, layers):
            x = self.convolved(layer, x if layer == "relu1_1" else gate(x))
            if layer in layers:
                found[layer] = x
        return found, pooled(x)

    def convolved(self, layer: str, x: tf.Tensor) -> tf.Tensor:
        """One layer of the layer before it."""
        padding = "VALID" if layer == "relu1_1" else "SAME"  # the picture comes padded
        x = tf.nn.conv2d(x, self._kernels[layer], 1, padding)
        return tf.nn.relu(tf.nn.bias_add(x, self._biases[layer]))

    def convolved_back(self, layer: str, gradient: tf.Tensor) -> tf.Tensor:
        """The gradient of a layer's input, from that of its convolution; not of the first layer of all."""
        _, height, width, _ = tf.unstack(tf.shape(gradient))
        return tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.stack([1, height, width, self.inputs(layer)]),
            filter=self._kernels[layer],
            out_backprop=gradient,
            strides=[1, 1, 1, 1],
            padding="SAME",
        )


def pooled(x: tf.Tensor) -> tf.Tensor:
    """The largest of every 2x2 features; at an odd edge of those that there are."""
    return tf.nn.max_pool2d(x, 2, 2, "SAME")


def last_block(layers: Collection[str]) -> int:
    """The block of the deepest of `layers`."""
    return max(int(layer[4]) for layer in layers)
