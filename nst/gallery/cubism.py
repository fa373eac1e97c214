"""A still life with guitar, seen from several places at once and broken into planes."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from nst.gallery import curves
from nst.gallery.brushwork import Brush, Canvas
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import Noise
from nst.gallery.relief import lit
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, lay, pixels


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 10)
    sheet = Sheet.of(size, 0.82)
    motif = _motif(sheet, Noise(rng))
    seen = np.concatenate([motif, _contours(sheet, motif)[..., None]], axis=-1)
    seen, angle, (dark, pale) = _faceted(sheet, rng, seen)
    picture, drawing = seen[..., :3], seen[..., 3]
    canvas = Canvas(sheet, picture, rng)
    # Small square touches, as the cubists set them: longer strokes would fray every plane's edge.
    touch = Brush(0.0105, 0.0085, 0.0075, light=0.055, hue=0.022, wander=0.15, opacity=0.55, dryness=0)
    canvas.layer(picture, angle, touch, bend=np.zeros_like(sheet.x))
    painted = lay(canvas.picture, drawing, ink("1a120e"), 0.85)
    painted = lay(painted, dark, ink("17120f"), 0.9)
    painted = lay(painted, pale, ink("f6ead0"), 0.7)
    return pixels(lit(painted, canvas.height, depth=0.34 * size / 768))


def _contours(sheet: Sheet, motif: Array) -> Array:
    """Charcoal lines where the motif's things end, (H, W) in 0..1."""
    unit = sheet.scale / 768
    steep = sum(ndimage.gaussian_gradient_magnitude(motif[..., c], 1.3 * unit) for c in range(3))
    return np.asarray(np.clip((steep * unit - 0.20) * 4, 0, 1), dtype=np.float32)


def _motif(sheet: Sheet, noise: Noise) -> Array:
    """The still life before it is broken: table, cloth, guitar, bottle, glass, fruit, sheet music."""
    x, y = sheet.x, sheet.y
    picture = ramp(
        inks("2a3a4a 4a6070 7d8a80 b0a078 d0b888"), 0.5 + 0.6 * noise.clouds(x, y, 3) + 0.5 * (x - 0.4)
    )
    table = [(-0.1, 0.64), (0.95, 0.56), (0.95, 1.1), (-0.1, 1.1)]
    picture = lay(
        picture,
        sheet.cover(table),
        ramp(inks("5a2f18 8a4f22 b5783a"), 0.5 + 0.5 * noise.clouds(x * 0.4, y * 5, 9)),
    )
    cloth = [(0.02, 0.74), (0.40, 0.63), (0.60, 0.80), (0.35, 1.02), (0.05, 1.02)]
    picture = lay(
        picture,
        sheet.cover(cloth),
        ramp(inks("cfc3a4 efe6cf fbf6e6"), 0.5 + 0.6 * noise.clouds(x + y, y - x, 7)),
    )
    page = [(0.50, 0.66), (0.76, 0.60), (0.80, 0.86), (0.56, 0.93)]
    picture = lay(picture, sheet.cover(page), ink("efe3c0"))
    staves = [
        curves.ribbon(
            [
                (0.52 + 0.006 * i, 0.70 + 0.042 * (i // 5) + 0.0065 * (i % 5)),
                (0.76, 0.645 + 0.042 * (i // 5) + 0.0065 * (i % 5)),
            ],
            0.002,
        )
        for i in range(20)
    ]
    picture = lay(picture, sheet.cover(*staves), ink("2a2320"))
    bottle = curves.smooth(
        [
            (0.60, 0.62),
            (0.60, 0.34),
            (0.625, 0.28),
            (0.632, 0.14),
            (0.672, 0.14),
            (0.68, 0.28),
            (0.705, 0.34),
            (0.71, 0.62),
        ],
        closed=True,
    )
    picture = lay(picture, sheet.cover(bottle), ramp(inks("0e2a24 1c4f40 3f8060 9ac09a"), (x - 0.59) / 0.12))
    label = [(0.602, 0.42), (0.708, 0.42), (0.708, 0.52), (0.602, 0.52)]
    picture = lay(picture, sheet.cover(label), ink("e9c46a"))
    picture = lay(picture, sheet.disc(0.655, 0.47, 0.03), ink("b3261e"))
    for px, py, radius, codes in [
        (0.14, 0.80, 0.060, "8a1f14 c8381f ee7a3a"),
        (0.235, 0.83, 0.055, "a8641a e09a2a f7cf5a"),
        (0.185, 0.735, 0.050, "3a5a1f 6f8f2f b5c05a"),
    ]:
        picture = lay(
            picture, sheet.disc(px, py, radius), ramp(inks(codes), 0.5 - (x - px + y - py) / radius * 0.4)
        )
    return _guitar(sheet, picture, noise)


def _guitar(sheet: Sheet, picture: Array, noise: Noise) -> Array:
    def place(points: list[tuple[float, float]]) -> Path2D:
        """Guitar's own frame (neck up) to the sheet: leaning to the left."""
        p = 1.32 * np.asarray(points, dtype=np.float64)
        lean = -0.42
        return np.stack(
            [
                0.36 + p[:, 0] * np.cos(lean) - p[:, 1] * np.sin(lean),
                0.53 + p[:, 0] * np.sin(lean) + p[:, 1] * np.cos(lean),
            ],
            1,
        )

    half = [
        (0.03, -0.19),
        (0.115, -0.155),
        (0.125, -0.07),
        (0.085, 0.0),
        (0.145, 0.085),
        (0.15, 0.17),
        (0.085, 0.235),
        (0.0, 0.245),
    ]
    outline = half + [(-px, py) for px, py in half[-2::-1]]
    body = place([(float(a), float(b)) for a, b in curves.smooth(outline, 200, closed=True)])
    wood = ramp(
        inks("6a2f12 a8581f d98c3a f0bf6a"),
        0.55 + 0.9 * (sheet.x - 0.36) + 0.5 * noise.clouds(sheet.x * 3, sheet.y * 0.6, 9),
    )
    picture = lay(picture, sheet.cover(curves.ribbon(np.vstack([body, body[:1]]), 0.02)), ink("2a140c"))
    picture = lay(picture, sheet.cover(body), wood)
    hole = place([(0.0, -0.02)])[0]
    picture = lay(picture, sheet.disc(float(hole[0]), float(hole[1]), 0.056), ink("e6c78a"))
    picture = lay(picture, sheet.disc(float(hole[0]), float(hole[1]), 0.045), ink("1a0f0c"))
    picture = lay(
        picture,
        sheet.cover(place([(-0.026, -0.05), (0.026, -0.05), (0.02, -0.45), (-0.02, -0.45)])),
        ink("3a2018"),
    )
    picture = lay(
        picture,
        sheet.cover(place([(-0.034, -0.44), (0.034, -0.44), (0.042, -0.53), (-0.042, -0.53)])),
        ink("1f1512"),
    )
    picture = lay(
        picture,
        sheet.cover(place([(-0.06, 0.14), (0.06, 0.14), (0.06, 0.165), (-0.06, 0.165)])),
        ink("24130c"),
    )
    strings = [
        curves.ribbon(place([(s, 0.15), (0.8 * s, -0.50)]), 0.0024) for s in np.linspace(-0.018, 0.018, 5)
    ]
    return lay(picture, sheet.cover(*strings), ink("f6ead0"))


def _cuts(rng: np.random.Generator, outline: Path2D, depth: int) -> Iterator[Path2D]:
    """Split a convex outline along straight lines, again and again, into facets of unequal size."""
    area = 0.5 * abs(
        np.dot(outline[:, 0], np.roll(outline[:, 1], 1)) - np.dot(outline[:, 1], np.roll(outline[:, 0], 1))
    )
    if depth == 0 or area < 0.0035 or (depth < 4 and rng.random() < 0.13):
        yield outline
        return
    # Across the longer way, near the middle, leaning: cubist planes keep a few common directions.
    spread = np.cov(outline.T)
    long_way = np.linalg.eigh(spread)[1][:, 1]
    lean = np.arctan2(long_way[1], long_way[0]) + rng.choice([-0.62, -0.25, 0.25, 0.62]) + rng.normal(0, 0.12)
    normal = np.array([np.cos(lean), np.sin(lean)])
    through = outline.mean(axis=0) + rng.normal(0, 0.12) * np.sqrt(area) * normal
    side = (outline - through) @ normal
    halves: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for i in range(len(outline)):
        following = (i + 1) % len(outline)
        halves[0 if side[i] >= 0 else 1].append(outline[i])
        if side[i] * side[following] < 0:
            t = side[i] / (side[i] - side[following])
            crossing = outline[i] + t * (outline[following] - outline[i])
            halves[0].append(crossing)
            halves[1].append(crossing)
    for half in halves:
        if len(half) >= 3:
            yield from _cuts(rng, np.array(half), depth - 1)


def _faceted(
    sheet: Sheet, rng: np.random.Generator, motif: Array
) -> tuple[Array, Array, tuple[Array, Array]]:
    """The motif (H, W, 4: colour, drawing) in facets, stroke directions, and (dark, pale) facet edges.

    Each facet looks at the motif from its own place (a small turn, shift and change of scale) and is
    shaded like a plane of its own, from one edge into the dark.
    """
    x, y = sheet.x, sheet.y
    picture = motif.copy()
    angle = np.zeros_like(x)
    whole = np.array(
        [
            (-0.01, -0.01),
            (sheet.right + 0.01, -0.01),
            (sheet.right + 0.01, sheet.bottom + 0.01),
            (-0.01, sheet.bottom + 0.01),
        ]
    )
    dark, pale = [], []
    for facet in _cuts(rng, whole, 6):
        cover = sheet.cover(facet)
        here = cover > 0
        cx, cy = facet.mean(axis=0)
        turn, zoom = rng.normal(0, 0.11), float(np.exp(rng.normal(0, 0.10)))
        shift = rng.normal(0, 0.024, 2)
        dx, dy = x[here] - cx, y[here] - cy
        from_x = cx + shift[0] + zoom * (dx * np.cos(turn) - dy * np.sin(turn))
        from_y = cy + shift[1] + zoom * (dx * np.sin(turn) + dy * np.cos(turn))
        places = [from_y * sheet.scale, from_x * sheet.scale]
        seen = np.stack(
            [ndimage.map_coordinates(motif[..., c], places, order=1, mode="nearest") for c in range(4)], -1
        )
        edge = rng.integers(0, len(facet))
        a, b = facet[edge], facet[(edge + 1) % len(facet)]
        way = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        away = np.abs((x[here] - a[0]) * way[1] - (y[here] - a[1]) * way[0])
        shade = np.clip(away / 0.12, 0, 1) ** 0.8
        tint = ink(str(rng.choice(["f2dfb0", "d99f52", "7fa0ac", "2f4a5c", "c25f2c", "5f7f5a"])))
        colour = seen[:, :3] + (0.12 + 0.36 * rng.random() ** 2) * (tint - seen[:, :3])
        seen[:, :3] = colour * (0.46 + 0.82 * shade)[:, None]
        picture[here] += cover[here][:, None] * (seen - picture[here])
        angle[here] = np.arctan2(way[1], way[0]) + 0.5
        line = np.vstack([facet, facet[:1]])
        for i in range(len(facet)):
            side = curves.ribbon(line[i : i + 2], [rng.uniform(0.001, 0.0055), rng.uniform(0.0006, 0.002)])
            if rng.random() < 0.62:
                dark.append(side)
            elif rng.random() < 0.5:
                pale.append(side)
    return (
        np.clip(picture, 0, 1).astype(np.float32),
        angle.astype(np.float32),
        (sheet.cover(*dark), sheet.cover(*pale)),
    )
