"""Holding on to a picture: what keeps a video's frame where the one before it leads."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from nst import images
from nst.engine.optimizers import PICTURE, SCALAR, Evaluation
from nst.engine.subject import Mask, Pixels, checked_mask, checked_pixels, tensor

LOSS_NAME = "anchor"
# What a weight of 1 stands for, in the mean squared difference of pixels on a 0..1 scale: chosen so that a
# video's frames follow each other and still finish what comes into view.
SCALE = 500.0


class Anchor(NamedTuple):
    """A picture (H, W, 3) uint8 that a run holds on to where `mask`, as runs take them, is white."""

    picture: Pixels
    mask: Mask
    weight: float = 1.0


class Hold:
    """An anchor at one scale: weight * mean(mask * (x - picture)^2) (Ruder et al. 2016, equation 7).

    The mean is over all pixels: where little of the picture before is left, little is held.
    """

    def __init__(self, anchor: Anchor, width: int, height: int) -> None:
        mask = images.resize_mask(checked_mask(anchor.mask, "anchor"), (width, height))
        self._picture = tensor(images.resize(checked_pixels(anchor.picture), (width, height)))
        self._pull = tf.constant(mask[None, :, :, None] * np.float32(SCALE * anchor.weight / 255))

    def added_to(self, found: Evaluation, picture: tf.Tensor) -> Evaluation:
        """What was found of a picture, with its distance from the anchor in the total and after the rest."""
        distance, gradient = _distance(picture, self._picture, self._pull)
        losses = np.append(found.losses, distance.numpy()).astype(found.losses.dtype)
        losses[0] += losses[-1]
        return Evaluation(losses, found.gradient + gradient)


@tf.function(
    input_signature=[PICTURE, PICTURE, tf.TensorSpec((1, None, None, 1), SCALAR.dtype)], autograph=False
)
def _distance(picture: tf.Tensor, target: tf.Tensor, pull: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The loss and its gradient."""
    difference = (picture - target) / 255.0
    pulled = pull * difference
    return (
        tf.reduce_mean(pulled * difference),
        2.0 / 255.0 * pulled / tf.cast(tf.size(picture), tf.float32),
    )
