"""Moments and exact gradients of a picture whose activations do not fit into memory.

Moments and the distance from the content are sums over positions, so they can be gathered strip by strip;
and once the loss of the sums is known, so is the gradient that each strip must carry back. Only the inputs
of the network's five blocks are kept (60 bytes a pixel in bfloat16); within a block, strips overlap by as
many rows as it has convolutions, and what the cut edges spoil is cropped. The result is that of the whole
picture up to rounding, at the cost of one more forward pass.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine.losses import Content, content_distance
from nst.engine.style import Moments, moment_sums, per_position
from nst.engine.vgg19 import CONVOLUTIONS_PER_BLOCK, Vgg19

BLOCKS = range(1, len(CONVOLUTIONS_PER_BLOCK) + 1)
STRIP_VALUES = 2**24  # of one layer of a strip: its gradient takes about half a GB in bfloat16


class Strip(NamedTuple):
    """Rows `first` to `last` of a block's input, and the wider `above` to `below` that they depend on."""

    first: int
    last: int
    above: int
    below: int


class Pass(NamedTuple):
    """What one way through the network left behind.

    `moments[layer][region]` are float32, `distance` the squared distance of the content, and `inputs` the
    input of each block.
    """

    moments: list[list[Moments]]
    distance: tf.Tensor
    inputs: list[tf.Tensor]


class Strips:
    """One network, walked in strips. Every block holds one style layer; one block holds the content layer."""

    def __init__(
        self, network: Vgg19, style_layers: Sequence[str], content_layer: str, with_mean: bool
    ) -> None:
        """`with_mean`: whether the means of the style layers' features are wanted too."""
        self._network = network
        self._with_mean = with_mean
        self._style_layers = tuple(style_layers)
        self._content_layer = content_layer
        self._layers = (*self._style_layers, content_layer)
        self._content_block = int(content_layer[4])
        self._forwards: dict[tuple[int, int, bool, bool], Any] = {}
        self._backwards: dict[tuple[int, int, bool], Any] = {}
        self._features = tf.function(
            self._content_of, input_signature=self._slab_spec(self._content_block), autograph=False
        )

    def content(self, picture: tf.Tensor) -> tf.Tensor:
        """Features of a (1, H, W, 3) picture at the content layer."""
        x = picture
        for block in range(1, self._content_block):
            run = self._forward(block, 0)
            x = tf.concat([run(_slab(x, s), *_inner(s), [], [])[2] for s in self.strips(x, block)], 1)
        strips = self.strips(x, self._content_block)
        return tf.concat([self._features(_slab(x, strip), *_inner(strip)) for strip in strips], 1)

    def forward(
        self,
        picture: tf.Tensor,
        guides: Sequence[Sequence[tf.Tensor]] = (),
        content: Sequence[Content] = (),
    ) -> Pass:
        """Moments of a (1, H, W, 3) picture, and its distance from the content, if there is one.

        `guides[region][layer]` are (1, h, w, 1), normalised; none of them means the whole picture.
        """
        inputs, moments, distances = [picture], [], [tf.constant(0.0)]
        for block in BLOCKS:
            x, sums, pooled = inputs[-1], [], []
            for strip in self.strips(x, block):
                here = [_rows(region[block - 1], strip.first, strip.last) for region in guides]
                wanted = [_content_rows(one, strip) for one in content if block == self._content_block]
                run = self._forward(block, len(here), content)
                parts, distance, out = run(_slab(x, strip), *_inner(strip), here, wanted)
                sums.append(parts)
                pooled.append(out)
                distances += distance
            positions = float(x.shape[1] * x.shape[2])
            moments.append([per_position(_added(parts), positions) for parts in zip(*sums, strict=True)])
            if block < BLOCKS[-1]:
                inputs.append(tf.concat(pooled, 1))
        return Pass(moments, tf.add_n(distances), inputs)

    def backward(
        self,
        passed: Pass,
        guides: Sequence[Sequence[tf.Tensor]],
        content: Content,
        moment_pulls: Sequence[Sequence[Moments]],
        distance_pull: tf.Tensor,
    ) -> tf.Tensor:
        """The picture's gradient, from those of a pass's moments and distance. Uses the pass up."""
        upstream: tf.Tensor | None = None
        for block in reversed(BLOCKS):
            x = passed.inputs.pop()
            positions = float(x.shape[1] * x.shape[2])
            pulls = [per_position(pull, positions) for pull in moment_pulls[block - 1]]
            pieces, carried = [], None
            planned = list(self.strips(x, block))
            for number, strip in enumerate(planned):
                here = [_rows(region[block - 1], strip.first, strip.last) for region in guides]
                holds_content = block == self._content_block
                wanted = [(_content_rows(content, strip), distance_pull)] if holds_content else []
                from_above = (
                    [] if upstream is None else [_rows(upstream, strip.first // 2, -(-strip.last // 2))]
                )
                piece = self._backward(block, len(here), bool(content.guide))(
                    _slab(x, strip), *_inner(strip), here, pulls, wanted, from_above
                )
                if carried is not None:  # rows that the strip before saw too: both pull on them
                    shared = carried.shape[1]
                    piece = tf.concat([piece[:, :shared] + carried, piece[:, shared:]], 1)
                if number + 1 < len(planned):
                    alone = planned[number + 1].above - strip.above
                    piece, carried = piece[:, :alone], piece[:, alone:]
                pieces.append(piece)
            upstream = tf.concat(pieces, 1)
        return upstream

    def strips(self, x: tf.Tensor, block: int) -> Iterator[Strip]:
        """Strips of a block's input, with an even number of rows each so that pooling windows stay whole."""
        rows, width = x.shape[1], x.shape[2]
        halo = self._network.depth(block, self._layers)
        height = max(STRIP_VALUES // self._network.channels(self._style_layers[block - 1]) // width, 2 * halo)
        height += height % 2
        for first in range(0, rows, height):
            last = min(first + height, rows)
            yield Strip(first, last, max(0, first - halo), min(rows, last + halo))

    def _sums(self, features: tf.Tensor, guides: Sequence[tf.Tensor]) -> list[Moments]:
        """Sums of the moments over the positions, under each guide; a list of one without guides."""
        return [moment_sums(features, guide, self._with_mean) for guide in guides or (None,)]

    def _content_of(self, x: tf.Tensor, first: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        found, _ = self._network.block(self._content_block, x, (self._content_layer,))
        return _rows(found[self._content_layer], first, first + rows)

    def _forward(self, block: int, regions: int, content: Sequence[Content] = ()) -> Any:
        holds_content = bool(content) and block == self._content_block
        guided = holds_content and bool(content[0].guide)
        key = block, regions, holds_content, guided
        if key not in self._forwards:

            def run(
                x: tf.Tensor,
                first: tf.Tensor,
                rows: tf.Tensor,
                guides: Sequence[tf.Tensor],
                content: Sequence[Content],
            ) -> tuple[list[Moments], list[tf.Tensor], tf.Tensor]:
                found, pooled = self._network.block(block, x, self._layers)
                inner = {layer: _rows(features, first, first + rows) for layer, features in found.items()}
                return (
                    self._sums(inner[self._style_layers[block - 1]], guides),
                    [content_distance(inner[self._content_layer], wanted) for wanted in content],
                    _rows(pooled, first // 2, (first + rows + 1) // 2),
                )

            signature = [
                *self._slab_spec(block),
                [_GUIDE] * regions,
                [self._content_spec(guided)] * holds_content,
            ]
            self._forwards[key] = tf.function(run, input_signature=signature, autograph=False)
        return self._forwards[key]

    def _backward(self, block: int, regions: int, guided: bool) -> Any:
        key = block, regions, guided
        if key not in self._backwards:

            def run(
                x: tf.Tensor,
                first: tf.Tensor,
                rows: tf.Tensor,
                guides: Sequence[tf.Tensor],
                pulls: Sequence[Moments],
                content: Sequence[tuple[Content, tf.Tensor]],
                upstream: Sequence[tf.Tensor],
            ) -> tf.Tensor:
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    found, pooled = self._network.block(block, x, self._layers)
                    inner = {layer: _rows(features, first, first + rows) for layer, features in found.items()}
                    ends = tf.nest.flatten(self._sums(inner[self._style_layers[block - 1]], guides))
                    gradients = tf.nest.flatten(pulls)
                    for wanted, pull in content:
                        ends.append(content_distance(inner[self._content_layer], wanted))
                        gradients.append(pull)
                    for pull in upstream:
                        ends.append(_rows(pooled, first // 2, (first + rows + 1) // 2))
                        gradients.append(pull)
                return tape.gradient(ends, x, gradients)

            wanted = [(self._content_spec(guided), tf.TensorSpec(()))]
            signature = [
                *self._slab_spec(block),
                [_GUIDE] * regions,
                [self._moments_spec(block)] * max(regions, 1),
                wanted if block == self._content_block else [],
                [self._slab_spec(block + 1)[0]] if block < BLOCKS[-1] else [],
            ]
            self._backwards[key] = tf.function(run, input_signature=signature, autograph=False)
        return self._backwards[key]

    def _slab_spec(self, block: int) -> list[tf.TensorSpec]:
        """A block's slab, and where the strip's own rows are in it."""
        whole = tf.TensorSpec((), tf.int32)
        if block == 1:
            return [tf.TensorSpec((1, None, None, 3)), whole, whole]
        return [self._features_spec(self._style_layers[block - 2]), whole, whole]  # of the block before

    def _features_spec(self, layer: str) -> tf.TensorSpec:
        return tf.TensorSpec((1, None, None, self._network.channels(layer)), self._network.dtype)

    def _content_spec(self, guided: bool) -> Content:
        guide = (_GUIDE,) if guided else ()
        return Content(self._features_spec(self._content_layer), tf.TensorSpec(()), guide)

    def _moments_spec(self, block: int) -> Moments:
        channels = self._network.channels(self._style_layers[block - 1])
        mean = (tf.TensorSpec((channels,)),) if self._with_mean else ()
        return Moments(tf.TensorSpec((channels, channels)), mean)


_GUIDE = tf.TensorSpec((1, None, None, 1))


def _slab(x: tf.Tensor, strip: Strip) -> tf.Tensor:
    return x[:, strip.above : strip.below]


def _inner(strip: Strip) -> tuple[int, int]:
    """Where the strip's own rows begin in its slab, and how many they are."""
    return strip.first - strip.above, strip.last - strip.first


def _rows(x: tf.Tensor, first: Any, last: Any) -> tf.Tensor:
    return x[:, first:last]


def _content_rows(content: Content, strip: Strip) -> Content:
    return Content(
        _rows(content.features, strip.first, strip.last),
        content.unit,
        tuple(_rows(guide, strip.first, strip.last) for guide in content.guide),
    )


def _added(parts: Sequence[Moments]) -> Moments:
    means = zip(*(part.mean for part in parts), strict=True)
    return Moments(tf.add_n([part.gram for part in parts]), tuple(tf.add_n(list(mean)) for mean in means))
