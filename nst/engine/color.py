"""Keeping the photograph's colours (Gatys et al. 2016, arXiv 1606.05897); pictures are (H, W, 3) uint8."""

import numpy as np

# Rec. 601 luma and its two colour differences: an orthogonal enough split, exactly invertible.
_LUMA = np.array([0.299, 0.587, 0.114])


def with_color_statistics(style: np.ndarray, content: np.ndarray) -> np.ndarray:
    """The style picture with the mean and covariance of the photograph's colours (equation 10); uint8.

    The linear map takes the style's colour cloud to the photograph's: symmetric square roots of the two
    covariances, which turn hues less than Cholesky factors do.
    """
    points = style.reshape(-1, 3).astype(np.float64)
    reference = content.reshape(-1, 3).astype(np.float64)
    to_content = _root(np.cov(reference.T)) @ _root(np.cov(points.T), inverse=True)
    recolored = (points - points.mean(0)) @ to_content.T + reference.mean(0)
    return _eight_bit(recolored).reshape(style.shape)


def with_luminance(painting: np.ndarray, content: np.ndarray) -> np.ndarray:
    """The painting's luminance with the photograph's colour differences; uint8 (H, W, 3)."""
    luma = painting.astype(np.float64) @ _LUMA
    reference = content.astype(np.float64)
    shifted = reference + (luma - reference @ _LUMA)[..., None]
    return _eight_bit(shifted)


def _root(covariance: np.ndarray, *, inverse: bool = False) -> np.ndarray:
    """Symmetric square root of a (3, 3) covariance, or its inverse; flat colours do not divide by 0."""
    values, vectors = np.linalg.eigh(covariance)
    roots = np.sqrt(np.maximum(values, 1.0))
    root: np.ndarray = (vectors / roots if inverse else vectors * roots) @ vectors.T
    return root


def _eight_bit(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(pixels), 0, 255), np.uint8)
