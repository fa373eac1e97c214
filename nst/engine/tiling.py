"""Features and exact gradients of a picture whose activations do not fit into memory.

Gram matrices are sums over positions, so they can be gathered strip by strip; and once the loss of the sums
is known, so is the gradient that each strip must carry back. Only the inputs of the network's five blocks
are kept (60 bytes a pixel in bfloat16); within a block, strips overlap by as many rows as it has
convolutions, and what the cut edges spoil is cropped. The result is that of the whole picture up to
rounding, at the cost of one more forward pass.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nst.engine.style import Moments, moment_sums, per_position
from nst.engine.vgg19 import CONVOLUTIONS_PER_BLOCK, Vgg19

BLOCKS = range(1, len(CONVOLUTIONS_PER_BLOCK) + 1)
STRIP_PIXELS = 2**19  # of the picture, in one strip: its gradient takes about 1 GB in bfloat16


class Strip(NamedTuple):
    """Rows `first` to `last` of a block's input, and the wider `above` to `below` that they depend on."""

    first: int
    last: int
    above: int
    below: int


class Pass(NamedTuple):
    """What one way through the network left behind.

    `moments[layer][region]` are float32; `content` the (1, h, w, c) features at the content layer;
    `inputs` the input of each block.
    """

    moments: list[list[Moments]]
    content: tf.Tensor
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
        self._forwards: dict[tuple[int, int], Any] = {}
        self._backwards: dict[tuple[int, int], Any] = {}

    def forward(self, picture: tf.Tensor, guides: Sequence[Sequence[tf.Tensor]] = ()) -> Pass:
        """Moments and content features of a (1, H, W, 3) picture.

        `guides[region][layer]` are (1, h, w, 1), normalised; none of them means the whole picture.
        """
        inputs, moments, content = [picture], [], []
        for block in BLOCKS:
            x, sums, pooled = inputs[-1], [], []
            for strip in strips_of(x, block):
                here = [_rows(region[block - 1], strip.first, strip.last) for region in guides]
                parts, features, out = self._forward(block, len(here))(_slab(x, strip), *_inner(strip), here)
                sums.append(parts)
                pooled.append(out)
                if self._holds_content(block):
                    content.append(features)
            positions = float(x.shape[1] * x.shape[2])
            moments.append([per_position(_added(parts), positions) for parts in zip(*sums, strict=True)])
            if block < BLOCKS[-1]:
                inputs.append(tf.concat(pooled, 1))
        return Pass(moments, tf.concat(content, 1), inputs)

    def backward(
        self,
        passed: Pass,
        guides: Sequence[Sequence[tf.Tensor]],
        moment_pulls: Sequence[Sequence[Moments]],
        content_pull: tf.Tensor,
    ) -> tf.Tensor:
        """The picture's gradient, from those of a pass's moments and content features."""
        upstream: tf.Tensor | None = None
        for block in reversed(BLOCKS):
            x = passed.inputs[block - 1]
            positions = float(x.shape[1] * x.shape[2])
            pulls = [per_position(pull, positions) for pull in moment_pulls[block - 1]]
            pieces, carried = [], None
            planned = list(strips_of(x, block))
            for number, strip in enumerate(planned):
                here = [_rows(region[block - 1], strip.first, strip.last) for region in guides]
                pull_content = (
                    [_rows(content_pull, strip.first, strip.last)] if self._holds_content(block) else []
                )
                from_above = (
                    [] if upstream is None else [_rows(upstream, strip.first // 2, -(-strip.last // 2))]
                )
                piece = self._backward(block, len(here))(
                    _slab(x, strip), *_inner(strip), here, pulls, pull_content, from_above
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

    def _sums(self, features: tf.Tensor, guides: Sequence[tf.Tensor]) -> list[Moments]:
        """Sums of the moments over the positions, under each guide; a list of one without guides."""
        return [moment_sums(features, guide, self._with_mean) for guide in guides or (None,)]

    def _holds_content(self, block: int) -> bool:
        return self._content_layer.startswith(f"relu{block}_")

    def _forward(self, block: int, regions: int) -> Any:
        key = block, regions
        if key not in self._forwards:

            def run(
                x: tf.Tensor, first: tf.Tensor, rows: tf.Tensor, guides: Sequence[tf.Tensor]
            ) -> tuple[list[Moments], tf.Tensor, tf.Tensor]:
                found, pooled = self._network.block(block, x, self._layers)
                style = _rows(found[self._style_layers[block - 1]], first, first + rows)
                content = found.get(self._content_layer, style)
                return (
                    self._sums(style, guides),
                    _rows(content, first, first + rows) if self._holds_content(block) else style[:, :0],
                    _rows(pooled, first // 2, (first + rows + 1) // 2),
                )

            whole = tf.TensorSpec((), tf.int32)
            signature = [self._input(block), whole, whole, [_GUIDE] * regions]
            self._forwards[key] = tf.function(run, input_signature=signature, autograph=False)
        return self._forwards[key]

    def _backward(self, block: int, regions: int) -> Any:
        key = block, regions
        if key not in self._backwards:

            def run(
                x: tf.Tensor,
                first: tf.Tensor,
                rows: tf.Tensor,
                guides: Sequence[tf.Tensor],
                pulls: Sequence[Moments],
                pull_content: Sequence[tf.Tensor],
                upstream: Sequence[tf.Tensor],
            ) -> tf.Tensor:
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    found, pooled = self._network.block(block, x, self._layers)
                    style = _rows(found[self._style_layers[block - 1]], first, first + rows)
                    ends = tf.nest.flatten(self._sums(style, guides))
                    gradients = tf.nest.flatten(pulls)
                    for pull in pull_content:
                        ends.append(_rows(found[self._content_layer], first, first + rows))
                        gradients.append(pull)
                    for pull in upstream:
                        ends.append(_rows(pooled, first // 2, (first + rows + 1) // 2))
                        gradients.append(pull)
                return tape.gradient(ends, x, gradients)

            whole = tf.TensorSpec((), tf.int32)
            channels = self._network.channels(self._style_layers[block - 1])
            mean = (tf.TensorSpec((channels,)),) if self._with_mean else ()
            pull = Moments(tf.TensorSpec((channels, channels)), mean)
            features = tf.TensorSpec((1, None, None, None), self._network.dtype)
            signature = [
                self._input(block),
                whole,
                whole,
                [_GUIDE] * regions,
                [pull] * max(regions, 1),
                [features] if self._holds_content(block) else [],
                [features] if block < BLOCKS[-1] else [],
            ]
            self._backwards[key] = tf.function(run, input_signature=signature, autograph=False)
        return self._backwards[key]

    def _input(self, block: int) -> tf.TensorSpec:
        if block == 1:
            return tf.TensorSpec((1, None, None, 3))
        channels = self._network.channels(self._style_layers[block - 2])  # of the block before
        return tf.TensorSpec((1, None, None, channels), self._network.dtype)


_GUIDE = tf.TensorSpec((1, None, None, 1))


def strips_of(x: tf.Tensor, block: int) -> Iterator[Strip]:
    """Strips of a block's input, with an even number of rows each so that pooling windows stay whole."""
    rows, width = x.shape[1], x.shape[2]
    halo = CONVOLUTIONS_PER_BLOCK[block - 1]
    height = max(STRIP_PIXELS // 4 ** (block - 1) // width, 2 * halo)
    height += height % 2
    for first in range(0, rows, height):
        last = min(first + height, rows)
        yield Strip(first, last, max(0, first - halo), min(rows, last + halo))


def _slab(x: tf.Tensor, strip: Strip) -> tf.Tensor:
    return x[:, strip.above : strip.below]


def _inner(strip: Strip) -> tuple[int, int]:
    """Where the strip's own rows begin in its slab, and how many they are."""
    return strip.first - strip.above, strip.last - strip.first


def _rows(x: tf.Tensor, first: Any, last: Any) -> tf.Tensor:
    return x[:, first:last]


def _added(parts: Sequence[Moments]) -> Moments:
    means = zip(*(part.mean for part in parts), strict=True)
    return Moments(tf.add_n([part.gram for part in parts]), tuple(tf.add_n(list(mean)) for mean in means))
