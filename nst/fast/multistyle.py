"""Twenty-six styles known by heart, for a gallery at a glance (Dumoulin et al. 2017, arXiv 1610.07629).

The network is the transformer's elder sister: wider at the start, one residual block more, and each style is
a row of scales and shifts instead of what a vector tells. Nobody wrote down which paintings taught it; the
styles go by number.
"""

from collections.abc import Sequence

import numpy as np

from nst import fast_weights, images
from nst.fast.blocks import (
    convolved,
    doubling,
    mirrored_blocks,
    moments_of,
    of_blocks,
    padded,
    scaled,
)
from nst.images import Pixels
from nst.runtime import tf

STYLES = 26
_RESIDUALS = tuple(f"res.{block}" for block in range(6))
_TOGETHER = (
    4  # styles at once: 0.38 s for all 26 one by one, 0.29 in twos, 0.26 in fours, and no less in more
)
_EPSILON = 1e-5

_PICTURE = tf.TensorSpec((1, None, None, 3), tf.uint8)
_MIX = tf.TensorSpec((None, STYLES), tf.float32)


class Multistyle:
    """The network, loaded once; for one caller at a time."""

    def __init__(self) -> None:
        """Raises `Refusal`, `weights_missing` or `weights_damaged`."""
        self._constants = fast_weights.multistyle()
        self._kernels = {
            name.removesuffix(".w"): np.ascontiguousarray(kernel.transpose(2, 3, 1, 0))
            for name, kernel in self._constants.items()
            if name.endswith(".w")
        }
        self._doubling = {layer: doubling(self._kernels[layer]) for layer in ("expand.0", "expand.1")}
        self._last = of_blocks(self._kernels["expand.2"])
        self._seen = tf.function(self._look, input_signature=[_PICTURE])
        self._painted = tf.function(
            self._paint, input_signature=[tf.TensorSpec((1, None, None, None), tf.float32), _MIX]
        )

    def sheet(self, photograph: Pixels, size: int = 256, styles: Sequence[int] = range(STYLES)) -> np.ndarray:
        """The photograph in each of the styles: (H, W, 3) uint8 -> (styles, h, w, 3) uint8.

        The longer side becomes `size` pixels, if it is more.
        """
        height, width = photograph.shape[:2]
        if max(height, width) > size:
            photograph = images.resize(photograph, images.fitted(width, height, size))
        return self.paint(photograph, np.eye(STYLES, dtype=np.float32)[list(styles)])

    def paint(self, photograph: Pixels, mixes: np.ndarray) -> np.ndarray:
        """The photograph in mixtures of the styles, each a row of 26 weights that add up to 1.

        (H, W, 3) uint8 and (N, 26) -> (N, H, W, 3) uint8.
        """
        height, width = photograph.shape[:2]
        seen = self._seen(padded(photograph[None]))  # does not depend on the style
        mixes = np.asarray(mixes, np.float32)
        groups = [mixes[first : first + _TOGETHER] for first in range(0, len(mixes), _TOGETHER)]
        painted = [self._painted(seen, group).numpy()[:, :height, :width] for group in groups]
        return np.concatenate(painted)

    def _look(self, pictures: tf.Tensor) -> tf.Tensor:
        """The first convolution, normalised: all that the styles have in common."""
        pad = len(self._kernels["contract.0"]) // 2
        around = ((0, 0), (pad, pad), (pad, pad), (0, 0))
        x = tf.pad(tf.cast(pictures, tf.float32) / 255, around, "REFLECT")
        x = tf.nn.conv2d(x, self._kernels["contract.0"], 1, "VALID")
        mean, variance = moments_of(x, x.shape[-1])
        return (x - mean) * tf.math.rsqrt(variance + _EPSILON)

    def _paint(self, seen: tf.Tensor, mixes: tf.Tensor) -> tf.Tensor:
        def style(layer: str) -> tuple[tf.Tensor, tf.Tensor]:
            scale, shift = (self._constants[f"{layer}.norm.{part}"] for part in ("gamma", "beta"))
            return (mixes @ scale)[:, None, None], (mixes @ shift)[:, None, None]

        def styled(x: tf.Tensor, layer: str) -> tf.Tensor:
            scale, shift = style(layer)
            mean, variance = moments_of(x, scale.shape[-1])
            factor = scale * tf.math.rsqrt(variance + _EPSILON)
            return scaled(x, factor, shift - mean * factor)

        scale, shift = style("contract.0")
        x = tf.nn.relu(seen * scale + shift)
        for layer in ("contract.1", "contract.2"):
            x = tf.nn.relu(styled(convolved(x, self._kernels[layer], stride=2), layer))
        for block in _RESIDUALS:
            inner = tf.nn.relu(styled(convolved(x, self._kernels[f"{block}.0"]), f"{block}.0"))
            x += styled(convolved(inner, self._kernels[f"{block}.1"]), f"{block}.1")
        x = tf.nn.relu(styled(convolved(x, self._doubling["expand.0"], beyond=0), "expand.0"))
        x = tf.nn.depth_to_space(x, 2)
        x = tf.nn.relu(styled(convolved(x, self._doubling["expand.1"], beyond=0), "expand.1"))
        x = tf.nn.conv2d(mirrored_blocks(mirrored_blocks(x, 1), 2), self._last, 1, "VALID")
        painted = tf.nn.depth_to_space(tf.sigmoid(styled(x, "expand.2")), 2)
        return tf.cast(tf.round(painted * 255), tf.uint8)
