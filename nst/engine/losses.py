"""What the optimisation pulls on: content, style and smoothness.

Every loss is a ratio without unit: an error divided by the size of what is compared, so that a weight
of 1 means the same for a small picture and a large one, a pale painting and a stark one.
Features are (1, h, w, c) tensors of any float type; all sums are taken in float32.
"""

import tensorflow as tf

# A sixth of what VGG19's relu4_2 has for a photograph. Without it a flat picture, whose features are a
# hundred times smaller, would resist every brushstroke.
CONTENT_FLOOR = 1e5


def gram_matrix(features: tf.Tensor) -> tf.Tensor:
    """G = F'F / (h w): which channels fire together (Gatys et al. 2016, equation 3); (c, c) float32."""
    flat = tf.reshape(tf.cast(features, tf.float32), (-1, features.shape[-1]))
    return tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.shape(flat)[0], tf.float32)


def guided_gram_matrix(features: tf.Tensor, guide: tf.Tensor) -> tf.Tensor:
    """The Gram matrix of the features inside a guide (Gatys et al. 2017, arXiv 1611.07865, equation 3).

    `guide` is (1, h, w, 1) float32 with mean(guide^2) = 1, which makes the matrix as large for a small
    region as for the whole picture.
    """
    return gram_matrix(tf.cast(features, tf.float32) * guide)


def style_loss(gram: tf.Tensor, target: tf.Tensor, unit: tf.Tensor) -> tf.Tensor:
    """mean((G - G_style)^2) / unit, with `unit` from `style_unit`; a scalar."""
    return tf.reduce_mean(tf.square(gram - target)) / unit


def style_unit(target: tf.Tensor) -> tf.Tensor:
    """The size of a style's Gram matrix, mean(G_style^2), kept from zero."""
    return tf.reduce_mean(tf.square(target)) + 1e-6


def content_loss(features: tf.Tensor, target: tf.Tensor, unit: tf.Tensor) -> tf.Tensor:
    """mean((F - F_content)^2) / unit, with `unit` from `content_unit`; a scalar."""
    return tf.reduce_mean(tf.square(tf.cast(features, tf.float32) - tf.cast(target, tf.float32))) / unit


def content_unit(target: tf.Tensor) -> tf.Tensor:
    """The size of the photograph's features, mean(F_content^2), plus a floor."""
    return tf.reduce_mean(tf.square(tf.cast(target, tf.float32))) + CONTENT_FLOOR


def total_variation(picture: tf.Tensor) -> tf.Tensor:
    """Mean squared difference of neighbouring pixels of a (1, H, W, 3) picture in 0..255, on a 0..1 scale."""
    down = picture[:, 1:, :, :] - picture[:, :-1, :, :]
    right = picture[:, :, 1:, :] - picture[:, :, :-1, :]
    return (tf.reduce_mean(tf.square(down)) + tf.reduce_mean(tf.square(right))) / 255.0**2
