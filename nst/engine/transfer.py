"""Neural style transfer by optimisation (Gatys et al. 2016, arXiv 1508.06576), coarse to fine."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from nst import images, weights
from nst.engine import device, memory, subject
from nst.engine.anchor import Anchor
from nst.engine.checkpoint import Checkpoint
from nst.engine.objective import Objective
from nst.engine.optimizers import Evaluation
from nst.engine.painting import Painting, Step
from nst.engine.stage import Course, Stage
from nst.engine.style import style_loss
from nst.engine.styles import StyleMemory
from nst.engine.subject import Mask, Source
from nst.engine.vgg19 import Vgg19
from nst.options import Options, Precision, StyleLossName

__all__ = ["Anchor", "Checkpoint", "Painting", "Step", "StyleTransfer"]


class StyleTransfer:
    """The engine: one VGG19, loaded once, for any number of runs one after the other."""

    def __init__(
        self,
        precision: Precision = "auto",
        style_looked_up: Callable[[bool], None] = lambda was_known: None,
    ) -> None:
        """Loads VGG19's weights; a `Refusal` says what to do when they are missing or damaged.

        `style_looked_up` hears of each style picture that a run looks at, whether it was known already.
        """
        self._weights = weights.vgg19()
        self._precision = precision
        self._networks: dict[tf.DType, Vgg19] = {}
        self._objectives: dict[tuple[tf.DType, StyleLossName, bool], Objective] = {}
        self._memory = StyleMemory(style_looked_up)

    def run(
        self,
        content: Source,
        styles: Sequence[Source],
        options: Options | None = None,
        *,
        blend: Sequence[float] | None = None,
        masks: Sequence[Mask] = (),
        guides: Sequence[Mask | None] = (),
        init: Source | None = None,
        onward: Source | None = None,
        anchor: Anchor | None = None,
        resume: Checkpoint | None = None,
        is_known_to_fit: bool = False,
    ) -> Painting:
        """Paint `content` in the manner of `styles`: an iterator of `Step`, one after every step.

        content, styles, init, onward: (H, W, 3) uint8 sRGB arrays or PIL images of any size.
        blend: relative weight of each style; equal when not given.
        masks: none, one for all styles, or one a style: (H, W), 0..255 uint8 or 0..1 float, of any size.
            Pixels where every mask is 0 come back as the photograph's.
        guides: none, or one a style or None: only that part of the style picture is copied.
        init: a picture to start from, instead of what `options.init` says.
        onward: a painting to go on with: only the finest scale is painted, from it.
        anchor: a picture to hold on to at every scale, where its mask is white.
        resume: go on after this checkpoint of a run with the same arguments.
        is_known_to_fit: one of many runs of a size, of which an earlier one fitted into memory.

        Raises `Refusal` for arguments that do not fit together and for a size that does not fit into
        memory, before anything is computed.
        """
        options = options or Options()
        pictures = subject.subject(content, init, onward)
        course = Course(
            options,
            subject.painted(styles, guides),
            subject.shares(blend, len(styles)),
            subject.masks(masks, len(styles)),
        )
        height, width = pictures.content.shape[:2]
        regions = len(course.masks)
        if not is_known_to_fit:
            self.refuse_what_cannot_fit(width, height, options, regions)
        objective = self.objective(options, self._must_spare(width, height, options, regions))
        return Painting(objective, self._memory, pictures, course, resume, anchor)

    def refuse_what_cannot_fit(self, width: int, height: int, options: Options, regions: int = 0) -> None:
        """Raises a `Refusal` if painting a photograph of this size takes more memory than there is.

        regions: how many parts of it are painted under a mask of their own.
        """
        if not device.has_gpu():  # a GPU's memory is its own, and TensorFlow says when it is full
            size = images.fitted(width, height, options.size)
            memory.refuse_what_cannot_fit(*size, self._dtype(options), regions)

    def _must_spare(self, width: int, height: int, options: Options, regions: int) -> bool:
        size = images.fitted(width, height, options.size)
        return not device.has_gpu() and memory.is_short(*size, self._dtype(options), regions)

    def judge(
        self, content: Source, styles: Sequence[Source], options: Options
    ) -> Callable[[tf.Tensor], Evaluation]:
        """What says of any (1, H, W, 3) float32 picture in 0..255 its losses and their gradient.

        H and W are the content's at `options.size`. Style pictures are remembered from one judge to the next.
        """
        pictures = subject.subject(content, None, None)
        course = Course(options, subject.painted(styles, ()), subject.shares(None, len(styles)), ())
        return Stage(self.objective(options), self._memory, pictures, options.size, course).evaluate

    def objective(self, options: Options, is_sparing: bool = False) -> Objective:
        """The losses and gradients that a run with these options descends; see `Objective`."""
        dtype = self._dtype(options)
        if dtype not in self._networks:
            self._networks[dtype] = Vgg19(self._weights, dtype)
        kind = dtype, options.style_loss, is_sparing
        if kind not in self._objectives:
            loss = style_loss(options.style_loss)
            self._objectives[kind] = Objective(self._networks[dtype], loss, is_sparing)
        return self._objectives[kind]

    def _dtype(self, options: Options) -> tf.DType:
        """The arithmetic asked for; a run's own wish goes before the engine's."""
        wish = self._precision if options.precision == "auto" else options.precision
        return device.convolution_dtype(wish)
