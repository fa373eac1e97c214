"""One scale of a run: the picture at that size, compared also as it looks from further away.

At each scale the losses of the picture halved, and halved again, count too. The network knows strokes of a
few sizes only; a painting judged at one size alone loses at that size what it had learnt at the smaller ones.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from nst import images, schedule
from nst.engine.anchor import LOSS_NAME, Anchor, Hold
from nst.engine.finish import Finish
from nst.engine.objective import LOSS_NAMES, Objective, weights_of
from nst.engine.optimizers import PICTURE, Evaluation
from nst.engine.styles import StyleMemory, Styles
from nst.engine.subject import Painted, Pixels, Subject, tensor
from nst.options import Options

FURTHER = 0.5  # what a view counts for over the one before it


class Course(NamedTuple):
    """What a painting heads for; all of it may change on the way."""

    options: Options
    styles: tuple[Painted, ...]
    shares: tuple[float, ...]  # of each style; they add up to 1
    masks: tuple[np.ndarray, ...]  # none, one, or one a style: (H, W) uint8 of any size


class _View:
    """The photograph, the styles and the masks at one size: what a painting is compared with there."""

    def __init__(self, objective: Objective, styles: Styles, photograph: tf.Tensor) -> None:
        """`photograph` is (1, H, W, 3) float32 in 0..255. `head_for` says what it is to become."""
        self._objective = objective
        self._styles = styles
        self._content = objective.content(photograph)

    def head_for(self, course: Course, photograph: tf.Tensor) -> None:
        """Take up another course; what the photograph and the styles look like to the network is kept."""
        height, width = photograph.shape[1:3]
        masks = [images.resize_mask(mask, (width, height)) for mask in course.masks]
        self._weights = weights_of(course.options)
        self._targets = self._objective.targets(
            photograph,
            self._content,
            self._styles.at(max(width, height), course.styles, course.options),
            course.shares,
            [tf.constant(mask[None, :, :, None] / np.float32(255)) for mask in masks],
        )

    def evaluate(self, picture: tf.Tensor) -> Evaluation:
        return self._objective.evaluate(picture, self._targets, self._weights)


class Stage:
    """All that one scale needs."""

    def __init__(
        self,
        objective: Objective,
        memory: StyleMemory,
        subject: Subject,
        size: int,
        course: Course,
        anchor: Anchor | None = None,
    ) -> None:
        """`size` is the long side in pixels; `anchor` a picture to hold on to."""
        height, width = subject.content.shape[:2]
        self.content = images.resize(subject.content, images.fitted(width, height, size))
        styles = Styles(objective, memory, subject)
        self._subject = subject
        self._hold = None if anchor is None else Hold(anchor, *self.content.shape[1::-1])
        self._views = [_View(objective, styles, photograph) for photograph in self._photographs()]
        self.head_for(course)

    @property
    def loss_names(self) -> tuple[str, ...]:
        """Of what `evaluate` finds, in its order."""
        return LOSS_NAMES if self._hold is None else (*LOSS_NAMES, LOSS_NAME)

    def _photographs(self) -> Iterator[tf.Tensor]:
        """The photograph as each view sees it; a large one is not worth keeping."""
        photograph = tensor(self.content)
        yield photograph
        for _ in range(schedule.views(max(self.content.shape[:2])) - 1):
            photograph = _halved(photograph)
            yield photograph

    def head_for(self, course: Course) -> None:
        """Take up a course."""
        for view, photograph in zip(self._views, self._photographs(), strict=True):
            view.head_for(course, photograph)
        self.finish = finish(self._subject, self.content, course)

    def evaluate(self, picture: tf.Tensor) -> Evaluation:
        """Losses and gradient of a (1, H, W, 3) picture on the course: the weighted mean of all views'."""
        return self._judged(picture, 0)

    def glance(self, picture: tf.Tensor) -> Evaluation:
        """The same from the further views alone, which takes a quarter of the time."""
        return self._judged(picture, min(1, len(self._views) - 1))

    def _judged(self, picture: tf.Tensor, nearest: int) -> Evaluation:
        views = self._views[nearest:]
        shares = FURTHER ** np.arange(len(views), dtype=np.float32)
        shares /= shares.sum()
        seen = [picture]
        for _ in self._views[1:]:
            seen.append(_halved(seen[-1]))
        found = [view.evaluate(one) for view, one in zip(views, seen[nearest:], strict=True)]
        gradient = shares[-1] * found[-1].gradient
        for place in reversed(range(len(seen) - 1)):
            gradient = _carried_back(gradient, seen[place])
            if place >= nearest:
                gradient += shares[place - nearest] * found[place - nearest].gradient
        judged = Evaluation(np.tensordot(shares, [one.losses for one in found], 1), gradient)
        return judged if self._hold is None else self._hold.added_to(judged, picture)

    def start(self, options: Options) -> tf.Tensor:
        """The picture that a run begins with."""
        height, width = self.content.shape[:2]
        if self._subject.init is None and options.init == "noise":
            noise = np.random.default_rng(options.seed).normal(127.5, 40.0, (1, height, width, 3))
            return tf.constant(np.clip(noise, 0, 255), tf.float32)
        return tensor(self.detail)

    @property
    def detail(self) -> Pixels:
        """The picture whose fine detail a painting from a smaller size takes up."""
        return _detail(self._subject, self.content)


def finish(subject: Subject, content: Pixels, course: Course) -> Finish:
    """The last touch at the size of `content`, the photograph."""
    keep_chroma = course.options.preserve_color == "luminance"
    return Finish(content, course.masks, _detail(subject, content), keep_chroma)


def _detail(subject: Subject, content: Pixels) -> Pixels:
    """Of a run's pictures the one that holds its fine detail, at the size of the photograph `content`."""
    if subject.init is None:
        return content
    height, width = content.shape[:2]
    return images.resize(subject.init, (width, height))


@tf.function(input_signature=[PICTURE], autograph=False)
def _halved(picture: tf.Tensor) -> tf.Tensor:
    """Mean of every 2x2 pixels; at an odd edge of those that there are."""
    return tf.nn.avg_pool2d(picture, 2, 2, "SAME")


@tf.function(input_signature=[PICTURE, PICTURE], autograph=False)
def _carried_back(gradient: tf.Tensor, picture: tf.Tensor) -> tf.Tensor:
    """The gradient of the halved picture as one of the picture."""
    return tf.raw_ops.AvgPoolGrad(
        orig_input_shape=tf.shape(picture),
        grad=gradient,
        ksize=[1, 2, 2, 1],
        strides=[1, 2, 2, 1],
        padding="SAME",
    )
