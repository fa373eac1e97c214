"""The total loss of a picture and its gradient: one traced function for all sizes."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine import losses, memory, style
from nst.engine.device import has_gpu
from nst.engine.interruption import Interruption
from nst.engine.losses import Content
from nst.engine.optimizers import PICTURE, Evaluation
from nst.engine.regions import layer_guide, normalized
from nst.engine.style import Moments, StyleLoss, Target
from nst.engine.tiling import Strips
from nst.engine.vgg19 import Vgg19
from nst.options import Options

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_2"
_LAYERS = (*STYLE_LAYERS, CONTENT_LAYER)

# What a weight of 1 stands for, chosen by eye over several pairs so that the defaults are all 1.
CONTENT_SCALE = 5.0
TV_SCALE = 10.0

Style = tuple[Moments, ...]  # of a painting, one a style layer
LOSS_NAMES = ("total", "content", "style", "tv")
_MASK = tf.TensorSpec((1, None, None, 1))


class Region(NamedTuple):
    """A part of the picture with a style of its own: its targets and guides, one a style layer."""

    share: tf.Tensor
    targets: tuple[Target, ...]
    guides: tuple[tf.Tensor, ...]  # empty when the region is the whole picture


class Targets(NamedTuple):
    """All that the losses compare a picture with, at one scale.

    `canvas` (1, H, W, 3) is the photograph and `mask` (1, H, W, 1) what may be painted over of it; both
    are there, with the guides, only when there is a mask.
    """

    content: Content
    regions: tuple[Region, ...]
    canvas: tuple[tf.Tensor, ...]
    mask: tuple[tf.Tensor, ...]


class Objective:
    """Losses and gradients of pictures through one VGG19."""

    def __init__(self, network: Vgg19, style_loss: StyleLoss, is_sparing: bool = False) -> None:
        """`is_sparing`: whether pictures are evaluated in strips wherever that takes less memory."""
        self._network = network
        self._is_sparing = is_sparing
        self._style_loss = style_loss
        self.dtype = network.dtype
        self._content_features = tf.function(
            lambda picture: network(picture, (CONTENT_LAYER,))[CONTENT_LAYER],
            input_signature=[PICTURE],
            autograph=False,
        )
        self._moments = {
            guides: tf.function(
                self._moments_of,
                input_signature=[PICTURE, (_MASK,) * guides],
                autograph=False,
            )
            for guides in (0, len(STYLE_LAYERS))
        }
        self._evaluations: dict[tuple[int, bool], Any] = {}
        self.interruption = Interruption()
        self._strips = Strips(network, STYLE_LAYERS, CONTENT_LAYER, style_loss.with_mean)

    def _moments_of(self, picture: tf.Tensor, guides: tuple[tf.Tensor, ...]) -> Style:
        features = self._network(picture, STYLE_LAYERS)
        return tuple(
            style.moments(features[layer], guide, self._style_loss.with_mean)
            for layer, guide in zip(STYLE_LAYERS, guides or (None,) * len(STYLE_LAYERS), strict=True)
        )

    def style(self, painting: tf.Tensor, guide: tf.Tensor | None = None) -> Style:
        """What the style loss needs to know of a painting, (1, H, W, 3) float32 in 0..255.

        guide: (1, H, W, 1) in 0..1: only that part of the painting counts.
        """
        guides = () if guide is None else _guides(guide)
        if self.goes_in_strips(painting):
            regions = [guides] if guides else []
            return tuple(moments for (moments,) in self._strips.style(painting, regions))
        found: Style = self._moments[len(guides)](painting, guides)
        return found

    def content(self, photograph: tf.Tensor) -> tf.Tensor:
        """What the content loss needs to know of a photograph, (1, H, W, 3) float32 in 0..255."""
        if self.goes_in_strips(photograph):
            return self._strips.content(photograph)
        return self._content_features(photograph)

    def goes_in_strips(self, picture: tf.Tensor) -> bool:
        """Whether the picture is so large that it is evaluated strip by strip."""
        most = memory.SPARING_PIXELS if self._is_sparing else memory.WHOLE_PIXELS
        return bool(picture.shape[1] * picture.shape[2] > most)

    def targets(
        self,
        photograph: tf.Tensor,
        content: tf.Tensor,
        styles: Sequence[Style],
        shares: Sequence[float],
        masks: Sequence[tf.Tensor],
    ) -> Targets:
        """Targets at one scale. `shares` add up to 1; `masks` is empty, one for all styles, or one a style.

        Without a mask, or under a single one, the styles are mixed: their moments are averaged by share.
        With a mask each, every style rules its own region: its share is its pull on each pixel there, so
        that a small region is painted as strongly as a large one.
        """
        if len(masks) > 1:
            areas = [share * float(tf.reduce_mean(mask)) for share, mask in zip(shares, masks, strict=True)]
            regions = [
                Region(tf.constant(area / (sum(areas) or 1.0)), self._style_targets(moments), _guides(mask))
                for area, moments, mask in zip(areas, styles, masks, strict=True)
            ]
        else:
            mixed = [style.mixture(layer, shares) for layer in zip(*styles, strict=True)]
            guides = _guides(masks[0]) if masks else ()
            regions = [Region(tf.constant(1.0), self._style_targets(mixed), guides)]
        unit = losses.content_unit(content)
        if not masks:
            return Targets(Content(content, unit, ()), tuple(regions), (), ())
        union = tf.minimum(tf.add_n(list(masks)), 1.0)
        # Under a mask the loss is of the masked part alone, so that its strength ignores the mask's area.
        guide = normalized(layer_guide(union, CONTENT_LAYER))
        return Targets(Content(content, unit, (guide,)), tuple(regions), (photograph,), (union,))

    def _style_targets(self, moments: Sequence[Moments]) -> tuple[Target, ...]:
        return tuple(self._style_loss.target(layer) for layer in moments)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: tf.Tensor) -> Evaluation:
        """Losses (total, content, style, total variation; each times its weight) and the total's gradient.

        Raises `Interrupted` when it was given up.
        """
        if self.goes_in_strips(picture):
            return self._evaluate_in_strips(picture, targets, weights)
        form = len(targets.regions), bool(targets.mask)
        if form not in self._evaluations:
            self._evaluations[form] = self._traced(*form)
        with self.interruption.heeded():
            values, gradient = self._evaluations[form](picture, targets, weights)
            return Evaluation(values.numpy(), gradient)

    def _evaluate_in_strips(self, picture: tf.Tensor, targets: Targets, weights: tf.Tensor) -> Evaluation:
        """The same losses and gradient, with the network walked strip by strip."""
        painted = composite(picture, targets)
        guides = [region.guides for region in targets.regions if region.guides]
        check = self.interruption.check
        passed = self._strips.forward(painted, guides, targets.content, check)
        smoothness = self._smoothness(painted, targets)
        values, (pulls, pull) = self._pulls(smoothness, passed.moments, passed.distance, targets, weights)
        gradient = self._strips.backward(passed, guides, targets.content, pulls, pull, check)
        gradient += self._smoothing(painted, targets, weights)
        if targets.mask:
            gradient *= targets.mask[0]
        values += 0.0 * tf.reduce_sum(gradient)
        return Evaluation(values.numpy(), gradient)

    def _traced(self, regions: int, masked: bool) -> Any:
        """One graph per number of regions; height and width stay free, so no scale costs a new trace."""
        region = Region(
            tf.TensorSpec(()),
            tuple(self._style_loss.signature(self._network.channels(layer)) for layer in STYLE_LAYERS),
            (_MASK,) * len(STYLE_LAYERS) if masked else (),
        )
        features = tf.TensorSpec((1, None, None, self._network.channels(CONTENT_LAYER)), self.dtype)
        content = Content(features, tf.TensorSpec(()), (_MASK,) if masked else ())
        signature = Targets(
            content, (region,) * regions, (PICTURE,) if masked else (), (_MASK,) if masked else ()
        )
        return tf.function(
            self._losses_and_gradient,
            input_signature=[PICTURE, signature, tf.TensorSpec((3,))],
            autograph=False,
            jit_compile=has_gpu(),  # on the CPU oneDNN's own fusion beats XLA
        )

    def _losses_and_gradient(
        self, picture: tf.Tensor, targets: Targets, weights: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            painted = composite(picture, targets)
            features = self._network(painted, _LAYERS, self.interruption.gate)
            moments = self._moments_by_region(features, targets)
            distance = losses.content_distance(features[CONTENT_LAYER], targets.content)
            terms = self._terms(_smoothness(painted, targets), moments, distance, targets, weights)
            total = tf.reduce_sum(terms)
        gradient = tape.gradient(total, picture)
        # A gradient that is not finite must fail the same test as a loss that is not.
        total += 0.0 * tf.reduce_sum(gradient)
        return tf.concat([[total], terms], 0), gradient

    @cached_property
    def _smoothness(self) -> Any:
        """A graph, although a small one: eager operations would keep every picture between until the end."""
        return tf.function(_smoothness, reduce_retracing=True, autograph=False)

    @cached_property
    def _smoothing(self) -> Any:
        """What smoothness adds to the gradient: apart from it, when what the strips left is gone."""

        def run(painted: tf.Tensor, targets: Targets, weights: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch(painted)
                smoothness = _smoothness(painted, targets)
            return tape.gradient(smoothness, painted, TV_SCALE * weights[2])

        return tf.function(run, reduce_retracing=True, autograph=False)

    @cached_property
    def _pulls(self) -> Any:
        """Losses as `evaluate` has them; the total's gradient by moments and distance."""

        def run(
            smoothness: tf.Tensor,
            moments: list[list[Moments]],
            distance: tf.Tensor,
            targets: Targets,
            weights: tf.Tensor,
        ) -> tuple[tf.Tensor, tuple[list[list[Moments]], tf.Tensor]]:
            with tf.GradientTape() as tape:
                tape.watch((moments, distance))
                terms = self._terms(smoothness, moments, distance, targets, weights)
                total = tf.reduce_sum(terms)
            return tf.concat([[total], terms], 0), tape.gradient(total, (moments, distance))

        return tf.function(run, reduce_retracing=True, autograph=False)

    def _moments_by_region(self, features: dict[str, tf.Tensor], targets: Targets) -> list[list[Moments]]:
        """Moments by style layer and region."""
        return [
            [
                style.moments(
                    features[layer],
                    region.guides[number] if region.guides else None,
                    self._style_loss.with_mean,
                )
                for region in targets.regions
            ]
            for number, layer in enumerate(STYLE_LAYERS)
        ]

    def _terms(
        self,
        smoothness: tf.Tensor,
        moments: Sequence[Sequence[Moments]],
        distance: tf.Tensor,
        targets: Targets,
        weights: tf.Tensor,
    ) -> tf.Tensor:
        """Content, style and smoothness, each times its weight."""
        return weights * tf.stack(
            [
                CONTENT_SCALE * distance / targets.content.unit,
                self._style_loss.scale * self._style(moments, targets),
                TV_SCALE * smoothness,
            ]
        )

    def _style(self, moments: Sequence[Sequence[Moments]], targets: Targets) -> tf.Tensor:
        return tf.add_n(
            [
                share * region.share * self._style_loss(found, region.targets[number])
                for number, (share, layer) in enumerate(zip(self._style_loss.shares, moments, strict=True))
                for found, region in zip(layer, targets.regions, strict=True)
            ]
        )


def weights_of(options: Options) -> tf.Tensor:
    """The three weights as the traced function takes them."""
    return tf.constant([options.content_weight, options.style_weight, options.tv_weight], tf.float32)


def composite(picture: tf.Tensor, targets: Targets) -> tf.Tensor:
    """The picture where the mask is, the photograph elsewhere."""
    if not targets.mask:
        return picture
    (canvas,), (mask,) = targets.canvas, targets.mask
    return canvas + mask * (picture - canvas)


def _guides(mask: tf.Tensor) -> tuple[tf.Tensor, ...]:
    return tuple(normalized(layer_guide(mask, layer)) for layer in STYLE_LAYERS)


def _smoothness(painted: tf.Tensor, targets: Targets) -> tf.Tensor:
    """Total variation; under a mask divided by the masked share of the picture, as the other losses are."""
    variation = losses.total_variation(painted)
    if not targets.mask:
        return variation
    return tf.math.divide_no_nan(variation, tf.reduce_mean(tf.square(targets.mask[0])))
