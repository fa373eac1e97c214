"""One block of the network on a strip of a large picture: there, and back.

What the way back needs is kept or computed again, whichever is cheaper. The layers of the first two blocks
are the largest and a quarter of the work: of these the input is kept, and they are walked anew. The deeper
blocks leave their input, of which the style layer, a tenth of their work, is computed again; the features of
the content layer; and the gates of the others.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine import gates
from nst.engine.losses import Content, content_distance
from nst.engine.style import Moments, moment_sums_by_region, moments_spec
from nst.engine.vgg19 import Vgg19, last_block

ANEW = (1, 2)  # the blocks that are walked again on the way back

_GUIDE = tf.TensorSpec((1, None, None, 1))
_ROW = tf.TensorSpec((), tf.int32)
_SLAB = "slab"  # among what is kept by layer

Features = dict[str, tf.Tensor]


class Left(NamedTuple):
    """What one way through a strip left behind.

    `sums[region]` of the style layer and `distances` of the content are of the strip's own rows, as is
    `out`, pooled. `kept` holds the slab, and the features or the gate of each layer behind the first.
    """

    sums: list[Moments]
    distances: list[tf.Tensor]
    out: tf.Tensor
    kept: Features


class Block:
    """One block. A slab is a strip's rows and those above and below that they depend on."""

    def __init__(
        self, network: Vgg19, number: int, style_layers: Sequence[str], content_layer: str, with_mean: bool
    ) -> None:
        """Block `number`, whose first layer is the style layer, as in every block."""
        layers = (*style_layers, content_layer)
        self._network = network
        self._number = number
        self._style_layer = style_layers[number - 1]
        self._content_layer = content_layer
        self._with_mean = with_mean
        self.layers = network.held(number, layers)
        self._is_deepest = number == last_block(layers)
        self.holds_content = content_layer in self.layers
        self._graphs: dict[str, Any] = {}

    @property
    def is_walked_anew(self) -> bool:
        """Whether the way back wants the slab, and not what a strip left."""
        return self._number in ANEW

    def forward(
        self,
        slab: tf.Tensor,
        first: int,
        rows: int,
        guides: Sequence[tf.Tensor],
        content: Sequence[Content],
        keep: bool,
    ) -> Left:
        """Walk a (1, h, w, c) slab; its own rows begin at `first`. Guides and content are of those rows."""

        def run(
            slab: tf.Tensor,
            first: tf.Tensor,
            rows: tf.Tensor,
            guides: Sequence[tf.Tensor],
            content: Sequence[Content],
        ) -> Left:
            found, pooled = self._network.block(self._number, slab, self.layers)
            sums, distances = self._looked_at(found, first, rows, guides, content)
            kept = {layer: self._kept(layer, found[layer]) for layer in self.layers[1:]} if keep else {}
            if keep:
                kept[_SLAB] = slab
            return Left(sums, distances, _own(pooled, *_pooled_rows(first, rows)), kept)

        wanted = [self._content_spec(one) for one in content]
        signature = [self._slab_spec(), _ROW, _ROW, [_GUIDE] * len(guides), wanted]
        key = "forward", len(guides), [bool(one.guide) for one in content], keep
        left: Left = self._traced(key, run, signature)(slab, first, rows, guides, content)
        return left

    def backward(
        self,
        came_by: tf.Tensor | Features,
        first: int,
        rows: int,
        guides: Sequence[tf.Tensor],
        pulls: Sequence[Moments],
        content: Sequence[tuple[Content, tf.Tensor]],
        upstream: Sequence[tf.Tensor],
    ) -> tf.Tensor:
        """The slab's gradient, from those of its sums, of its distances and, but for the deepest, of `out`.

        `came_by` is the slab where the block is walked anew, otherwise what it left.
        """
        signature = [
            self._slab_spec() if self.is_walked_anew else self._kept_spec(),
            _ROW,
            _ROW,
            [_GUIDE] * len(guides),
            [moments_spec(self._channels, self._with_mean)] * max(len(guides), 1),
            [(self._content_spec(one), tf.TensorSpec(())) for one, _ in content],
            [self._features_spec(self._style_layer)] * len(upstream),
        ]
        key = "backward", len(guides), [bool(one.guide) for one, _ in content]
        run = self._back_anew if self.is_walked_anew else self._back_from_kept
        return self._traced(key, run, signature)(came_by, first, rows, guides, pulls, content, upstream)

    def content(self, slab: tf.Tensor, first: int, rows: int) -> tf.Tensor:
        """Features of the strip's own rows at the content layer."""

        def run(slab: tf.Tensor, first: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            found, _ = self._network.block(self._number, slab, (self._content_layer,))
            return _own(found[self._content_layer], first, rows)

        return self._traced(("content",), run, [self._slab_spec(), _ROW, _ROW])(slab, first, rows)

    def _back_anew(
        self,
        slab: tf.Tensor,
        first: tf.Tensor,
        rows: tf.Tensor,
        guides: Sequence[tf.Tensor],
        pulls: Sequence[Moments],
        content: Sequence[tuple[Content, tf.Tensor]],
        upstream: Sequence[tf.Tensor],
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(slab)
            found, pooled = self._network.block(self._number, slab, self.layers)
            looked_at = self._looked_at(found, first, rows, guides, [one for one, _ in content])
            ends = tf.nest.flatten([*looked_at, _own(pooled, *_pooled_rows(first, rows))])
        return tape.gradient(ends, slab, tf.nest.flatten([pulls, [pull for _, pull in content], upstream]))

    def _back_from_kept(
        self,
        kept: Features,
        first: tf.Tensor,
        rows: tf.Tensor,
        guides: Sequence[tf.Tensor],
        pulls: Sequence[Moments],
        content: Sequence[tuple[Content, tf.Tensor]],
        upstream: Sequence[tf.Tensor],
    ) -> tf.Tensor:
        seen = {self._style_layer: self._network.convolved(self._style_layer, kept[_SLAB])}
        if self.holds_content:
            seen[self._content_layer] = kept[self._content_layer]
        _, height, width, _ = tf.unstack(tf.shape(kept[_SLAB]))
        with tf.GradientTape() as tape:
            tape.watch(seen)
            ends = self._looked_at(seen, first, rows, guides, [one for one, _ in content])
        own = tape.gradient(
            tf.nest.flatten(ends), seen, tf.nest.flatten([pulls, [pull for _, pull in content]])
        )
        gradient = None
        for pooled in upstream:
            top, count = _pooled_rows(first, rows)
            pooled = _padded(pooled, top, (height + 1) // 2 - top - count)
            gradient = gates.spread(pooled, height, width)
        for layer in reversed(self.layers):
            if layer in seen:
                gradient = own[layer] if gradient is None else gradient + own[layer]
                gradient = tf.where(seen[layer] > 0, gradient, tf.zeros((), gradient.dtype))
            else:
                gradient = gates.through(kept[layer], gradient)
            gradient = self._network.convolved_back(layer, gradient)
        return gradient

    def _looked_at(
        self,
        found: Features,
        first: tf.Tensor,
        rows: tf.Tensor,
        guides: Sequence[tf.Tensor],
        content: Sequence[Content],
    ) -> tuple[list[Moments], list[tf.Tensor]]:
        """What the losses need of the own rows: the style layer's sums, the content layer's distances."""
        sums = moment_sums_by_region(_own(found[self._style_layer], first, rows), guides, self._with_mean)
        return sums, [content_distance(_own(found[self._content_layer], first, rows), one) for one in content]

    def _kept(self, layer: str, features: tf.Tensor) -> tf.Tensor:
        if layer == self._content_layer:
            return features
        is_pooled = layer == self.layers[-1] and not self._is_deepest
        return gates.of_pooling(features) if is_pooled else gates.of_relu(features)

    def _kept_spec(self) -> Features:
        gate = tf.TensorSpec((None,), tf.uint8)
        content = self._features_spec(self._content_layer)
        behind = {layer: content if layer == self._content_layer else gate for layer in self.layers[1:]}
        return behind | {_SLAB: self._slab_spec()}

    @property
    def _channels(self) -> int:
        return self._network.channels(self._style_layer)

    def _slab_spec(self) -> tf.TensorSpec:
        dtype = tf.float32 if self._number == 1 else self._network.dtype
        return tf.TensorSpec((1, None, None, self._network.inputs(self.layers[0])), dtype)

    def _features_spec(self, layer: str) -> tf.TensorSpec:
        return tf.TensorSpec((1, None, None, self._network.channels(layer)), self._network.dtype)

    def _content_spec(self, content: Content) -> Content:
        return Content(
            self._features_spec(self._content_layer), tf.TensorSpec(()), (_GUIDE,) * len(content.guide)
        )

    def _traced(self, key: Sequence[Any], run: Callable[..., Any], signature: list[Any]) -> Any:
        name = repr(key)
        if name not in self._graphs:
            self._graphs[name] = tf.function(run, input_signature=signature, autograph=False)
        return self._graphs[name]


def _pooled_rows(first: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where the own rows begin after pooling, and how many they are."""
    return first // 2, (rows + 1) // 2


def _padded(x: tf.Tensor, above: tf.Tensor, below: tf.Tensor) -> tf.Tensor:
    return tf.pad(x, [[0, 0], [above, below], [0, 0], [0, 0]])


@tf.custom_gradient
def _own(x: tf.Tensor, first: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, object]:
    """A strip's own rows. TensorFlow's own way back from a slice takes as long as three convolutions."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None, None]:
        return _padded(upstream, first, tf.shape(x)[1] - first - rows), None, None

    return x[:, first : first + rows], gradient
