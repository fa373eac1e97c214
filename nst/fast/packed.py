"""The transformer, computed in packed form (`blocks`): the same network in half the time."""

from collections.abc import Sequence

import numpy as np

from nst.fast.blocks import (
    Moments,
    convolved,
    doubling,
    mirrored_blocks,
    moments_of,
    of_blocks,
    of_blocks_halved,
    scaled,
)
from nst.fast.transformer import EXPANSIONS, NORMALISED, RESIDUALS, Transformer
from nst.fast_weights import Constants
from nst.runtime import tf

REACH = 60  # no pixel depends on any that is further away, but by the moments


class PackedTransformer(Transformer):
    """The network. Sides of pictures must be multiples of 4, and at least 16."""

    def __init__(self, constants: Constants) -> None:
        super().__init__(constants)
        self._first = of_blocks(self.kernels["contract/conv1"])
        self._second = of_blocks_halved(self.kernels["contract/conv2"])
        self._doubling = {layer: doubling(self.kernels[layer]) for layer in EXPANSIONS[:2]}
        self._last = of_blocks(self.kernels[EXPANSIONS[2]])

    def __call__(self, pictures: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) float32 in 0..1 and (N, 100) style vectors -> (N, H, W, 3) float32 in 0..1."""
        return self.painted(pictures, vectors)[0]

    def painted(
        self, pictures: tf.Tensor, vectors: tf.Tensor, moments: Sequence[Moments] | None = None
    ) -> tuple[tf.Tensor, list[Moments]]:
        """The pictures painted, and the moments of each layer that is normalised.

        With `moments`, of another picture or of the whole that these are parts of, those count instead.
        """
        known = dict(zip(NORMALISED, moments, strict=True)) if moments is not None else {}
        seen: list[Moments] = []

        def styled(x: tf.Tensor, layer: str) -> tf.Tensor:
            own = known.get(layer) or moments_of(x, self.kernels[layer].shape[-1])
            seen.append(own)
            return scaled(x, *self.folded(layer, vectors, *own))

        x = self._contracted(pictures)
        for block in RESIDUALS:
            inner = styled(convolved(x, self.kernels[f"{block}/conv1"]), f"{block}/conv1")
            x += styled(convolved(tf.nn.relu(inner), self.kernels[f"{block}/conv2"]), f"{block}/conv2")
        for layer in EXPANSIONS[:2]:
            # Between the two expansions the blocks are laid out; after the second they stay blocks.
            x = x if layer == EXPANSIONS[0] else tf.nn.depth_to_space(x, 2)
            x = tf.nn.relu(styled(convolved(x, self._doubling[layer], beyond=0), layer))
        x = tf.nn.conv2d(mirrored_blocks(mirrored_blocks(x, 1), 2), self._last, 1, "VALID")
        return tf.nn.depth_to_space(tf.sigmoid(styled(x, EXPANSIONS[2])), 2), seen

    def _contracted(self, pictures: tf.Tensor) -> tf.Tensor:
        pad = len(self.kernels["contract/conv1"]) // 2
        mirrored = tf.pad(pictures, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "REFLECT")
        first, second, third = self.biases.values()
        blocks = tf.nn.space_to_depth(mirrored, 2)
        x = tf.nn.conv2d(blocks, self._first, 1, "VALID")
        x = tf.nn.relu(tf.nn.bias_add(x, np.tile(first, 4)))
        # Row -1 of the pixels is row 1: the second row of the first block, repeated above it.
        x = tf.concat((x[:, :1], x), 1)
        x = tf.concat((x[:, :, :1], x), 2)
        x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, self._second, 1, "VALID"), second))
        x = convolved(x, self.kernels["contract/conv3"], stride=2)
        return tf.nn.relu(tf.nn.bias_add(x, third))
