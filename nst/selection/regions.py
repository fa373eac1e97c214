"""Superpixels of a small picture, what each looks like, and how strongly neighbours differ."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import slic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_COUNT = 500
_COMPACTNESS = 0.2  # SLIC brings colours to 0..1 first
_WORDS = 40  # kinds of pixel that histograms count
_SAMPLES = 8000  # pixels that the kinds are learned from
_KINSHIP = 12.0  # distance within which two kinds of pixel count as akin
_STRONG_EDGE = 20.0  # Lab units per pixel, as steep as an edge needs to be
# Lightness counts less than hue: a shadow does not end a thing. Then contrast, fine and coarse.
_CHANNELS = np.array([0.8, 1.5, 1.5, 1.0, 1.0], np.float32)


@dataclass(frozen=True, eq=False)
class Regions:
    """N superpixels and the E pairs of them that touch.

    `labels` (H, W) int32. `area` (N,) pixels. `lab` (N, 3) mean colour. `looks` (N, words) histogram of
    kinds of pixel, sum 1. `first`, `second` (E,) the pairs; `shared` (E,) length of their common border in
    pixels; `edge` (E,) mean steepness along it, 0..1. `rim` (4, N) pixels on the picture's top, bottom,
    left and right.
    """

    labels: NDArray[np.int32]
    area: Floats
    lab: Floats
    looks: Floats
    first: Ints
    second: Ints
    shared: Floats
    edge: Floats
    rim: Floats

    @property
    def count(self) -> int:
        return len(self.area)

    def at(self, x: float, y: float) -> int:
        """The superpixel at a point, given as shares of width and height."""
        height, width = self.labels.shape
        return int(self.labels[min(int(y * height), height - 1), min(int(x * width), width - 1)])

    def share(self, members: NDArray[np.bool_]) -> float:
        """How much of the picture a set (N,) of superpixels covers, 0..1."""
        return float(self.area[members].sum() / self.area.sum())


def regions(pixels: NDArray[np.uint8]) -> Regions:
    """Superpixels (SLIC, Achanta et al. 2012) of (H, W, 3) uint8 sRGB."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.7).astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)
    labels = _superpixels(lab)
    count = int(labels.max()) + 1
    flat = labels.ravel()
    area = np.bincount(flat, minlength=count).astype(np.float64)
    lab_mean = np.stack([np.bincount(flat, lab[..., c].ravel(), count) for c in range(3)], 1) / area[:, None]
    first, second, shared, edge = _borders(labels, _steepness(lab), count)
    rims = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    rim = np.stack([np.bincount(line, minlength=count) for line in rims]).astype(np.float64)
    return Regions(labels, area, lab_mean, _looks(lab, labels, count), first, second, shared, edge, rim)


def unlike(one: Floats, other: Floats) -> Floats:
    """Chi-squared distance of histograms along the last axis: 0 the same, 1 nothing in common."""
    total = one + other
    return np.asarray(0.5 * (np.square(one - other) / np.where(total > 0, total, 1)).sum(-1))


def _superpixels(lab: NDArray[np.float32]) -> NDArray[np.int32]:
    count = max(4, min(_COUNT, lab.shape[0] * lab.shape[1] // 60))
    found = slic(
        lab,
        count,
        compactness=_COMPACTNESS,
        max_num_iter=5,
        convert2lab=False,
        start_label=0,
        channel_axis=-1,
    )
    # Numbers without gaps, whatever became of the small ones.
    return np.unique(found, return_inverse=True)[1].reshape(found.shape).astype(np.int32)


def _looks(lab: NDArray[np.float32], labels: NDArray[np.int32], count: int) -> Floats:
    """(N, words) histograms over kinds of pixel: colour and texture, by k-means, spread to akin ones."""
    light = lab[..., 0]
    contrast = [_deviation(light, sigma) for sigma in (2.0, 5.0)]
    features = np.dstack([lab, *contrast]).reshape(-1, 5).astype(np.float32) * _CHANNELS
    sample = features[:: max(1, len(features) // _SAMPLES)]
    cv2.setRNGSeed(1)  # the same picture, the same selection
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    words = min(_WORDS, len(sample))
    start = np.zeros((len(sample), 1), np.int32)
    centres = np.asarray(cv2.kmeans(sample, words, start, criteria, 1, cv2.KMEANS_PP_CENTERS)[2])
    nearest = np.argmin(np.square(centres).sum(1) - 2 * features @ centres.T, axis=1)
    counted = np.bincount(labels.ravel().astype(np.int64) * words + nearest, minlength=count * words)
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1).astype(np.float64)
    spread = np.exp(-np.square(apart / _KINSHIP))
    spread /= spread.sum(1, keepdims=True)
    histograms = counted.reshape(count, words) @ spread
    return np.asarray(histograms / histograms.sum(1, keepdims=True))


def _deviation(light: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    mean = cv2.GaussianBlur(light, (0, 0), sigma)
    mean_square = cv2.GaussianBlur(light * light, (0, 0), sigma)
    return np.asarray(np.sqrt(np.maximum(mean_square - mean * mean, 0)), np.float32)


def _steepness(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) 0..1: the colour gradient, at the scale where it is strongest."""
    steepest = np.zeros(lab.shape[:2], np.float32)
    for sigma in (1.0, 2.0):
        smooth = cv2.GaussianBlur(lab, (0, 0), sigma)
        across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
        gradient = np.sqrt((np.square(across) + np.square(down)).sum(-1)) / 8
        steepest = np.maximum(steepest, gradient * sigma)
    return np.asarray(np.minimum(steepest / _STRONG_EDGE, 1), np.float32)


def _borders(
    labels: NDArray[np.int32], steepness: NDArray[np.float32], count: int
) -> tuple[Ints, Ints, Floats, Floats]:
    keys, values = [], []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        one, other = labels[here].astype(np.int64), labels[there].astype(np.int64)
        differ = one != other
        keys.append((np.minimum(one, other) * count + np.maximum(one, other))[differ])
        values.append(np.maximum(steepness[here], steepness[there])[differ])
    pairs, which = np.unique(np.concatenate(keys), return_inverse=True)
    shared = np.bincount(which, minlength=len(pairs)).astype(np.float64)
    edge = np.bincount(which, np.concatenate(values), len(pairs)) / np.maximum(shared, 1)
    return pairs // count, pairs % count, shared, edge
