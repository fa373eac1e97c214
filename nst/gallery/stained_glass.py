"""A window: sun, rays, hills and lilies in leaded glass, lit from behind."""

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from nst.gallery import curves
from nst.gallery.brushwork import scatter
from nst.gallery.colour import deviate, inks, ramp
from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, halved, pixels

_SUN = (0.40, 0.31)

# Cut pattern: name, colours of its glass from dark to light, size of its pieces in units.
_GLASS = {
    "sky": ("0d2a7a 1747b0 2a6fd6 3f97e0 6fc0ea", 0.085),
    "ray": ("f7a823 ffc53d ffd86b ffe9a0 f58b2a", 0.11),
    "sun": ("ff6a1f ff8a24 ffb02e", 0.075),
    "heart": ("ffe27a fff0b0 ffd24a", 0.06),
    "far": ("4a2f8a 6a3fa8 8a5fc0 5a4fb0", 0.09),
    "hill": ("0f6b4a 1c8f5a 4fae4f 8ac83f", 0.075),
    "water": ("0a5f7a 0f8a9a 35b0b0 7fd0c4", 0.07),
    "leaf": ("0a4a2f 14703a 2f9440", 0.065),
    "petal": ("d81e5b f2427a ff86a8 ffd0dc", 0.2),
    "border": ("7a0f2a a81834 c8283a 8a1450", 0.05),
    "gem": ("1f4fd0 2a8ae0 16a085", 0.2),
}


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 3)
    # Painted at double size: lead lines are only a few pixels wide and must stay crisp.
    sheet = Sheet.of(2 * size, 0.80)
    pattern = _cartoon(sheet)
    piece = _pieces(sheet, rng, pattern)
    glass = _glaze(sheet, rng, pattern, piece)
    return pixels(halved(_lead(sheet, rng, glass, pattern, piece)))


def _cartoon(sheet: Sheet) -> Array:
    """Which kind of glass each pixel belongs to: index into `_GLASS`, plus 100 for each drawn shape."""
    x, y = sheet.x, sheet.y
    names = list(_GLASS)
    pattern = np.zeros_like(x)
    shape = 0

    def cut(where: Array, name: str) -> None:
        nonlocal shape
        shape += 1
        pattern[where > 0.5] = names.index(name) + 100 * shape

    dx, dy = x - _SUN[0], y - _SUN[1]
    away, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
    spoke = np.floor((turn + np.pi) / (2 * np.pi) * 26)
    for index in range(26):
        inner = 0.31 if index % 2 else 0.44
        cut(((spoke == index) & (away < inner)).astype(np.float32), "ray" if index % 2 == 0 else "sky")
    cut(sheet.disc(*_SUN, 0.135), "sun")
    cut(sheet.disc(*_SUN, 0.082), "heart")
    for left, base, swell, phase, name in [
        (0.0, 0.535, 0.050, 0.4, "far"),
        (0.0, 0.600, 0.045, 2.6, "hill"),
        (0.0, 0.665, 0.030, 5.0, "hill"),
        (0.0, 0.715, 0.012, 1.2, "water"),
        (0.0, 0.765, 0.014, 2.9, "water"),
        (0.0, 0.815, 0.016, 4.4, "water"),
        (0.0, 0.870, 0.018, 0.4, "water"),
    ]:
        edge = base - swell * np.sin(9 * (x + left) + phase) - 0.3 * swell * np.sin(19 * x + 2 * phase)
        cut(sheet.soft(y - edge), name)
    for stem in _stems():
        cut(sheet.cover(stem), "leaf")
    for petal in _petals():
        cut(sheet.cover(petal), "petal")
    margin = np.minimum(np.minimum(x, sheet.right - x), np.minimum(y, sheet.bottom - y))
    cut((margin < 0.062).astype(np.float32), "border")
    for cx in (0.031, sheet.right - 0.031):
        for cy in (0.031, sheet.bottom / 2, sheet.bottom - 0.031):
            cut(sheet.cover(curves.polygon(cx, cy, 0.040, 4)), "gem")
    return pattern


def _stems() -> list[Path2D]:
    outlines = []
    for foot, bend, top, head in [
        (0.16, 0.10, 0.19, 0.60),
        (0.63, 0.68, 0.62, 0.56),
        (0.52, 0.55, 0.47, 0.70),
    ]:
        spine = curves.smooth([(foot, 1.0), (bend, 0.5 * (1 + head)), (top, head)])
        outlines.append(curves.ribbon(spine, [0.026, 0.016]))
        for side in (-1, 1):
            blade = curves.smooth(
                [(foot, 0.97), (foot + 0.055 * side, 0.86), (foot + 0.10 * side, 0.80 - 0.03 * side)]
            )
            outlines.append(curves.ribbon(blade, [0.012, 0.05, 0.035, 0.002]))
    return outlines


def _petals() -> list[Path2D]:
    outlines = []
    for x, y, radius in [(0.19, 0.60, 0.105), (0.62, 0.56, 0.12), (0.47, 0.70, 0.085)]:
        for turn in (-2.75, -0.4, -2.2, -0.95, -1.57):
            tip = (x + radius * np.cos(turn), y + 0.02 + 1.05 * radius * np.sin(turn))
            spine = curves.smooth(
                [(x, y + 0.03), (0.5 * (x + tip[0]), 0.5 * (y + 0.03 + tip[1]) - 0.012), tip]
            )
            outlines.append(
                curves.ribbon(spine, [0.2 * radius, 0.52 * radius, 0.55 * radius, 0.34 * radius, 0.01])
            )
    return outlines


def _pieces(sheet: Sheet, rng: np.random.Generator, pattern: Array) -> Array:
    """A number for every piece of glass, (H, W): the cartoon's shapes, cut further by Voronoi cells."""
    kind = np.mod(pattern, 100).astype(int)
    piece = np.zeros_like(pattern)
    places = np.stack([sheet.x, sheet.y], -1).reshape(-1, 2)
    for index, (_, size) in enumerate(_GLASS.values()):
        x, y = scatter(rng, sheet, size)
        _, cell = cKDTree(np.stack([x, y], 1)).query(places)
        piece = np.where(kind == index, cell.reshape(kind.shape) + 2000.0 * index, piece)
    _, numbered = np.unique(np.stack([pattern, piece], -1).reshape(-1, 2), axis=0, return_inverse=True)
    return numbered.reshape(kind.shape).astype(np.float32)


def _glaze(sheet: Sheet, rng: np.random.Generator, pattern: Array, piece: Array) -> Array:
    """Colour of the glass: one tone a piece, streaked and bubbled, brighter where the sun stands behind."""
    kind = np.mod(pattern, 100).astype(int)
    noise = Noise(rng)
    number = piece.astype(int)
    count = int(number.max()) + 1
    tone = rng.uniform(0, 1, count).astype(np.float32)
    slant = rng.uniform(0, 2 * np.pi, count).astype(np.float32)[number]
    along = sheet.x * np.cos(slant) + sheet.y * np.sin(slant)
    across = sheet.y * np.cos(slant) - sheet.x * np.sin(slant)
    streaks = noise.clouds(along * 0.5 + number * 0.37, across * 2.2, 16, octaves=3)
    colour = np.zeros((*kind.shape, 3), dtype=np.float32)
    for index, (codes, _) in enumerate(_GLASS.values()):
        here = kind == index
        colour[here] = ramp(inks(codes), tone[number][here] + 0.22 * streaks[here])
    colour = colour * deviate(rng, np.ones((count, 3), dtype=np.float32) * 0.97, 0.03, 0.02)[number]
    # Light falls off from each piece's middle to its lead, and from the sun to the window's edge.
    depth = ndimage.distance_transform_edt(~_borders(piece)) / sheet.scale
    glow = 0.62 + 0.55 * (1 - np.exp(-depth / 0.016))
    sunlight = 0.80 + 0.42 * np.exp(-(np.hypot(sheet.x - _SUN[0], sheet.y - _SUN[1]) ** 2) / 0.12)
    ripple = 1 + 0.05 * noise.clouds(sheet.x, sheet.y, 40, 2) + 0.018 * grain(rng, sheet, 0.6)
    light = (glow * sunlight * ripple)[..., None]
    # Past full brightness glass pales instead of clipping to one flat hue.
    return np.asarray(1 - np.exp(-1.9 * (colour**1.35) * light) * (1 - 0.02 * light), dtype=np.float32)


def _borders(piece: Array) -> np.ndarray:
    """Pixels where two pieces meet."""
    return np.asarray(ndimage.maximum_filter(piece, 2) != ndimage.minimum_filter(piece, 2))


def _lead(sheet: Sheet, rng: np.random.Generator, glass: Array, pattern: Array, piece: Array) -> Array:
    """Set the glass in lead: thin between pieces, thick round the cartoon's shapes, rounded and dull."""
    scale = sheet.scale
    thin = ndimage.distance_transform_edt(~_borders(piece)) / scale
    thick = ndimage.distance_transform_edt(~_borders(pattern)) / scale
    inside = np.maximum(0.0030 - thin, 0.0054 - thick).astype(np.float32)
    inside = ndimage.gaussian_filter(inside, 0.7 * scale / 768)
    margin = np.minimum(
        np.minimum(sheet.x, sheet.right - sheet.x), np.minimum(sheet.y, sheet.bottom - sheet.y)
    )
    inside = np.maximum(inside, 0.006 - margin)
    round_back = np.sqrt(np.clip(inside / 0.0054, 0, 1))
    slope_y, slope_x = np.gradient(round_back * 3 * scale / 768)
    shine = np.clip(0.10 + 0.16 * (-slope_x - slope_y) + 0.015 * grain(rng, sheet, 1.5), 0.02, 0.5)
    metal = shine[..., None] * np.array([0.92, 0.96, 1.05], dtype=np.float32)
    cover = sheet.soft(inside)[..., None]
    # Glass darkens where it slips under the lead.
    shadow = np.clip(1 - 0.5 * np.exp(-np.maximum(-inside, 0) / 0.0022), 0, 1)[..., None]
    return np.asarray(glass * shadow * (1 - cover) + cover * metal, dtype=np.float32)
