"""What the way back through a layer has to know, when the filters are fixed: one bit a value.

The gradient passes a ReLU where its value was above zero, and a pooling where the value was the one taken.
A layer that no loss looks at need not be kept for its gradient's sake; its gate is a sixteenth of its size.
"""

import numpy as np
import tensorflow as tf

from nst.engine.vgg19 import pooled

_PLACES = (1 << np.arange(8, dtype=np.uint8))[:, None]  # what each bit of a byte stands for


def of_relu(features: tf.Tensor) -> tf.Tensor:
    """The gate of (1, h, w, c) features after their ReLU: (n,) uint8."""
    return packed(features > 0)


def of_pooling(features: tf.Tensor) -> tf.Tensor:
    """The gate of features after their ReLU and before pooling: of equal values in a window one is taken."""
    largest = pooled(features)
    taken = tf.raw_ops.MaxPoolGrad(
        orig_input=features,
        orig_output=largest,
        grad=tf.ones_like(largest),
        ksize=[1, 2, 2, 1],
        strides=[1, 2, 2, 1],
        padding="SAME",
    )
    return packed((taken > 0) & (features > 0))


def through(gate: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """The gradient where the gate is open, zero elsewhere."""
    return tf.where(opened(gate, tf.shape(gradient)), gradient, tf.zeros((), gradient.dtype))


def packed(flags: tf.Tensor) -> tf.Tensor:
    """Flags of any shape, eight to a byte: the first eighth of them are the lowest bits."""
    flags = tf.cast(tf.reshape(flags, (-1,)), tf.uint8)
    flags = tf.pad(flags, [[0, -tf.size(flags) % 8]])
    return tf.reduce_sum(tf.reshape(flags, (8, -1)) * _PLACES, 0)


def opened(bits: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
    """The flags that were packed."""
    flags = tf.reshape(tf.bitwise.bitwise_and(bits[None], _PLACES) > 0, (-1,))
    return tf.reshape(flags[: tf.reduce_prod(shape)], shape)


def spread(gradient: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    """A gradient of pooled features, (1, h, w, c), repeated over the windows that they were taken from."""
    _, rows, columns, channels = tf.unstack(tf.shape(gradient))
    windows = tf.broadcast_to(gradient[0, :, None, :, None], (rows, 2, columns, 2, channels))
    return tf.reshape(windows, (1, 2 * rows, 2 * columns, channels))[:, :height, :width]
