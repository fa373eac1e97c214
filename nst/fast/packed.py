"""The transformer, computed in packed form: the same network in half the time.

A convolution is fast when it has many channels, and this network's largest layers have few: the last one has
3, and took a fourth of all the time. So where the picture is large, each 2x2 block of pixels is one position
with four times the channels (TensorFlow's order: row, column, channel). A 9x9 convolution of pixels is then a
5x5 convolution of blocks, with zeros where its window does not reach; pixels repeated and then convolved are
one convolution of what they were repeated from; and the arithmetic stays what it was, to rounding.

At 512x512 on two cores of an EPYC with AVX-512, in milliseconds, plain against packed: first convolution 6.5
and 3.5, first expansion 3.2 and 1.8, second 5.3 and 2.1, last 12.7 and 5. Packing by 4x4 was slower again.
Mirroring one pixel beyond the border took 0.7 as a padding and 0.3 as two concatenations.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nst.fast.transformer import EXPANSIONS, NORMALISED, RESIDUALS, Transformer
from nst.fast_weights import Constants
from nst.runtime import tf

LEAST = 16  # pixels on a side, so that there are blocks to mirror
REACH = 60  # no pixel depends on any that is further away, but by the moments


class Moments(NamedTuple):
    """What a layer is normalised by, (N, 1, 1, channels) each."""

    mean: tf.Tensor
    variance: tf.Tensor


class PackedTransformer(Transformer):
    """The network. Sides of pictures must be multiples of 4, and at least 16."""

    def __init__(self, constants: Constants) -> None:
        super().__init__(constants)
        self._first = _of_blocks(self.kernels["contract/conv1"])
        self._second = _of_blocks_halved(self.kernels["contract/conv2"])
        self._doubling = {layer: _doubling(self.kernels[layer]) for layer in EXPANSIONS[:2]}
        self._last = _of_blocks(self.kernels[EXPANSIONS[2]])

    def __call__(self, pictures: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) float32 in 0..1 and (N, 100) style vectors -> (N, H, W, 3) float32 in 0..1."""
        return self.painted(pictures, vectors)[0]

    def painted(
        self, pictures: tf.Tensor, vectors: tf.Tensor, moments: Sequence[Moments] | None = None
    ) -> tuple[tf.Tensor, list[Moments]]:
        """The pictures painted, and the moments of each layer that is normalised.

        With `moments`, of another picture or of the whole that these are parts of, those count instead.
        """
        known = dict(zip(NORMALISED, moments, strict=True)) if moments is not None else {}
        seen: list[Moments] = []

        def styled(x: tf.Tensor, layer: str) -> tf.Tensor:
            own = known.get(layer) or _moments(x, self.kernels[layer].shape[-1])
            seen.append(own)
            factor, offset = self.folded(layer, vectors, *own)
            copies = x.shape[-1] // factor.shape[-1]  # of each channel: one for each pixel of a block
            return x * tf.tile(factor, (1, 1, 1, copies)) + tf.tile(offset, (1, 1, 1, copies))

        x = self._contracted(pictures)
        for block in RESIDUALS:
            inner = styled(_convolved(x, self.kernels[f"{block}/conv1"]), f"{block}/conv1")
            x += styled(_convolved(tf.nn.relu(inner), self.kernels[f"{block}/conv2"]), f"{block}/conv2")
        for layer in EXPANSIONS[:2]:
            # Between the two expansions the blocks are laid out; after the second they stay blocks.
            x = x if layer == EXPANSIONS[0] else tf.nn.depth_to_space(x, 2)
            x = tf.nn.relu(styled(_convolved(x, self._doubling[layer], beyond=0), layer))
        x = tf.nn.conv2d(_mirrored_blocks(_mirrored_blocks(x, 1), 2), self._last, 1, "VALID")
        return tf.nn.depth_to_space(tf.sigmoid(styled(x, EXPANSIONS[2])), 2), seen

    def _contracted(self, pictures: tf.Tensor) -> tf.Tensor:
        pad = len(self.kernels["contract/conv1"]) // 2
        mirrored = tf.pad(pictures, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "REFLECT")
        first, second, third = self.biases.values()
        blocks = tf.nn.space_to_depth(mirrored, 2)
        x = tf.nn.conv2d(blocks, self._first, 1, "VALID")
        x = tf.nn.relu(tf.nn.bias_add(x, np.tile(first, 4)))
        # Row -1 of the pixels is row 1: the second row of the first block, repeated above it.
        x = tf.concat((x[:, :1], x), 1)
        x = tf.concat((x[:, :, :1], x), 2)
        x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, self._second, 1, "VALID"), second))
        x = _convolved(x, self.kernels["contract/conv3"], stride=2)
        return tf.nn.relu(tf.nn.bias_add(x, third))


def _moments(x: tf.Tensor, channels: int) -> Moments:
    """Mean and variance of each channel of a picture, whose positions are pixels or blocks of them."""
    mean, variance = tf.nn.moments(x, (1, 2), keepdims=True)
    if x.shape[-1] != channels:
        # All blocks have as many pixels: the variance of the whole is that within and that between.
        shape = (-1, 1, x.shape[-1] // channels, channels)
        mean, between = tf.nn.moments(tf.reshape(mean, shape), 2, keepdims=True)
        variance = tf.reduce_mean(tf.reshape(variance, shape), 2, keepdims=True) + between
    return Moments(mean, variance)


def _convolved(x: tf.Tensor, kernel: np.ndarray, stride: int = 1, *, beyond: int = 1) -> tf.Tensor:
    """A 3x3 convolution; `beyond` the border lies the border itself (0) or the row next to it (1)."""
    last = -1 - beyond
    x = tf.concat((x[:, beyond : beyond + 1], x, x[:, last : last + 1 or None]), 1)
    x = tf.concat((x[:, :, beyond : beyond + 1], x, x[:, :, last : last + 1 or None]), 2)
    return tf.nn.conv2d(x, kernel, stride, "VALID")


def _mirrored_blocks(x: tf.Tensor, axis: int) -> tf.Tensor:
    """Blocks of pixels, with four pixels mirrored beyond the border at both ends of an axis.

    Rows -4..-1 are rows 4, 3, 2, 1, so blocks that straddle those there are: the first row of one block, and
    the second row of the block before it.
    """
    blocks = tf.shape(x)[axis]

    def straddling(first: tf.Tensor) -> tf.Tensor:
        sides = tf.gather(x, tf.stack((first, first - 1)), axis=axis)
        n, height, width = tf.unstack(tf.shape(sides)[:3])
        pixels = tf.reshape(sides, (n, height, width, 2, 2, x.shape[-1] // 4))
        if axis == 1:
            one = tf.stack((pixels[:, 0, :, 0], pixels[:, 1, :, 1]), 2)
            return tf.reshape(one, (n, 1, width, x.shape[-1]))
        one = tf.stack((pixels[:, :, 0, :, 0], pixels[:, :, 1, :, 1]), 3)
        return tf.reshape(one, (n, height, 1, x.shape[-1]))

    before = (straddling(tf.constant(2)), straddling(tf.constant(1)))
    behind = (straddling(blocks - 1), straddling(blocks - 2))
    return tf.concat((*before, x, *behind), axis)


def _of_blocks(kernel: np.ndarray) -> np.ndarray:
    """A convolution of pixels as one of 2x2 blocks: (k, k, in, out) -> (k // 2 + 1, .., 4 * in, 4 * out)."""
    size, _, inputs, outputs = kernel.shape
    wide = size // 2 + 1
    blocks = np.zeros((wide, 2, wide, 2, inputs, 2, 2, outputs), np.float32)
    for row, column in np.ndindex(2, 2):  # of the pixel in its block that comes out
        for y, x in np.ndindex(size, size):
            down, across = row + y, column + x
            blocks[down // 2, down % 2, across // 2, across % 2, :, row, column] = kernel[y, x]
    return blocks.transpose(0, 2, 1, 3, 4, 5, 6, 7).reshape(wide, wide, 4 * inputs, 4 * outputs)


def _of_blocks_halved(kernel: np.ndarray) -> np.ndarray:
    """A 3x3 convolution of every other pixel, as one of 2x2 blocks: (3, 3, in, out) -> (2, 2, 4 * in, out).

    It sees the pixel before a block and the two of it, in each direction.
    """
    _, _, inputs, outputs = kernel.shape
    pixels = np.zeros((4, 4, inputs, outputs), np.float32)
    pixels[1:, 1:] = kernel
    blocks = pixels.reshape(2, 2, 2, 2, inputs, outputs).transpose(0, 2, 1, 3, 4, 5)
    return np.ascontiguousarray(blocks).reshape(2, 2, 4 * inputs, outputs)


def _doubling(kernel: np.ndarray) -> np.ndarray:
    """Pixels doubled and then convolved, as one convolution that gives blocks of pixels.

    (3, 3, in, out) -> (3, 3, in, 4 * out). Of the doubled pixels that a window sees, those that were one
    pixel see the sum of their weights.
    """
    _, _, inputs, outputs = kernel.shape
    blocks = np.zeros((3, 3, inputs, 2, 2, outputs), np.float32)
    for row, column in np.ndindex(2, 2):
        for y, x in np.ndindex(3, 3):
            blocks[(row + y + 1) // 2, (column + x + 1) // 2, :, row, column] += kernel[y, x]
    return blocks.reshape(3, 3, inputs, 4 * outputs)
