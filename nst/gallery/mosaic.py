"""A Roman floor: a fish among waves, its tesserae laid in rows that follow the forms (andamento)."""

from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage import measure

from nst.gallery import curves
from nst.gallery.brushwork import scatter
from nst.gallery.colour import deviate, ink, inks, ramp
from nst.gallery.noise import Noise, grain
from nst.gallery.sheet import Array, Pixels, Sheet, lay, pixels

_TESSERA = 0.0112


class _Form(Protocol):
    """Puts one form into the cartoon; rows of stones follow its outline if it is its `own`."""

    def __call__(self, cover: Array, colour: Array, own: bool = True) -> None: ...


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 4)
    sheet = Sheet.of(size, 1.12)
    guide, regions = _cartoon(sheet, Noise(rng))
    centres, turns = _andamento(sheet, rng, regions)
    return pixels(_set_stones(sheet, rng, guide, centres, turns))


def _cartoon(sheet: Sheet, noise: Noise) -> tuple[Array, Array]:
    """Colours to lay, and a number for each form whose outline the rows should follow."""
    x, y = sheet.x, sheet.y
    ground = ramp(inks("d9c49a e8dab8 f0e6cc dccaa2"), 0.5 + 0.5 * noise.clouds(x, y, 6))
    regions = np.zeros_like(x)
    picture = ground

    def form(cover: Array, colour: Array, own: bool = True) -> None:
        nonlocal picture
        picture = lay(picture, (cover > 0.5).astype(np.float32), colour)
        if own:
            regions[cover > 0.5] = regions.max() + 1

    cx, cy = sheet.right / 2, 0.40
    away = np.hypot(x - cx, (y - cy) * 1.0)
    form(sheet.soft(0.345 - away), ramp(inks("f2c14e e0a030 f7d774 d98e2b"), 0.5 + 0.7 * noise.at(x, y, 14)))
    for base, swell, codes, phase in [
        (0.585, 0.026, "6fb8b4 9ad0c4 c8e4d4", 0.0),
        (0.630, 0.026, "2f86a0 4fa0b0 7fc0c0", 1.6),
        (0.680, 0.028, "155a86 1f7098 3f8fae", 3.4),
        (0.735, 0.030, "0d3566 12487c 1f5f94", 5.1),
    ]:
        edge = base - swell * np.abs(np.sin(9.5 * x + phase)) ** 0.7
        form(sheet.soft(y - edge), ramp(inks(codes), 0.5 + 0.8 * noise.at(x, y, 18)))
        form(sheet.soft(y - edge) * sheet.soft(edge + 1.25 * _TESSERA - y), sheet.blank(ink("f4f0e0")))
    form(sheet.disc(0.735, 0.20, 0.062), sheet.blank(ink("c23b22")))
    form(sheet.disc(0.735, 0.20, 0.038), sheet.blank(ink("ee7f2f")))
    _fish(sheet, form)
    margin = np.minimum(np.minimum(x, sheet.right - x), np.minimum(y, sheet.bottom - y))
    form((margin < 0.080).astype(np.float32), sheet.blank(ink("efe4c8")))
    _sawtooth(sheet, form)
    for outer, inner, code in [(0.014, -1.0, "5a1f1a"), (0.080, 0.066, "2a2a38")]:
        form(((margin < outer) & (margin > inner)).astype(np.float32), sheet.blank(ink(code)))
    return picture, regions


def _fish(sheet: Sheet, form: _Form) -> None:
    """A leaping fish with scales, drawn as a bent spindle."""
    spine = curves.smooth([(0.185, 0.475), (0.30, 0.315), (0.46, 0.270), (0.61, 0.335), (0.695, 0.455)], 200)
    side = curves.normals(spine)
    tail = [(0.715, 0.44), (0.80, 0.40), (0.775, 0.485), (0.765, 0.585), (0.70, 0.53), (0.675, 0.455)]
    back = [
        spine[70] + side[70] * -0.07,
        spine[95] - side[95] * 0.155,
        spine[130] - side[130] * 0.13,
        spine[150] - side[150] * 0.05,
    ]
    belly = [spine[85] + side[85] * 0.06, spine[110] + side[110] * 0.15, spine[125] + side[125] * 0.06]
    form(sheet.cover(curves.smooth(tail, closed=True)), sheet.blank(ink("b3331f")))
    form(sheet.cover(np.array(back)), sheet.blank(ink("c8452a")))
    form(sheet.cover(np.array(belly)), sheet.blank(ink("c8452a")))
    widths = [0.075, 0.125, 0.165, 0.185, 0.175, 0.14, 0.09, 0.05, 0.045]
    body = sheet.cover(
        curves.ribbon(spine, widths), curves.ellipse(float(spine[0, 0]), float(spine[0, 1]), 0.0375, 0.0375)
    )
    outside = ndimage.distance_transform_edt(body < 0.5) / sheet.scale
    form(sheet.soft((_TESSERA - outside).astype(np.float32)), sheet.blank(ink("141c38")))
    tree = cKDTree(spine)
    _, nearest = tree.query(np.stack([sheet.x, sheet.y], -1))
    offset = np.einsum("hwk,hwk->hw", np.stack([sheet.x, sheet.y], -1) - spine[nearest], side[nearest])
    along = nearest / 199.0
    half = np.interp(along, np.linspace(0, 1, len(widths)), np.array(widths) / 2)
    across = (offset / np.maximum(half, 1e-3)).astype(np.float32)
    scales = np.abs(np.mod(along * 11 - 0.7 * np.abs(across), 1) - 0.5) * 2
    skin = ramp(inks("12406a 1f6f9c 3fa0b8 8fd0cc e8ecd0 f4e0b0"), 0.48 + 0.5 * across)
    skin = lay(
        skin,
        (scales < 0.40).astype(np.float32),
        ramp(inks("08182f 0d2c52 124a74 1f6f8c d08a3a"), 0.5 + 0.5 * across),
    )
    form(body, skin)
    gill = body * (along < 0.27)
    form(gill.astype(np.float32), ramp(inks("a8502a d98a3f f2c878 f6e6c0"), 0.5 + 0.5 * across))
    form(sheet.cover(curves.ribbon(spine[52:56], 0.17)) * body, sheet.blank(ink("141c38")))
    mouth = spine[0] + np.array([(-0.03, 0.012), (0.012, 0.006), (0.045, -0.012)])
    form(sheet.cover(curves.ribbon(mouth, 0.011)), sheet.blank(ink("141c38")), own=False)
    eye = spine[28] - side[28] * 0.022
    form(sheet.disc(float(eye[0]), float(eye[1]), 0.024), sheet.blank(ink("f8f2dc")))
    form(sheet.disc(float(eye[0]), float(eye[1]), 0.012), sheet.blank(ink("10101c")))


def _sawtooth(sheet: Sheet, form: _Form) -> None:
    """A border of red triangles that point inwards, and blue lozenges at the corners."""
    right, down = np.array((1.0, 0.0)), np.array((0.0, 1.0))
    far = np.array((sheet.right, sheet.bottom))
    for corner, along, inward, length in [
        (np.zeros(2), right, down, sheet.right),
        (np.zeros(2), down, right, sheet.bottom),
        (far, -right, -down, sheet.right),
        (far, -down, -right, sheet.bottom),
    ]:
        teeth = np.linspace(0.075, length - 0.075, round((length - 0.15) / 0.047) + 1)
        for start, end in pairwise(teeth):
            foot = corner + 0.014 * inward
            tip = corner + 0.054 * inward + 0.5 * (start + end) * along
            tooth = np.array([foot + start * along, foot + end * along, tip])
            form(sheet.cover(tooth), sheet.blank(ink("a83226")))
    for x in (0.04, sheet.right - 0.04):
        for y in (0.04, sheet.bottom - 0.04):
            form(sheet.cover(curves.polygon(x, y, 0.030, 4)), sheet.blank(ink("1f5f7a")))


def _andamento(sheet: Sheet, rng: np.random.Generator, regions: Array) -> tuple[Array, Array]:
    """Centres (N, 2) in units and directions (N,) of the tesserae, row by row inwards from each outline."""
    row_of = _TESSERA * 1.03
    centres: list[tuple[float, float]] = []
    turns: list[float] = []
    taken = _Taken(0.74 * _TESSERA)
    for form in np.unique(regions):
        inside = np.pad(regions == form, 1)
        # Half a pixel back: distances count from pixel centres, outlines run between them.
        depth = ndimage.distance_transform_edt(inside)[1:-1, 1:-1] / sheet.scale - 0.5 / sheet.scale
        depth = ndimage.gaussian_filter(depth, 0.0009 * sheet.scale)
        for row in range(int(depth.max() / row_of) + 1):
            # The first row hugs the outline, so that even a band one stone wide gets its row.
            level = (row + (0.30 if row == 0 and depth.max() < row_of else 0.5)) * row_of
            for line in measure.find_contours(depth, level):  # type: ignore[no-untyped-call]
                _lay_row(rng, line[:, ::-1] / sheet.scale, taken, centres, turns)
    _fill_gaps(sheet, rng, regions, taken, centres, turns)
    return np.array(centres, dtype=np.float32), np.array(turns, dtype=np.float32)


class _Taken:
    """Where stones lie already, in a grid of cells, so that a newcomer asks only its neighbours."""

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._cells: dict[tuple[int, int], list[tuple[float, float]]] = {}

    def claim(self, x: float, y: float) -> bool:
        """Take the place unless another stone is too near."""
        column, row = int(x / self._apart), int(y / self._apart)
        for i in range(column - 1, column + 2):
            for j in range(row - 1, row + 2):
                for ox, oy in self._cells.get((i, j), ()):
                    if (ox - x) ** 2 + (oy - y) ** 2 < self._apart**2:
                        return False
        self._cells.setdefault((column, row), []).append((x, y))
        return True


def _lay_row(
    rng: np.random.Generator,
    line: np.ndarray,
    taken: _Taken,
    centres: list[tuple[float, float]],
    turns: list[float],
) -> None:
    """Set stones along one line, about a stone's width apart."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(1, round(along[-1] / (_TESSERA * 1.02)))
    at = (np.arange(count) + 0.5) / count * along[-1] + rng.normal(0, 0.05 * _TESSERA, count)
    x, y = np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])
    ahead, behind = at + 0.5 * _TESSERA, at - 0.5 * _TESSERA
    dx = np.interp(ahead, along, line[:, 0]) - np.interp(behind, along, line[:, 0])
    dy = np.interp(ahead, along, line[:, 1]) - np.interp(behind, along, line[:, 1])
    for i in range(count):
        if taken.claim(float(x[i]), float(y[i])):
            centres.append((float(x[i]), float(y[i])))
            turns.append(float(np.arctan2(dy[i], dx[i]) + rng.normal(0, 0.05)))


def _fill_gaps(
    sheet: Sheet,
    rng: np.random.Generator,
    regions: Array,
    taken: _Taken,
    centres: list[tuple[float, float]],
    turns: list[float],
) -> None:
    """Small stones where rows meet and leave mortar bare, turned like their nearest neighbour."""
    edges = ndimage.maximum_filter(regions, 3) != ndimage.minimum_filter(regions, 3)
    clear = ndimage.distance_transform_edt(~edges) / sheet.scale
    _, neighbour = cKDTree(np.array(centres)).query(np.stack([sheet.x, sheet.y], -1))
    for x, y in zip(*scatter(rng, sheet, 0.3 * _TESSERA), strict=True):
        row, column = int(y * sheet.scale), int(x * sheet.scale)
        if not (0 <= row < sheet.height and 0 <= column < sheet.width) or clear[row, column] < 0.3 * _TESSERA:
            continue
        if taken.claim(float(x), float(y)):
            centres.append((float(x), float(y)))
            turns.append(turns[int(neighbour[row, column])])


def _square_nearest(centres: Array, turn: Array, places: Array) -> tuple[np.ndarray, Array, Array]:
    """For each place (N, 2): the nearest centre in its own turned square metric, that distance, the next."""
    cos, sin = np.cos(turn), np.sin(turn)
    _, near = cKDTree(centres).query(places, k=5)
    offset = places[:, None, :] - centres[near]
    along = np.abs(offset[..., 0] * cos[near] + offset[..., 1] * sin[near])
    across = np.abs(offset[..., 1] * cos[near] - offset[..., 0] * sin[near])
    square = np.maximum(along, across)
    order = np.argsort(square, axis=1)
    picked = np.arange(len(places))
    first, second = order[:, 0], order[:, 1]
    return near[picked, first], square[picked, first], square[picked, second]


def _set_stones(sheet: Sheet, rng: np.random.Generator, guide: Array, centres: Array, turns: Array) -> Array:
    """Press stones into mortar: each has one colour, a tilt that catches light, and a worn edge."""
    x, y = centres[:, 0], centres[:, 1]
    places = np.stack([sheet.x, sheet.y], -1).reshape(-1, 2)
    owner, nearest, second = (part.reshape(sheet.x.shape) for part in _square_nearest(centres, turns, places))
    row = np.clip((y * sheet.scale).astype(int), 0, sheet.height - 1)
    column = np.clip((x * sheet.scale).astype(int), 0, sheet.width - 1)
    stone = deviate(rng, guide[row, column], 0.045, 0.022, 0.012)
    tilt = rng.normal(0, 1, (2, len(x))).astype(np.float32)
    inset = (x[owner] - sheet.x) * tilt[0][owner] + (y[owner] - sheet.y) * tilt[1][owner]
    wobble = 0.0005 * grain(rng, sheet, 1.6 * sheet.scale / 768)
    inside = np.minimum(0.5 * (second - nearest) - 0.00095, 0.56 * _TESSERA - nearest) + wobble
    inside = ndimage.gaussian_filter(inside.astype(np.float32), 0.5)
    bevel = np.clip(inside / 0.0028, 0, 1)
    slope_y, slope_x = np.gradient(ndimage.gaussian_filter(bevel, 0.6))
    shade = (
        1 + 0.06 * (tilt[0] - tilt[1])[owner] + 5.0 * inset - 0.26 * (slope_x * -0.7 + slope_y * -0.7) * -1
    )
    vein = 1 + 0.035 * grain(rng, sheet, 1.2) + 0.025 * grain(rng, sheet, 0.5)
    face = stone[owner] * (shade * vein * (0.86 + 0.14 * bevel))[..., None]
    # A few stones are glass and flash back the light.
    flash = (rng.random(len(x)) < 0.045)[owner] * bevel
    face = lay(face.astype(np.float32), flash.astype(np.float32), np.clip(face * 1.25 + 0.08, 0, 1))
    mortar = sheet.blank(ink("6f6558")) * (1 + 0.10 * grain(rng, sheet, 0.9))[..., None]
    mortar = mortar * (0.62 + 0.38 * np.clip(-inside / 0.002, 0, 1))[..., None]
    return lay(mortar.astype(np.float32), sheet.soft(inside), face)
