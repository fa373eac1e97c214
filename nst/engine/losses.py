"""What holds a painting together: the photograph's content, and smoothness. Style has a file of its own.

Every loss is a ratio without unit: an error divided by the size of what is compared, so that a weight
of 1 means the same for a small picture and a large one, a pale painting and a stark one.
Features are (1, h, w, c) tensors of any float type; all sums are taken in float32.
"""

from typing import NamedTuple

import tensorflow as tf

# A sixth of what VGG19's relu4_2 has for a photograph. Without it a flat picture, whose features are a
# hundred times smaller, would resist every brushstroke.
CONTENT_FLOOR = 1e5


class Content(NamedTuple):
    """What the content loss compares with.

    `features` (1, h, w, c) are the photograph's, of any float type; `unit` makes a loss of their squared
    distance; `guide` (1, h, w, 1), where there is one, has mean(guide^2) = 1 and says where it counts.
    """

    features: tf.Tensor
    unit: tf.Tensor
    guide: tuple[tf.Tensor, ...]


def content_unit(features: tf.Tensor) -> tf.Tensor:
    """The size of the photograph's features, mean(F_content^2), plus a floor; times their number."""
    features = tf.cast(features, tf.float32)
    number = tf.cast(tf.size(features), tf.float32)
    return tf.reduce_sum(tf.square(features)) + CONTENT_FLOOR * number


def content_distance(features: tf.Tensor, content: Content) -> tf.Tensor:
    """sum((F - F_content)^2), under the guide; over `content.unit` it is the content loss. A scalar."""
    difference = tf.cast(features, tf.float32) - tf.cast(content.features, tf.float32)
    for guide in content.guide:
        difference *= guide
    return tf.reduce_sum(tf.square(difference))


@tf.custom_gradient
def total_variation(picture: tf.Tensor) -> tuple[tf.Tensor, object]:
    """Mean squared difference of neighbouring pixels of a (1, H, W, 3) picture in 0..255, on a 0..1 scale."""
    down = picture[:, 1:] - picture[:, :-1]
    right = picture[:, :, 1:] - picture[:, :, :-1]

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        # Written out: TensorFlow's own way back through the slices costs more than a convolution.
        pull = _between(down, 1) + _between(right, 2)
        return upstream * 2.0 / 255.0**2 * pull

    return (_mean_square(down) + _mean_square(right)) / 255.0**2, gradient


def _mean_square(x: tf.Tensor) -> tf.Tensor:
    return tf.math.divide_no_nan(tf.reduce_sum(tf.square(x)), tf.cast(tf.size(x), tf.float32))


def _between(differences: tf.Tensor, axis: int) -> tf.Tensor:
    """Each pixel's share of the mean square's gradient: the difference before it less the one after it."""
    before, after = ([pad if a == axis else [0, 0] for a in range(4)] for pad in ([1, 0], [0, 1]))
    spread = tf.pad(differences, before) - tf.pad(differences, after)
    return tf.math.divide_no_nan(spread, tf.cast(tf.size(differences), tf.float32))
