"""The transformer: paints pictures in the style that a vector tells (Ghiasi et al. 2017, arXiv 1705.06830).

Three convolutions bring the picture to a quarter of its size, five residual blocks work there, three more
convolutions bring it back. Every layer of the last two groups is normalised per picture and channel, and then
scaled and shifted as the style vector says: that is all a style is to this network.
"""

from typing import NamedTuple

from nst.fast_weights import Constants
from nst.runtime import tf

STEP = 4  # sides are multiples of this
_EPSILON = 1e-5
_RESIDUALS = 5


class _Normed(NamedTuple):
    """A convolution whose output is normalised in a style."""

    kernel: tf.Tensor
    scale: tuple[tf.Tensor, tf.Tensor]  # style vector -> scale: a matrix and an offset
    shift: tuple[tf.Tensor, tf.Tensor]


class Transformer(tf.Module):  # type: ignore[misc]
    """The network. Sides of pictures must be multiples of 4, and at least 8."""

    def __init__(self, constants: Constants) -> None:
        super().__init__(name="transformer")
        self._contract = [
            (
                tf.constant(constants[f"transformer/contract/conv{n}/weights"].transpose(2, 3, 1, 0)),
                tf.constant(constants[f"transformer/contract/conv{n}/Conv2D_bias"]),
            )
            for n in (1, 2, 3)
        ]
        self._residual = [
            [_normed(constants, f"residual/residual{block}/conv{n}") for n in (1, 2)]
            for block in range(1, _RESIDUALS + 1)
        ]
        self._expand = [_normed(constants, f"expand/conv{n}/conv") for n in (1, 2, 3)]

    def __call__(self, pictures: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) float32 in 0..1 and (N, 100) style vectors -> (N, H, W, 3) float32 in 0..1."""
        x = pictures
        for (kernel, bias), stride in zip(self._contract, (1, 2, 2), strict=True):
            x = tf.nn.relu(_convolved(x, kernel, stride) + bias)
        for first, second in self._residual:
            x += _styled(tf.nn.relu(_styled(x, first, vectors)), second, vectors)
        for layer in self._expand[:2]:
            x = tf.nn.relu(_styled(_doubled(x), layer, vectors))
        return tf.sigmoid(_styled(x, self._expand[2], vectors))


def _normed(constants: Constants, name: str) -> _Normed:
    def linear(part: str) -> tuple[tf.Tensor, tf.Tensor]:
        layer = f"style_params/transformer/{name}/StyleNorm/{part}"
        matrix = constants[f"{layer}/weights"][:, :, 0, 0].T
        return tf.constant(matrix), tf.constant(constants[f"{layer}/Conv2D_bias"])

    kernel = constants[f"transformer/{name}/weights"].transpose(2, 3, 1, 0)
    return _Normed(tf.constant(kernel), scale=linear("Conv_1"), shift=linear("Conv"))


def _styled(x: tf.Tensor, layer: _Normed, vectors: tf.Tensor) -> tf.Tensor:
    x = _convolved(x, layer.kernel)
    mean, variance = tf.nn.moments(x, (1, 2), keepdims=True)
    (scale, scale_offset), (shift, shift_offset) = layer.scale, layer.shift
    factor = (vectors @ scale + scale_offset)[:, None, None] * tf.math.rsqrt(variance + _EPSILON)
    return x * factor + ((vectors @ shift + shift_offset)[:, None, None] - mean * factor)


def _convolved(x: tf.Tensor, kernel: tf.Tensor, stride: int = 1) -> tf.Tensor:
    """A convolution that sees the picture mirrored beyond its border."""
    pad = kernel.shape[0] // 2
    around = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    return tf.nn.conv2d(tf.pad(x, around, "REFLECT"), kernel, stride, "VALID")


def _doubled(x: tf.Tensor) -> tf.Tensor:
    """Twice the size, each pixel repeated."""
    if x.shape.is_fully_defined():  # for export: the operation that phones' graphics processors know
        return tf.image.resize(x, (2 * x.shape[1], 2 * x.shape[2]), "nearest")
    return tf.repeat(tf.repeat(x, 2, 1), 2, 2)
