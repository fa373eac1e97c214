"""VGG19 and its losses once more, in float64 NumPy with plain loops: slow, and independent of TensorFlow."""

import numpy as np

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT = "relu4_2"
MEAN_RGB = np.array([123.68, 116.779, 103.939])


def tiny_weights(seed=0, channels=(3, 2, 3, 2, 2)):
    """Random weights with VGG19's layer names and a handful of channels."""
    rng = np.random.default_rng(seed)
    weights, inputs = {}, 3
    for block, (count, outputs) in enumerate(zip((2, 2, 4, 4, 4), channels, strict=True), start=1):
        for number in range(1, count + 1):
            kernel = rng.normal(0, np.sqrt(2 / (9 * inputs)), (3, 3, inputs, outputs))
            bias = rng.normal(0, 0.5, outputs)
            weights[f"block{block}_conv{number}"] = (kernel.astype(np.float32), bias.astype(np.float32))
            inputs = outputs
    return weights


def convolve(x, kernel, bias):
    """VALID 3x3 cross-correlation of (h, w, in), one output position at a time."""
    height, width = x.shape[0] - 2, x.shape[1] - 2
    out = np.zeros((height, width, kernel.shape[3]))
    for i in range(height):
        for j in range(width):
            out[i, j] = np.tensordot(x[i : i + 3, j : j + 3], kernel, 3)
    return out + bias


def pool(x):
    """2x2 maximum; an odd last row or column is a window of its own."""
    height, width = -(-x.shape[0] // 2), -(-x.shape[1] // 2)
    out = np.zeros((height, width, x.shape[2]))
    for i in range(height):
        for j in range(width):
            out[i, j] = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max((0, 1))
    return out


def features(picture, weights):
    """Every relu layer of an (h, w, 3) RGB picture in 0..255."""
    found = {}
    x = (np.asarray(picture, np.float64) - MEAN_RGB)[:, :, ::-1]
    for name, (kernel, bias) in weights.items():
        if name.endswith("conv1") and name != "block1_conv1":
            x = pool(x)
        mode = "edge" if name == "block1_conv1" else "constant"
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode)
        x = np.maximum(convolve(padded, kernel.astype(np.float64), bias.astype(np.float64)), 0)
        found[f"relu{name[5]}_{name[-1]}"] = x
    return found


def gram(x, guide=None):
    """G[a, b] = mean over positions of F_a F_b, with features multiplied by the guide first."""
    height, width, channels = x.shape
    out = np.zeros((channels, channels))
    for a in range(channels):
        for b in range(channels):
            for i in range(height):
                for j in range(width):
                    weight = 1.0 if guide is None else guide[i, j] ** 2
                    out[a, b] += weight * x[i, j, a] * x[i, j, b]
    return out / (height * width)


def mean(x, guide=None):
    """Mean of the features, weighted by the square of the guide, whose mean is 1."""
    weight = np.ones(x.shape[:2]) if guide is None else guide**2
    return (x * weight[..., None]).mean((0, 1))


def normalized(guide):
    return guide / np.sqrt((guide**2).mean())


def shrunk(mask, times):
    """The mean of each 2x2 window, `times` over; windows at an odd edge average what they hold."""
    for _ in range(times):
        height, width = -(-mask.shape[0] // 2), -(-mask.shape[1] // 2)
        mask = np.array(
            [[mask[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean() for j in range(width)] for i in range(height)]
        )
    return mask


def shrunk_picture(picture):
    """The mean of each 2x2 window, channel by channel."""
    return np.stack([shrunk(picture[..., channel], 1) for channel in range(3)], -1)


def content_loss(found, wanted, guide=None):
    guide = np.ones(found.shape[:2]) if guide is None else guide
    return (((found - wanted) * guide[..., None]) ** 2).mean() / ((wanted**2).mean() + 1e5)


def gram_loss(found, wanted):
    """Between two Gram matrices."""
    return ((found - wanted) ** 2).mean() / ((wanted**2).mean() + 1e-6)


def wasserstein_loss(found, wanted):
    """Between two pairs (Gram matrix, mean), by eigenvalues."""
    covariance, target = (gram - np.outer(mean, mean) for gram, mean in (found, wanted))
    floor = 1e-4 * (np.diag(target).mean() + 1e-6) * np.eye(len(target))
    root = symmetric_root(target + floor)
    cross = symmetric_root(root @ (covariance + floor) @ root)
    distance = ((found[1] - wanted[1]) ** 2).sum()
    distance += np.trace(covariance + floor) + np.trace(target + floor) - 2 * np.trace(cross)
    return distance / (np.trace(wanted[0]) + 1e-6)


def symmetric_root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def total_variation(picture):
    down, right = np.diff(picture, axis=0), np.diff(picture, axis=1)
    return ((down**2).mean() + (right**2).mean()) / 255**2


def central_difference(function, x, index, step=1e-3):
    up, down = x.copy(), x.copy()
    up[index] += step
    down[index] -= step
    return (function(up) - function(down)) / (2 * step)
