"""How a painting's style is compared: by Gram matrices, or by the transport between two clouds of features.

Both look at a layer's features as a cloud of points, one a position, and at nothing but its first two
moments. All sums are taken in float32.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from nst.options import StyleLossName

ITERATIONS = 12  # of Newton and Schulz

Target = tuple[tf.Tensor, ...]


class Moments(NamedTuple):
    """What a loss needs to know of a layer's features.

    `gram` (c, c) is F'F / (h w), which channels fire together (Gatys et al. 2016, equation 3); `mean`
    holds the (c,) mean of the features, or nothing where the loss does not ask for it.
    """

    gram: tf.Tensor
    mean: tuple[tf.Tensor, ...]


def moment_sums(features: tf.Tensor, guide: tf.Tensor | None, with_mean: bool) -> Moments:
    """Moments of (1, h, w, c) features before the division by the number of positions.

    `guide` is (1, h, w, 1) float32 with mean(guide^2) = 1, which makes the moments as large for a small
    region as for the whole picture (Gatys et al. 2017, arXiv 1611.07865, equation 3).
    """
    if guide is not None:
        features = tf.cast(features, tf.float32) * guide
    gram = _products(features)
    if not with_mean:
        return Moments(gram, ())
    weighed = tf.cast(features, tf.float32) if guide is None else features * guide
    return Moments(gram, (tf.reduce_sum(weighed, (0, 1, 2)),))


def moment_sums_by_region(features: tf.Tensor, guides: Sequence[tf.Tensor], with_mean: bool) -> list[Moments]:
    """The sums under each of the guides; of the whole, a list of one, where there are none."""
    return [moment_sums(features, guide, with_mean) for guide in guides or (None,)]


def moments(features: tf.Tensor, guide: tf.Tensor | None, with_mean: bool) -> Moments:
    """Moments of (1, h, w, c) features, under a guide as `moment_sums` takes it."""
    positions = tf.cast(tf.shape(features)[1] * tf.shape(features)[2], tf.float32)
    return per_position(moment_sums(features, guide, with_mean), positions)


def per_position(sums: Moments, positions: tf.Tensor | float) -> Moments:
    """Moments from their sums."""
    return Moments(sums.gram / positions, tuple(mean / positions for mean in sums.mean))


def added(parts: Sequence[Moments]) -> Moments:
    """The sums over a picture from those over its parts."""
    means = zip(*(part.mean for part in parts), strict=True)
    return Moments(tf.add_n([part.gram for part in parts]), tuple(tf.add_n(list(mean)) for mean in means))


def moments_spec(channels: int, with_mean: bool) -> Moments:
    """Shapes of a layer's moments."""
    mean = (tf.TensorSpec((channels,)),) if with_mean else ()
    return Moments(tf.TensorSpec((channels, channels)), mean)


def mixture(of: Sequence[Moments], shares: Sequence[float]) -> Moments:
    """The moments of several clouds thrown together by share; the shares add up to 1."""
    means = zip(*(one.mean for one in of), strict=True)
    return Moments(
        _weighted([one.gram for one in of], shares), tuple(_weighted(mean, shares) for mean in means)
    )


class StyleLoss(Protocol):
    """A distance between a picture's moments at one layer and a painting's."""

    scale: float  # what a style weight of 1 stands for
    shares: tuple[float, ...]  # of the layers relu1_1 to relu5_1
    with_mean: bool  # whether the moments must hold the mean

    def target(self, moments: Moments) -> Target:
        """What of a painting's moments is worth computing once."""
        ...

    def signature(self, channels: int) -> tuple[tf.TensorSpec, ...]:
        """Shapes of such a target."""
        ...

    def __call__(self, found: Moments, target: Target) -> tf.Tensor:
        """The distance as a ratio without unit; a scalar."""
        ...


class GramLoss:
    """mean((G - G_style)^2) / mean(G_style^2)."""

    scale = 100.0
    shares: tuple[float, ...] = (0.3, 0.2, 0.15, 0.33, 0.02)
    with_mean = False

    def target(self, moments: Moments) -> Target:
        return moments.gram, tf.reduce_mean(tf.square(moments.gram)) + 1e-6

    def signature(self, channels: int) -> tuple[tf.TensorSpec, ...]:
        return tf.TensorSpec((channels, channels)), tf.TensorSpec(())

    def __call__(self, found: Moments, target: Target) -> tf.Tensor:
        gram, unit = target
        return tf.reduce_mean(tf.square(found.gram - gram)) / unit


class WassersteinLoss:
    """The 2-Wasserstein distance between two normal clouds, squared, over the painting's mean square.

    |m - ms|^2 + tr(S + Ss - 2 (Ss^1/2 S Ss^1/2)^1/2) for means m and covariances S (Olkin and Pukelsheim
    1982, "The distance between two random vectors with given dispersion matrices"): how far the features
    must travel to become the painting's.
    """

    scale = 12.0
    shares: tuple[float, ...] = (0.2, 0.2, 0.2, 0.2, 0.2)
    with_mean = True
    FLOOR = 1e-4  # added to covariances, in units of the painting's mean variance: no cloud is flat

    def target(self, moments: Moments) -> Target:
        (mean,) = moments.mean
        covariance = _covariance(moments)
        floor = self.FLOOR * (tf.reduce_mean(tf.linalg.diag_part(covariance)) + 1e-6)
        covariance += floor * tf.eye(tf.shape(covariance)[0])
        unit = tf.linalg.trace(moments.gram) + 1e-6
        return mean, _symmetric_root(covariance), floor, unit

    def signature(self, channels: int) -> tuple[tf.TensorSpec, ...]:
        scalar = tf.TensorSpec(())
        return tf.TensorSpec((channels,)), tf.TensorSpec((channels, channels)), scalar, scalar

    def __call__(self, found: Moments, target: Target) -> tf.Tensor:
        mean, root, floor, unit = target
        covariance = _covariance(found) + floor * tf.eye(tf.shape(root)[0])
        way = tf.reduce_sum(tf.square(found.mean[0] - mean))
        spread = tf.linalg.trace(covariance) + tf.reduce_sum(tf.square(root))
        return (way + tf.nn.relu(spread - 2.0 * _root_trace(root @ covariance @ root))) / unit


def style_loss(name: StyleLossName) -> StyleLoss:
    """The loss of this name."""
    return WassersteinLoss() if name == "wasserstein" else GramLoss()


@tf.custom_gradient
def _products(features: tf.Tensor) -> tuple[tf.Tensor, object]:
    """F'F of (1, h, w, c) features, (c, c) float32.

    The way back is one product in the features' own type. Left to itself TensorFlow takes two in float32,
    because it does not know that both factors are the same: a tenth of a whole step.
    """
    flat = tf.reshape(features, (-1, features.shape[-1]))

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        pull = tf.cast(upstream + tf.transpose(upstream), features.dtype)
        return tf.reshape(flat @ pull, tf.shape(features))

    exact = tf.cast(flat, tf.float32)
    return tf.matmul(exact, exact, transpose_a=True), gradient


def _weighted(of: Sequence[tf.Tensor], shares: Sequence[float]) -> tf.Tensor:
    return tf.add_n([share * one for share, one in zip(shares, of, strict=True)])


def _covariance(moments: Moments) -> tf.Tensor:
    (mean,) = moments.mean
    return moments.gram - mean[:, None] * mean[None, :]


def _symmetric_root(matrix: tf.Tensor) -> tf.Tensor:
    """Square root of a symmetric positive (c, c) matrix; exact, but too slow for every step."""
    values, vectors = tf.linalg.eigh(matrix)
    return (vectors * tf.sqrt(tf.maximum(values, 0.0))) @ tf.transpose(vectors)


@tf.custom_gradient
def _root_trace(matrix: tf.Tensor) -> tuple[tf.Tensor, object]:
    """tr(A^1/2) of a symmetric positive (c, c) matrix, whose gradient is A^-1/2 / 2.

    The Newton-Schulz iteration gives both roots by products of matrices alone, and so the gradient needs no
    way back through it. Eigenvalues below a ten-thousandth of the largest come out too small: they tell of
    directions that the features hardly take.
    """
    largest = tf.reduce_max(tf.abs(matrix)) + 1e-30  # squares of small numbers are nothing in float32
    size = largest * (tf.norm(matrix / largest) + 1e-30)
    identity = tf.eye(tf.shape(matrix)[0])
    root, inverse = matrix / size, identity
    for _ in range(ITERATIONS):
        step = 1.5 * identity - 0.5 * inverse @ root
        root, inverse = root @ step, step @ inverse

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        return upstream * 0.5 * inverse / tf.sqrt(size)

    return tf.linalg.trace(root) * tf.sqrt(size), gradient
