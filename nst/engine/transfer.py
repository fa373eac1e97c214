"""Neural style transfer by optimisation (Gatys et al. 2016, arXiv 1508.06576), coarse to fine."""

import io
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import tensorflow as tf
from PIL import Image

from nst import images, weights
from nst.engine import color, device, memory
from nst.engine.objective import LOSS_NAMES, Grams, Objective, Targets, composite, weights_of
from nst.engine.optimizers import Adam, Evaluation, Lbfgs, Optimizer
from nst.engine.pace import Pace
from nst.engine.schedule import Scale, scales
from nst.engine.vgg19 import Vgg19
from nst.errors import Refusal
from nst.options import Options, Precision

STRIPS_HISTORY = 4  # pairs of L-BFGS for a picture that is evaluated in strips: memory again
Pixels = np.ndarray  # (H, W, 3) uint8 sRGB
Source = Pixels | Image.Image


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands: enough to go on with it in another process."""

    index: int
    picture: np.ndarray  # (h, w, 3) float32 in 0..255

    def to_bytes(self) -> bytes:
        """A compressed NumPy archive; half floats hold 0..255 to an eighth of a level or better."""
        stream = io.BytesIO()
        np.savez_compressed(stream, index=self.index, picture=self.picture.astype(np.float16))
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Checkpoint":
        """The checkpoint that `to_bytes` wrote; damaged bytes raise a `Refusal`."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                picture = archive["picture"].astype(np.float32)
                checkpoint = cls(int(archive["index"]), picture)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise Refusal("checkpoint_damaged", "The saved state of this painting is damaged.") from error
        if picture.ndim != 3 or picture.shape[2] != 3 or not np.isfinite(picture).all():
            raise Refusal("checkpoint_damaged", "The saved state of this painting is damaged.")
        return checkpoint


@dataclass(frozen=True)
class Step:
    """One optimisation step, as it is handed out. The picture is computed when it is asked for."""

    index: int  # 1 to steps, over all scales
    steps: int
    scale: int  # 0 is the coarsest
    scales: int
    width: int
    height: int
    seconds: float  # since the run began
    seconds_left: float | None  # until it ends, by estimate; None in its first steps
    losses: dict[str, float]  # each times its weight; "total" is their sum
    _picture: tf.Tensor = field(repr=False)
    _finish: "_Finish" = field(repr=False)

    @cached_property
    def image(self) -> Pixels:
        """The painting so far, (height, width, 3) uint8 sRGB."""
        return self._finish(self._picture)

    def checkpoint(self) -> Checkpoint:
        """What `StyleTransfer.run(resume=...)` needs to go on after this step."""
        return Checkpoint(self.index, self._picture[0].numpy())


class StyleTransfer:
    """The engine: one VGG19, loaded once, for any number of runs one after the other."""

    def __init__(self, precision: Precision = "auto") -> None:
        """Loads VGG19's weights; a `Refusal` says what to do when they are missing or damaged."""
        device.has_gpu()  # first of all: a GPU's memory policy is settled before TensorFlow uses it
        self._weights = weights.vgg19()
        self._precision = precision
        self._objectives: dict[tf.DType, Objective] = {}

    def run(
        self,
        content: Source,
        styles: Sequence[Source],
        options: Options | None = None,
        *,
        blend: Sequence[float] | None = None,
        masks: Sequence[np.ndarray] = (),
        init: Source | None = None,
        resume: Checkpoint | None = None,
    ) -> Iterator[Step]:
        """Paint `content` in the manner of `styles`; yields a `Step` after every optimisation step.

        content, styles, init: (H, W, 3) uint8 sRGB arrays or PIL images of any size.
        blend: relative weight of each style; equal when not given.
        masks: none, one for all styles, or one a style: (H, W), 0..255 uint8 or 0..1 float, of any size.
            Pixels where every mask is 0 come back as the photograph's.
        init: a picture to start from, instead of what `options.init` says.
        resume: go on after this checkpoint of a run with the same arguments.

        Raises `Refusal` for arguments that do not fit together and for a size that does not fit into
        memory, before anything is computed.
        """
        job = _Run(
            self.objective(options or Options()),
            _pixels(content),
            [_pixels(style) for style in styles],
            options or Options(),
            _shares(len(styles), blend),
            _masks(masks, len(styles)),
            None if init is None else _pixels(init),
        )
        self.refuse_what_cannot_fit(job.content.shape[1], job.content.shape[0], job.options)
        return job.steps(resume)

    def refuse_what_cannot_fit(self, width: int, height: int, options: Options) -> None:
        """Raises a `Refusal` if painting a photograph of this size takes more memory than there is."""
        if not device.has_gpu():  # a GPU's memory is its own, and TensorFlow says when it is full
            size = images.fitted(width, height, options.size)
            memory.refuse_what_cannot_fit(*size, self._dtype(options))

    def losses(
        self, picture: Source, content: Source, styles: Sequence[Source], options: Options | None = None
    ) -> dict[str, float]:
        """Losses by name of any picture at `options.size`: the photograph itself is a good yardstick."""
        options = options or Options()
        shares = _shares(len(styles), None)
        pixels = [_pixels(style) for style in styles]
        run = _Run(self.objective(options), _pixels(content), pixels, options, shares, [], _pixels(picture))
        return run.losses_at_start()

    def objective(self, options: Options) -> Objective:
        """The losses and gradients that a run with these options descends."""
        dtype = self._dtype(options)
        if dtype not in self._objectives:
            self._objectives[dtype] = Objective(Vgg19(self._weights, dtype))
        return self._objectives[dtype]

    def _dtype(self, options: Options) -> tf.DType:
        """The arithmetic asked for; a run's own wish goes before the engine's."""
        wish = self._precision if options.precision == "auto" else options.precision
        return device.convolution_dtype(wish)


@dataclass
class _Run:
    """One painting: its pictures at every scale, and the loop over scales and steps."""

    objective: Objective
    content: Pixels
    styles: list[Pixels]
    options: Options
    shares: list[float]
    masks: list[np.ndarray]
    init: Pixels | None

    def __post_init__(self) -> None:
        self.schedule = scales(self.options.size, self.options.steps)

    @cached_property
    def _palette(self) -> Pixels:
        """The photograph, large enough for the statistics of its colours."""
        height, width = self.content.shape[:2]
        return images.resize(self.content, images.fitted(width, height, min(256, max(width, height))))

    def steps(self, resume: Checkpoint | None) -> Iterator[Step]:
        began = time.perf_counter()
        index = resume.index if resume else 0
        picture = None if resume is None else tf.constant(resume.picture[None])
        pace = Pace(self.schedule, min(self.content.shape[:2]) / max(self.content.shape[:2]))
        done = 0
        for number, scale in enumerate(self.schedule):
            done += scale.steps
            if index >= done:
                continue
            stage = self._stage(scale)
            if picture is None:
                picture = (
                    stage.start if self.init is not None else _with_grain(stage.start, self.options.seed)
                )
            else:
                picture = _enlarged(picture, self._detailed(stage))
            optimizer = self._optimizer(picture, stage.targets)
            while index < done:
                losses = optimizer.step()
                picture = optimizer.picture
                index += 1
                seconds = time.perf_counter() - began
                yield Step(
                    index,
                    self.options.steps,
                    number,
                    len(self.schedule),
                    stage.content.shape[1],
                    stage.content.shape[0],
                    seconds,
                    pace.left(number, index - done + scale.steps, seconds),
                    {name: float(loss) for name, loss in zip(LOSS_NAMES, losses, strict=True)},
                    picture,
                    stage.finish,
                )

    def losses_at_start(self) -> dict[str, float]:
        stage = self._stage(self.schedule[-1])
        losses = self.objective.evaluate(stage.start, stage.targets, weights_of(self.options)).losses
        return {name: float(loss) for name, loss in zip(LOSS_NAMES, losses, strict=True)}

    def _optimizer(self, picture: tf.Tensor, targets: Targets) -> Optimizer:
        def evaluate(candidate: tf.Tensor) -> Evaluation:
            return self.objective.evaluate(candidate, targets, weights_of(self.options))

        if self.options.optimizer == "adam":
            return Adam(picture, evaluate)
        in_strips = self.objective.goes_in_strips(picture)
        return Lbfgs(picture, evaluate, STRIPS_HISTORY if in_strips else Lbfgs.HISTORY)

    def _stage(self, scale: Scale) -> "_Stage":
        height, width = self.content.shape[:2]
        size = images.fitted(width, height, scale.size)
        content = images.resize(self.content, size)
        masks = [images.resize_mask(mask, size) for mask in self.masks]
        tensors = [tf.constant(mask[None, :, :, None] / np.float32(255)) for mask in masks]
        targets = self.objective.targets(
            _tensor(content), [self._grams(style, scale.size) for style in self.styles], self.shares, tensors
        )
        finish = _Finish(targets, content, self.options.preserve_color == "luminance")
        return _Stage(targets, content, self._start(content), finish)

    def _grams(self, style: Pixels, size: int) -> Grams:
        height, width = style.shape[:2]
        pixels = images.resize(style, images.fitted(width, height, size))
        if self.options.preserve_color == "statistics":
            pixels = color.with_color_statistics(pixels, self._palette)
        return self.objective.style_grams(_tensor(pixels))

    def _start(self, content: Pixels) -> tf.Tensor:
        height, width = content.shape[:2]
        if self.init is not None:
            return _tensor(images.resize(self.init, (width, height)))
        if self.options.init == "noise":
            noise = np.random.default_rng(self.options.seed).normal(127.5, 40.0, (1, height, width, 3))
            return tf.constant(np.clip(noise, 0, 255), tf.float32)
        return _tensor(content)

    def _detailed(self, stage: "_Stage") -> tf.Tensor:
        """The picture whose fine detail a painting from the scale before takes up."""
        from_noise = self.init is None and self.options.init == "noise"
        return _tensor(stage.content) if from_noise else stage.start


@dataclass(frozen=True)
class _Stage:
    """One scale, ready to be painted."""

    targets: Targets
    content: Pixels
    start: tf.Tensor
    finish: "_Finish"


@dataclass(frozen=True)
class _Finish:
    """From the optimiser's picture to the one that is shown: mask, 8 bits, the photograph's colours."""

    targets: Targets
    content: Pixels
    keep_chroma: bool

    def __call__(self, picture: tf.Tensor) -> Pixels:
        painted = composite(picture, self.targets)[0].numpy()
        pixels = np.clip(np.rint(painted), 0, 255).astype(np.uint8)
        return color.with_luminance(pixels, self.content) if self.keep_chroma else pixels


def _tensor(pixels: Pixels) -> tf.Tensor:
    return tf.constant(pixels[None], tf.float32)


def _with_grain(picture: tf.Tensor, seed: int) -> tf.Tensor:
    """The picture with noise too fine to see: a flat one has no gradient that could tell its pixels apart."""
    grain = np.random.default_rng(seed).normal(0.0, 1.0, picture.shape)
    return tf.clip_by_value(picture + tf.constant(grain, tf.float32), 0.0, 255.0)


def _enlarged(picture: tf.Tensor, detailed: tf.Tensor) -> tf.Tensor:
    """A painting at the next scale's size: its own forms, and the detail of another picture beyond them.

    A painting that is only enlarged is blurred, and most steps of a scale would go into drawing the
    photograph's edges anew. The finest band of its Laplacian pyramid brings them at once, as STROTSS does
    (Kolkin et al. 2019, arXiv 1904.12785).
    """
    if picture.shape == detailed.shape:
        return picture
    size = detailed.shape[1:3]
    forms = _resized(_resized(detailed, picture.shape[1:3]), size)
    return tf.clip_by_value(_resized(picture, size) + detailed - forms, 0.0, 255.0)


def _resized(picture: tf.Tensor, size: Sequence[int]) -> tf.Tensor:
    return tf.image.resize(picture, size, "bicubic", antialias=True)


def _pixels(source: Source) -> Pixels:
    if isinstance(source, Image.Image):
        return np.asarray(source.convert("RGB"))
    is_picture = isinstance(source, np.ndarray) and source.dtype == np.uint8 and source.ndim == 3
    if not is_picture or source.shape[2] != 3 or 0 in source.shape:
        raise Refusal("bad_picture", "A picture must be an (H, W, 3) array of 8-bit sRGB values.")
    return source


def _shares(styles: int, blend: Sequence[float] | None) -> list[float]:
    """The blend as shares that add up to 1."""
    if styles == 0:
        raise Refusal("no_style", "At least one style picture is needed.", "styles")
    blend = [1.0] * styles if blend is None else list(blend)
    if len(blend) != styles:
        raise Refusal(
            "bad_blend", f"The blend has {len(blend)} weights for {styles} style pictures.", "blend"
        )
    if not all(weight >= 0 for weight in blend) or not 0 < sum(blend) < np.inf:
        raise Refusal("bad_blend", "The blend's weights must be positive numbers.", "blend")
    return [weight / sum(blend) for weight in blend]


def _masks(masks: Sequence[np.ndarray], styles: int) -> list[np.ndarray]:
    """Masks as (H, W) uint8."""
    if len(masks) not in (0, 1, styles):
        raise Refusal(
            "bad_mask", f"{len(masks)} masks for {styles} style pictures: give one, or one a style.", "mask"
        )
    return [_mask(mask) for mask in masks]


def _mask(mask: np.ndarray) -> np.ndarray:
    if mask.ndim != 2 or 0 in mask.shape:
        raise Refusal("bad_mask", "A mask must be an (H, W) array.", "mask")
    if mask.dtype == np.uint8:
        values = mask
    elif mask.min() >= 0 and mask.max() <= 1:  # a NaN fails both
        values = np.rint(mask.astype(np.float64) * 255).astype(np.uint8)
    else:
        raise Refusal("bad_mask", "A mask must be 8-bit, or hold numbers from 0 to 1.", "mask")
    if not values.any():
        raise Refusal("empty_mask", "The mask is all black: nothing would be painted.", "mask")
    return values
