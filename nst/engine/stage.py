"""One scale of a run: its pictures at that size, and what a painting is compared with there."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from nst import images
from nst.engine import color
from nst.engine.objective import Objective, Style, Targets, composite, weights_of
from nst.engine.optimizers import Evaluation
from nst.engine.subject import Painted, Pixels, Subject, digest
from nst.options import Options

PALETTE_SIDE = 256  # pixels of the photograph are enough for the statistics of its colours
SMALLEST_STYLE, LARGEST_STYLE = 32, 4096  # long side of a style picture, whatever the size of its strokes


class Course(NamedTuple):
    """What a painting heads for; all of it may change on the way."""

    options: Options
    shares: tuple[float, ...]  # of each style; they add up to 1
    masks: tuple[np.ndarray, ...]  # none, one, or one a style: (H, W) uint8 of any size


class StyleMemory:
    """What was worked out of style pictures: by picture, size and colours. A second run starts at once."""

    ENTRIES = 32  # of up to 2.5 MB: three paintings in two colour modes at five sizes

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Style] = OrderedDict()

    def recall(self, key: Hashable, work_out: Callable[[], Style]) -> Style:
        """The style under this key, worked out if it is not known or was forgotten."""
        style = self._known.pop(key, None) or work_out()
        self._known[key] = style
        if len(self._known) > self.ENTRIES:
            self._known.popitem(last=False)
        return style


class Stage:
    """The photograph, the styles and the masks at one size."""

    def __init__(
        self, objective: Objective, memory: StyleMemory, subject: Subject, size: int, course: Course
    ) -> None:
        """`size` is the long side in pixels."""
        height, width = subject.content.shape[:2]
        self.content = images.resize(subject.content, images.fitted(width, height, size))
        self._objective = objective
        self._memory = memory
        self._subject = subject
        self._size = size
        self._photograph = tensor(self.content)
        self._content = objective.content(self._photograph)
        self.head_for(course)

    def head_for(self, course: Course) -> None:
        """Take up another course; what the photograph and the styles look like to the network is kept."""
        height, width = self.content.shape[:2]
        masks = [images.resize_mask(mask, (width, height)) for mask in course.masks]
        self._weights = weights_of(course.options)
        self._targets = self._objective.targets(
            self._photograph,
            self._content,
            [self._style(number, course.options) for number in range(len(self._subject.styles))],
            course.shares,
            [tf.constant(mask[None, :, :, None] / np.float32(255)) for mask in masks],
        )
        self.finish = Finish(self._targets, self.content, course.options.preserve_color == "luminance")

    def evaluate(self, picture: tf.Tensor) -> Evaluation:
        """Losses and gradient of a (1, H, W, 3) picture on the course."""
        return self._objective.evaluate(picture, self._targets, self._weights)

    def start(self, options: Options) -> tf.Tensor:
        """The picture that a run begins with."""
        height, width = self.content.shape[:2]
        if self._subject.init is not None:
            return tensor(images.resize(self._subject.init, (width, height)))
        if options.init == "noise":
            noise = np.random.default_rng(options.seed).normal(127.5, 40.0, (1, height, width, 3))
            return tf.constant(np.clip(noise, 0, 255), tf.float32)
        return self._photograph

    @property
    def detail(self) -> tf.Tensor:
        """The picture whose fine detail a painting from a smaller size takes up."""
        if self._subject.init is not None:
            height, width = self.content.shape[:2]
            return tensor(images.resize(self._subject.init, (width, height)))
        return self._photograph

    def _style(self, number: int, options: Options) -> Style:
        style = self._subject.styles[number]
        palette = self._palette() if options.preserve_color == "statistics" else None
        size = min(max(round(self._size * options.style_scale), SMALLEST_STYLE), LARGEST_STYLE)
        key = (self._objective, size, style.digest, None if palette is None else digest(palette))
        return self._memory.recall(key, lambda: self._worked_out(style, palette, size))

    def _worked_out(self, style: Painted, palette: Pixels | None, size: int) -> Style:
        height, width = style.pixels.shape[:2]
        fitted = images.fitted(width, height, size)
        painting = images.resize(style.pixels, fitted)
        if palette is not None:
            painting = color.with_color_statistics(painting, palette)
        if style.guide is None:
            return self._objective.style(tensor(painting))
        guide = images.resize_mask(style.guide, fitted)[None, :, :, None] / np.float32(255)
        return self._objective.style(tensor(painting), tf.constant(guide))

    def _palette(self) -> Pixels:
        content = self._subject.content
        height, width = content.shape[:2]
        return images.resize(content, images.fitted(width, height, min(PALETTE_SIDE, max(width, height))))


@dataclass(frozen=True)
class Finish:
    """From the optimiser's picture to the one that is shown: mask, 8 bits, the photograph's colours."""

    targets: Targets
    content: Pixels
    keep_chroma: bool

    def __call__(self, picture: tf.Tensor) -> Pixels:
        """(H, W, 3) uint8 from (1, H, W, 3) float32."""
        painted = composite(picture, self.targets)[0].numpy()
        pixels = np.clip(np.rint(painted), 0, 255).astype(np.uint8)
        return color.with_luminance(pixels, self.content) if self.keep_chroma else pixels


def tensor(pixels: Pixels) -> tf.Tensor:
    """(1, H, W, 3) float32 in 0..255."""
    return tf.constant(pixels[None], tf.float32)


def with_grain(picture: tf.Tensor, seed: int) -> tf.Tensor:
    """The picture with noise too fine to see: a flat one has no gradient that could tell its pixels apart."""
    grain = np.random.default_rng(seed).normal(0.0, 1.0, picture.shape)
    return tf.clip_by_value(picture + tf.constant(grain, tf.float32), 0.0, 255.0)


def enlarged(picture: tf.Tensor, detailed: tf.Tensor) -> tf.Tensor:
    """A painting at the next scale's size: its own forms, and the detail of another picture beyond them.

    A painting that is only enlarged is blurred, and most steps of a scale would go into drawing the
    photograph's edges anew. The finest band of its Laplacian pyramid brings them at once, as STROTSS does
    (Kolkin et al. 2019, arXiv 1904.12785).
    """
    if picture.shape == detailed.shape:
        return picture
    size = detailed.shape[1:3]
    forms = resized(resized(detailed, picture.shape[1:3]), size)
    return tf.clip_by_value(resized(picture, size) + detailed - forms, 0.0, 255.0)


def resized(picture: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """A (1, H, W, 3) picture at another (height, width), smooth."""
    return tf.image.resize(picture, size, "bicubic", antialias=True)
