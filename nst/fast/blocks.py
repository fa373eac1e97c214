"""Convolutions in packed form: 2x2 pixels as one position with four times the channels.

A convolution is fast when it has many channels, and the networks that paint in one pass have few where the
picture is large: the last layer of each has 3, and took a fourth of all the time. So there each block of 2x2
pixels is one position (its channels in TensorFlow's order: row, column, channel). A 9x9 convolution of pixels
is then a 5x5 convolution of blocks, with zeros where its window does not reach; pixels repeated and then
convolved are one convolution of what they were repeated from; and the arithmetic stays what it was, to
rounding.

For the transformer at 512x512 on two cores of an EPYC with AVX-512, in milliseconds, plain and packed: first
convolution 6.5 and 3.5, first expansion 3.2 and 1.8, second 5.3 and 2.1, last 12.7 and 5. Packing by 4x4 was
slower again. To mirror one pixel beyond the border took 0.7 as a padding and 0.3 as two concatenations.
"""

import math
from typing import NamedTuple

import numpy as np

from nst.runtime import tf

LEAST = 16  # pixels on a side, so that there are blocks to mirror
MULTIPLE = 4  # of which sides must be multiples


class Moments(NamedTuple):
    """What a layer is normalised by, (N, 1, 1, channels) each."""

    mean: tf.Tensor
    variance: tf.Tensor


def padded(pictures: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W, 3) whose sides the networks can take, mirrored at the right and below."""
    _, height, width, _ = pictures.shape
    more = [max(LEAST, math.ceil(side / MULTIPLE) * MULTIPLE) - side for side in (height, width)]
    return (
        np.pad(pictures, ((0, 0), (0, more[0]), (0, more[1]), (0, 0)), "reflect") if any(more) else pictures
    )


def moments_of(x: tf.Tensor, channels: int) -> Moments:
    """Mean and variance of each channel of a picture, whose positions are pixels or blocks of them."""
    mean, variance = tf.nn.moments(x, (1, 2), keepdims=True)
    if x.shape[-1] != channels:
        # All blocks have as many pixels: the variance of the whole is that within and that between.
        shape = (-1, 1, x.shape[-1] // channels, channels)
        mean, between = tf.nn.moments(tf.reshape(mean, shape), 2, keepdims=True)
        variance = tf.reduce_mean(tf.reshape(variance, shape), 2, keepdims=True) + between
    return Moments(mean, variance)


def scaled(x: tf.Tensor, factor: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    """Each channel multiplied and added to, (N, 1, 1, channels), whether x has pixels or blocks of them."""
    copies = x.shape[-1] // factor.shape[-1]
    return x * tf.tile(factor, (1, 1, 1, copies)) + tf.tile(offset, (1, 1, 1, copies))


def convolved(x: tf.Tensor, kernel: np.ndarray, stride: int = 1, *, beyond: int = 1) -> tf.Tensor:
    """A 3x3 convolution; `beyond` the border lies the border itself (0) or the row next to it (1)."""
    last = -1 - beyond
    x = tf.concat((x[:, beyond : beyond + 1], x, x[:, last : last + 1 or None]), 1)
    x = tf.concat((x[:, :, beyond : beyond + 1], x, x[:, :, last : last + 1 or None]), 2)
    return tf.nn.conv2d(x, kernel, stride, "VALID")


def mirrored_blocks(x: tf.Tensor, axis: int) -> tf.Tensor:
    """Blocks of pixels, with four pixels mirrored beyond the border at both ends of an axis.

    Rows -4..-1 are rows 4, 3, 2, 1, so blocks that straddle those there are: the first row of one block, and
    the second row of the block before it.
    """
    if x.shape.is_fully_defined():  # for export: the operations that phones' graphics processors know
        beyond = [(4, 4) if one == axis else (0, 0) for one in range(4)]
        return tf.nn.space_to_depth(tf.pad(tf.nn.depth_to_space(x, 2), beyond, "REFLECT"), 2)
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


def of_blocks(kernel: np.ndarray) -> np.ndarray:
    """A convolution of pixels as one of 2x2 blocks: (k, k, in, out) -> (k // 2 + 1, .., 4 * in, 4 * out)."""
    size, _, inputs, outputs = kernel.shape
    wide = size // 2 + 1
    blocks = np.zeros((wide, 2, wide, 2, inputs, 2, 2, outputs), np.float32)
    for row, column in np.ndindex(2, 2):  # of the pixel in its block that comes out
        for y, x in np.ndindex(size, size):
            down, across = row + y, column + x
            blocks[down // 2, down % 2, across // 2, across % 2, :, row, column] = kernel[y, x]
    return blocks.transpose(0, 2, 1, 3, 4, 5, 6, 7).reshape(wide, wide, 4 * inputs, 4 * outputs)


def of_blocks_halved(kernel: np.ndarray) -> np.ndarray:
    """A 3x3 convolution of every other pixel, as one of 2x2 blocks: (3, 3, in, out) -> (2, 2, 4 * in, out).

    It sees the pixel before a block and the two of it, in each direction.
    """
    _, _, inputs, outputs = kernel.shape
    pixels = np.zeros((4, 4, inputs, outputs), np.float32)
    pixels[1:, 1:] = kernel
    blocks = pixels.reshape(2, 2, 2, 2, inputs, outputs).transpose(0, 2, 1, 3, 4, 5)
    return np.ascontiguousarray(blocks).reshape(2, 2, 4 * inputs, outputs)


def doubling(kernel: np.ndarray) -> np.ndarray:
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
