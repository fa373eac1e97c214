"""The total loss of a picture and its gradient: one traced function for all sizes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine import losses, memory
from nst.engine.device import has_gpu
from nst.engine.optimizers import PICTURE, Evaluation
from nst.engine.regions import layer_guide, normalized
from nst.engine.tiling import Strips
from nst.engine.vgg19 import Vgg19
from nst.options import Options

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_2"
_LAYERS = (*STYLE_LAYERS, CONTENT_LAYER)

# What a weight of 1 stands for, chosen by eye over several pairs so that the defaults are all 1.
STYLE_SCALE = 100.0
CONTENT_SCALE = 3.0
TV_SCALE = 10.0
LAYER_SHARES = (0.3, 0.2, 0.15, 0.33, 0.02)

Grams = tuple[tf.Tensor, ...]
LOSS_NAMES = ("total", "content", "style", "tv")


class Region(NamedTuple):
    """A part of the picture with a style of its own: target Gram matrices and guides, one a style layer."""

    share: tf.Tensor
    grams: Grams
    guides: tuple[tf.Tensor, ...]  # empty when the region is the whole picture


class Targets(NamedTuple):
    """All that the losses compare a picture with, at one scale.

    `canvas` (1, H, W, 3) is the photograph and `mask` (1, H, W, 1) what may be painted over of it; both
    are there, with the guides, only when there is a mask.
    """

    content: tf.Tensor
    regions: tuple[Region, ...]
    canvas: tuple[tf.Tensor, ...]
    mask: tuple[tf.Tensor, ...]


class Objective:
    """Losses and gradients of pictures through one VGG19."""

    def __init__(self, network: Vgg19) -> None:
        self._network = network
        self.dtype = network.dtype
        self._content_features = tf.function(
            lambda picture: network(picture, (CONTENT_LAYER,))[CONTENT_LAYER],
            input_signature=[PICTURE],
            autograph=False,
        )
        self._style_grams = tf.function(self._grams, input_signature=[PICTURE], autograph=False)
        self._evaluations: dict[tuple[int, bool], Any] = {}
        self._strips = Strips(network, STYLE_LAYERS, CONTENT_LAYER)

    def _grams(self, picture: tf.Tensor) -> Grams:
        features = self._network(picture, STYLE_LAYERS)
        return tuple(losses.gram_matrix(features[layer]) for layer in STYLE_LAYERS)

    def style_grams(self, picture: tf.Tensor) -> Grams:
        """Gram matrices of a style picture, (1, H, W, 3) float32 in 0..255, one a style layer."""
        if self.goes_in_strips(picture):
            return tuple(gram for (gram,) in self._strips.forward(picture).grams)
        grams: Grams = self._style_grams(picture)
        return grams

    def goes_in_strips(self, picture: tf.Tensor) -> bool:
        """Whether the picture is so large that it is evaluated strip by strip."""
        return bool(picture.shape[1] * picture.shape[2] > memory.WHOLE_PIXELS)

    def targets(
        self,
        content: tf.Tensor,
        styles: Sequence[Grams],
        shares: Sequence[float],
        masks: Sequence[tf.Tensor],
    ) -> Targets:
        """Targets at one scale. `shares` add up to 1; `masks` is empty, one for all styles, or one a style.

        Without a mask, or under a single one, the styles are mixed: their Gram matrices are averaged by
        share. With a mask each, every style rules its own region, and the share is its pull there.
        """
        if len(masks) > 1:
            regions = [
                Region(tf.constant(share), grams, _guides(mask))
                for share, grams, mask in zip(shares, styles, masks, strict=True)
            ]
        else:
            mixed = tuple(
                tf.add_n([share * gram for share, gram in zip(shares, layer, strict=True)])
                for layer in zip(*styles, strict=True)
            )
            regions = [Region(tf.constant(1.0), mixed, _guides(masks[0]) if masks else ())]
        if self.goes_in_strips(content):
            features = self._strips.forward(content).content
        else:
            features = self._content_features(content)
        if not masks:
            return Targets(features, tuple(regions), (), ())
        union = tf.minimum(tf.add_n(list(masks)), 1.0)
        return Targets(features, tuple(regions), (content,), (union,))

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: tf.Tensor) -> Evaluation:
        """Losses (total, content, style, total variation; each times its weight) and the total's gradient."""
        if self.goes_in_strips(picture):
            return self._evaluate_in_strips(picture, targets, weights)
        form = len(targets.regions), bool(targets.mask)
        if form not in self._evaluations:
            self._evaluations[form] = self._traced(*form)
        values, gradient = self._evaluations[form](picture, targets, weights)
        return Evaluation(values.numpy(), gradient)

    def _evaluate_in_strips(self, picture: tf.Tensor, targets: Targets, weights: tf.Tensor) -> Evaluation:
        """The same losses and gradient, with the network walked strip by strip."""
        painted = composite(picture, targets)
        guides = [region.guides for region in targets.regions if region.guides]
        passed = self._strips.forward(painted, guides)
        values, (smoothing, gram_gradients, content_gradient) = _loss_of_sums(
            painted, passed.grams, passed.content, targets, weights
        )
        gradient = smoothing + self._strips.backward(passed, guides, gram_gradients, content_gradient)
        if targets.mask:
            gradient *= targets.mask[0]
        values += 0.0 * tf.reduce_sum(gradient)
        return Evaluation(values.numpy(), gradient)

    def _traced(self, regions: int, masked: bool) -> Any:
        """One graph per number of regions; height and width stay free, so no scale costs a new trace."""
        guide = tf.TensorSpec((1, None, None, 1))
        region = Region(
            tf.TensorSpec(()),
            tuple(tf.TensorSpec((self._network.channels(layer),) * 2) for layer in STYLE_LAYERS),
            (guide,) * len(STYLE_LAYERS) if masked else (),
        )
        features = tf.TensorSpec((1, None, None, self._network.channels(CONTENT_LAYER)), self.dtype)
        signature = Targets(
            features, (region,) * regions, (PICTURE,) if masked else (), (guide,) if masked else ()
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
            features = self._network(painted, _LAYERS)
            grams = _region_grams(features, targets)
            terms = _terms(painted, grams, features[CONTENT_LAYER], targets, weights)
            total = tf.reduce_sum(terms)
        gradient = tape.gradient(total, picture)
        # A gradient that is not finite must fail the same test as a loss that is not.
        total += 0.0 * tf.reduce_sum(gradient)
        return tf.concat([[total], terms], 0), gradient


@tf.function(reduce_retracing=True, autograph=False)
def _loss_of_sums(
    painted: tf.Tensor,
    grams: list[list[tf.Tensor]],
    content: tf.Tensor,
    targets: Targets,
    weights: tf.Tensor,
) -> tuple[tf.Tensor, tuple[tf.Tensor, list[list[tf.Tensor]], tf.Tensor]]:
    """Losses as `Objective.evaluate` has them; the total's gradient by picture, Grams and content features.

    A graph, although a small one: eager operations would keep every intermediate picture until the end.
    """
    with tf.GradientTape() as tape:
        tape.watch((painted, grams, content))
        terms = _terms(painted, grams, content, targets, weights)
        total = tf.reduce_sum(terms)
    return tf.concat([[total], terms], 0), tape.gradient(total, (painted, grams, content))


def _terms(
    painted: tf.Tensor,
    grams: Sequence[Sequence[tf.Tensor]],
    content: tf.Tensor,
    targets: Targets,
    weights: tf.Tensor,
) -> tf.Tensor:
    """Content, style and smoothness, each times its weight."""
    return weights * tf.stack(
        [
            CONTENT_SCALE * _content(content, targets),
            STYLE_SCALE * _style(grams, targets),
            TV_SCALE * _smoothness(painted, targets),
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


def _content(features: tf.Tensor, targets: Targets) -> tf.Tensor:
    """Content loss; under a mask over the masked part alone, so that its strength ignores the mask's area."""
    found, wanted = (tf.cast(x, tf.float32) for x in (features, targets.content))
    unit = losses.content_unit(wanted)
    if targets.mask:
        guide = normalized(layer_guide(targets.mask[0], CONTENT_LAYER))
        return losses.content_loss(found * guide, wanted * guide, unit)
    return losses.content_loss(found, wanted, unit)


def _region_grams(features: dict[str, tf.Tensor], targets: Targets) -> list[list[tf.Tensor]]:
    """Gram matrices by style layer and region."""
    return [
        [
            losses.guided_gram_matrix(features[layer], region.guides[number])
            if region.guides
            else losses.gram_matrix(features[layer])
            for region in targets.regions
        ]
        for number, layer in enumerate(STYLE_LAYERS)
    ]


def _style(grams: Sequence[Sequence[tf.Tensor]], targets: Targets) -> tf.Tensor:
    total = tf.constant(0.0)
    for share, layer, number in zip(LAYER_SHARES, grams, range(len(STYLE_LAYERS)), strict=True):
        for gram, region in zip(layer, targets.regions, strict=True):
            target = region.grams[number]
            total += share * region.share * losses.style_loss(gram, target, losses.style_unit(target))
    return total


def _smoothness(painted: tf.Tensor, targets: Targets) -> tf.Tensor:
    """Total variation; under a mask divided by the masked share of the picture, as the other losses are."""
    variation = losses.total_variation(painted)
    if not targets.mask:
        return variation
    return tf.math.divide_no_nan(variation, tf.reduce_mean(tf.square(targets.mask[0])))
