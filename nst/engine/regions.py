"""Masks as guides: where on the picture, and on each of the network's layers, a style may work."""

import tensorflow as tf


def normalized(guide: tf.Tensor) -> tf.Tensor:
    """The guide scaled so that mean(guide^2) = 1; an empty guide stays empty. (1, h, w, 1) float32."""
    return tf.math.divide_no_nan(guide, tf.sqrt(tf.reduce_mean(tf.square(guide))))


def layer_guide(mask: tf.Tensor, layer: str) -> tf.Tensor:
    """A (1, H, W, 1) mask in 0..1 averaged down to the positions of a VGG19 layer, not yet normalised."""
    for _ in range(int(layer[4]) - 1):  # halved as the network's own pooling halves, odd sizes included
        mask = tf.nn.avg_pool2d(mask, 2, 2, "SAME")
    return mask
