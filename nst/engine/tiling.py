"""Moments and exact gradients of a picture whose activations do not fit into memory.

Moments and the distance from the content are sums over positions, so they can be gathered strip by strip;
and once the loss of the sums is known, so is the gradient that each strip must carry back. Within a block
strips overlap by as many rows as it has convolutions, and what the cut edges spoil is cropped. In bfloat16
about 90 bytes a pixel of the picture are kept for the way back, of the 600 that all layers take (blocks.py).
The result is that of the whole picture up to rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import tensorflow as tf

from nst.engine.blocks import Block, Features
from nst.engine.losses import Content
from nst.engine.style import Moments, added, per_position
from nst.engine.vgg19 import Vgg19

STRIP_VALUES = 2**24  # of one layer of a strip: its gradient takes about half a GB in bfloat16
TALLER = 2  # are the strips of blocks not walked anew: they take less memory, and overlap by more rows

Guides = Sequence[Sequence[tf.Tensor]]


class Strip(NamedTuple):
    """Rows `first` to `last` of a block's input, and the wider `above` to `below` that they depend on."""

    first: int
    last: int
    above: int
    below: int

    @property
    def inner(self) -> tuple[int, int]:
        """Where the strip's own rows begin in its slab, and how many they are."""
        return self.first - self.above, self.last - self.first


class Pass(NamedTuple):
    """What one way through the network left behind.

    `moments[layer][region]` are float32, `distance` the squared distance of the content. By block `kept` is
    its input, or what each strip left, and `sizes` are the height and width of its input.
    """

    moments: list[list[Moments]]
    distance: tf.Tensor
    kept: list[tf.Tensor | list[Features]]
    sizes: list[tuple[int, int]]


class Strips:
    """One network, walked in strips. Every block holds one style layer; one block holds the content layer."""

    def __init__(
        self, network: Vgg19, style_layers: Sequence[str], content_layer: str, with_mean: bool
    ) -> None:
        """`with_mean`: whether the means of the style layers' features are wanted too."""
        self._network = network
        self._blocks = [
            Block(network, number, style_layers, content_layer, with_mean)
            for number in range(1, len(style_layers) + 1)
        ]

    def content(self, picture: tf.Tensor) -> tf.Tensor:
        """Features of a (1, H, W, 3) picture at the content layer."""
        x = picture
        for number, block in enumerate(self._blocks):
            if block.holds_content:
                break
            _, _, x, _ = self._walked(number, x, [], [], keep=False)
        return tf.concat(
            [block.content(_slab(x, s), *s.inner) for s in self.strips(number, *x.shape[1:3])], 1
        )

    def style(self, picture: tf.Tensor, guides: Guides) -> list[list[Moments]]:
        """Moments of a (1, H, W, 3) picture, by style layer and region.

        `guides[region][layer]` are (1, h, w, 1), normalised; none of them means the whole picture.
        """
        found, x = [], picture
        for number in range(len(self._blocks)):
            moments, _, x, _ = self._walked(number, x, guides, [], keep=False)
            found.append(moments)
        return found

    def forward(
        self, picture: tf.Tensor, guides: Guides, content: Content, check: Callable[[], None]
    ) -> Pass:
        """Moments of a (1, H, W, 3) picture, and its distance from the content.

        `check` is called before each strip, and may raise.
        """
        found, distances, kept, sizes, x = [], [], [], [], picture
        for number, block in enumerate(self._blocks):
            sizes.append(tuple(x.shape[1:3]))
            wanted = [content] if block.holds_content else []
            moments, distance, out, left = self._walked(
                number, x, guides, wanted, keep=not block.is_walked_anew, check=check
            )
            found.append(moments)
            distances += distance
            kept.append(x if block.is_walked_anew else left)
            x = out
        return Pass(found, tf.add_n(distances), kept, sizes)

    def backward(
        self,
        passed: Pass,
        guides: Guides,
        content: Content,
        moment_pulls: Sequence[Sequence[Moments]],
        distance_pull: tf.Tensor,
        check: Callable[[], None],
    ) -> tf.Tensor:
        """The picture's gradient, from those of a pass's moments and distance. Uses the pass up.

        `check` is called before each strip, and may raise.
        """
        upstream: tf.Tensor | None = None
        for number in reversed(range(len(self._blocks))):
            upstream = self._walked_back(
                number, passed, guides, content, moment_pulls[number], distance_pull, upstream, check
            )
        return upstream

    def strips(self, number: int, height: int, width: int) -> Iterator[Strip]:
        """Strips of a block's input, with an even number of rows each so that pooling windows stay whole."""
        block = self._blocks[number]
        halo = len(block.layers)
        values = STRIP_VALUES if block.is_walked_anew else TALLER * STRIP_VALUES
        rows = max(values // self._network.channels(block.layers[0]) // width, 2 * halo)
        rows += rows % 2
        for first in range(0, height, rows):
            last = min(first + rows, height)
            yield Strip(first, last, max(0, first - halo), min(height, last + halo))

    def _walked(
        self,
        number: int,
        x: tf.Tensor,
        guides: Guides,
        content: Sequence[Content],
        keep: bool,
        check: Callable[[], None] = lambda: None,
    ) -> tuple[list[Moments], list[tf.Tensor], tf.Tensor, list[Features]]:
        """One block: the moments of its style layer by region, distances, pooled output, and what is kept."""
        block = self._blocks[number]
        left = []
        for strip in self.strips(number, *x.shape[1:3]):
            check()
            left.append(
                block.forward(
                    _slab(x, strip),
                    *strip.inner,
                    [_rows(region[number], strip) for region in guides],
                    [_content_rows(one, strip) for one in content],
                    keep,
                )
            )
        positions = float(x.shape[1] * x.shape[2])
        sums = zip(*(one.sums for one in left), strict=True)
        return (
            [per_position(added(region), positions) for region in sums],
            [distance for one in left for distance in one.distances],
            tf.concat([one.out for one in left], 1),
            [one.kept for one in left],
        )

    def _walked_back(
        self,
        number: int,
        passed: Pass,
        guides: Guides,
        content: Content,
        moment_pulls: Sequence[Moments],
        distance_pull: tf.Tensor,
        upstream: tf.Tensor | None,
        check: Callable[[], None],
    ) -> tf.Tensor:
        """The gradient of a block's input, from those of its moments, of the distance and of its output."""
        block, kept, size = self._blocks[number], passed.kept.pop(), passed.sizes.pop()
        pulls = [per_position(pull, float(size[0] * size[1])) for pull in moment_pulls]
        pieces, carried = [], None
        planned = list(self.strips(number, *size))
        for place, strip in enumerate(planned):
            check()
            piece = block.backward(
                _slab(kept, strip) if block.is_walked_anew else kept.pop(0),
                *strip.inner,
                [_rows(region[number], strip) for region in guides],
                pulls,
                [(_content_rows(content, strip), distance_pull)] if block.holds_content else [],
                [] if upstream is None else [upstream[:, strip.first // 2 : -(-strip.last // 2)]],
            )
            if carried is not None:  # rows that the strip before saw too: both pull on them
                shared = carried.shape[1]
                piece = tf.concat([piece[:, :shared] + carried, piece[:, shared:]], 1)
            if place + 1 < len(planned):
                alone = planned[place + 1].above - strip.above
                piece, carried = piece[:, :alone], piece[:, alone:]
            pieces.append(piece)
        return tf.concat(pieces, 1)


def _slab(x: tf.Tensor, strip: Strip) -> tf.Tensor:
    return x[:, strip.above : strip.below]


def _rows(x: tf.Tensor, strip: Strip) -> tf.Tensor:
    return x[:, strip.first : strip.last]


def _content_rows(content: Content, strip: Strip) -> Content:
    guide = tuple(_rows(guide, strip) for guide in content.guide)
    return Content(_rows(content.features, strip), content.unit, guide)
