"""Light across a surface: what makes thick paint, glass, stone and paper feel like matter."""

import numpy as np
from scipy import ndimage

from nst.gallery.sheet import Array


def lit(
    picture: Array,
    height: Array,
    *,
    depth: float,
    gloss: float = 0.0,
    sun: tuple[float, float] = (-0.6, -0.8),
) -> Array:
    """The picture (H, W, 3) lit from `sun` (towards the light, x right, y down) over a relief.

    `height` is (H, W) in pixels of paint thickness, `depth` scales it; flat places keep their colour.
    `gloss` adds the wet highlight of varnish.
    """
    slope_y, slope_x = np.gradient(height * depth)
    toward = slope_x * -sun[0] + slope_y * -sun[1]
    steepness = np.sqrt(1 + slope_x**2 + slope_y**2)
    shade = np.clip((1 + toward) / steepness, 0.35, 1.7)[..., None]
    # Shadow keeps the paint's hue, light bleaches towards white: so multiply below 1, screen above.
    dark = picture * np.minimum(shade, 1)
    glare = 1 - (1 - dark) * (1 - 0.45 * np.maximum(shade - 1, 0))
    if gloss:
        shine = np.clip(toward / steepness - 0.28, 0, 1)[..., None] ** 1.5
        glare = glare + gloss * shine * (1 - glare)
    return np.asarray(np.clip(glare, 0, 1), dtype=np.float32)


def canvas_weave(shape: tuple[int, int], pitch: float) -> Array:
    """Height of a woven canvas, (H, W) about -1..1, threads `pitch` pixels apart."""
    rows, columns = np.indices(shape, dtype=np.float32) * (2 * np.pi / pitch)
    over = np.sin(rows) * (np.cos(columns / 2) > 0) + np.sin(columns) * (np.cos(rows / 2) > 0)
    return np.asarray(ndimage.gaussian_filter(over.astype(np.float32), 0.6) * 0.7, dtype=np.float32)
