"""An abstract composition: circles, wedges, ladders and whiplash lines on a glowing ground."""

import numpy as np
from scipy import ndimage

from nst.gallery import curves
from nst.gallery.colour import ink, inks, ramp
from nst.gallery.noise import Noise, grain
from nst.gallery.relief import canvas_weave, lit
from nst.gallery.sheet import Array, Path2D, Pixels, Sheet, lay, multiply, pixels


class _Easel:
    """The picture as it grows: every form is filled with living, uneven paint."""

    def __init__(self, sheet: Sheet, rng: np.random.Generator) -> None:
        self.sheet, self.rng, self.noise = sheet, rng, Noise(rng)
        self.grain = self.noise.clouds(sheet.x, sheet.y, 11, 5, 0.6)
        ground = ramp(
            inks("e9c88f f3e0b8 f8ecd2 efdcc0 d9c3a8"), 0.5 + 0.42 * self.noise.clouds(sheet.x, sheet.y, 2.2)
        )
        self.picture = ground

    def fill(
        self, cover: Array, codes: str, turn: float = 0.8, glaze: bool = False, opacity: float = 0.96
    ) -> None:
        """Fill with a gradient of `codes` in direction `turn`; `glaze` lets what lies below shine through."""
        rows, columns = np.nonzero(cover > 0.5)
        if len(rows) == 0:
            return
        along = (self.sheet.x * np.cos(turn) + self.sheet.y * np.sin(turn)).astype(np.float32)
        inside = along[rows, columns]
        low, high = float(inside.min()), float(inside.max())
        colour = ramp(inks(codes), (along - low) / max(high - low, 1e-6) + 0.30 * self.grain)
        self.picture = (multiply if glaze else lay)(self.picture, cover, colour, opacity)

    def shape(
        self, outline: Path2D | list[tuple[float, float]], codes: str, turn: float = 0.8, glaze: bool = False
    ) -> None:
        self.fill(self.sheet.cover(outline), codes, turn, glaze)

    def line(
        self, path: Path2D | list[tuple[float, float]], width: float | list[float], code: str = "15131a"
    ) -> None:
        self.fill(self.sheet.cover(curves.ribbon(path, width)), code)

    def halo(self, x: float, y: float, radius: float, reach: float, code: str, strength: float) -> None:
        """A glow round a disc."""
        away = np.hypot(self.sheet.x - x, self.sheet.y - y)
        glow = np.exp(-(np.clip((away - radius) / reach, 0, None) ** 1.4)) * strength
        self.picture = lay(self.picture, glow.astype(np.float32), ink(code))


def paint(size: int = 768, seed: int = 0) -> Pixels:
    """The picture, uint8 (H, W, 3), long side `size`."""
    rng = np.random.default_rng(seed + 12)
    sheet = Sheet.of(size, 1.36)
    easel = _Easel(sheet, rng)
    _clouds_of_colour(easel)
    _great_circle(easel)
    _wedges(easel)
    _board(easel)
    _small_circles(easel)
    _lines(easel)
    weave = canvas_weave((sheet.height, sheet.width), 3.0)
    body = ndimage.gaussian_filter(easel.picture.mean(axis=-1), 0.8) * 3 + 0.25 * grain(rng, sheet, 0.9)
    return pixels(lit(easel.picture, 0.35 * weave + body, depth=0.30))


def _clouds_of_colour(easel: _Easel) -> None:
    sheet = easel.sheet
    for x, y, reach, code, strength in [
        (0.80, 0.16, 0.20, "7fb0c8", 0.75),
        (0.55, 0.58, 0.22, "e8a0a0", 0.55),
        (0.12, 0.64, 0.18, "f0b73a", 0.65),
        (0.93, 0.60, 0.16, "b58fc0", 0.6),
        (0.42, 0.10, 0.13, "a9c79a", 0.6),
    ]:
        away = np.hypot(sheet.x - x, sheet.y - y) * (1 + 0.35 * easel.grain)
        easel.picture = lay(
            easel.picture, (np.exp(-((away / reach) ** 2)) * strength).astype(np.float32), ink(code)
        )


def _great_circle(easel: _Easel) -> None:
    sheet, x, y = easel.sheet, 0.255, 0.255
    easel.halo(x, y, 0.165, 0.042, "d9486a", 0.9)
    for radius, codes in [
        (0.172, "17131f 2a1f3a"),
        (0.140, "3a1f6a 5a3fa0 3f2a80"),
        (0.098, "c8283a e8503a"),
        (0.068, "f2b233 f7d25a"),
        (0.041, "1f6f9c 3fa0c0"),
        (0.019, "12121a"),
    ]:
        easel.fill(sheet.disc(x + 0.02 * (0.172 - radius) / 0.15, y, radius), codes)
    easel.fill(sheet.disc(0.352, 0.150, 0.052), "f0641f f79a3a", glaze=True)
    easel.fill(sheet.disc(0.147, 0.388, 0.036), "2f8f7a 6fc0a0")
    easel.fill(sheet.disc(0.147, 0.388, 0.018), "f4e6c0")


def _wedges(easel: _Easel) -> None:
    easel.shape([(0.46, 0.70), (0.685, 0.035), (0.735, 0.05)], "1f4fa0 3f86d0 a0d0e8", -1.2)
    easel.shape([(0.36, 0.50), (0.87, 0.335), (0.60, 0.66)], "f2c02f f7dc6f f0a030", glaze=True)
    easel.shape([(0.565, 0.245), (0.83, 0.445), (0.53, 0.475)], "d92f2f f0643f", 0.2, glaze=True)
    easel.shape([(0.74, 0.70), (0.97, 0.44), (0.90, 0.72)], "14604f 2fa080", glaze=False)
    easel.shape([(0.03, 0.715), (0.33, 0.47), (0.245, 0.725)], "7a2f8f b05fc0 e0a0d8", 0.4)
    arc = curves.smooth([(0.60, 0.66), (0.70, 0.55), (0.84, 0.52), (0.965, 0.60)])
    easel.line(arc, [0.010, 0.034, 0.030, 0.004], "12121a")
    easel.line(arc + np.array([0.0, 0.033]), [0.004, 0.017, 0.014, 0.002], "e0392f")
    easel.line(arc + np.array([0.0, 0.058]), [0.002, 0.010, 0.008, 0.001], "f2b233")


def _board(easel: _Easel) -> None:
    """A leaning chessboard and a ladder."""
    colours = ["15131a", "f6ecd2", "d92f2f", "f2b933", "1f4fa0", "f6ecd2", "2f8f7a"]
    a, u, v = np.array((0.805, 0.115)), np.array((0.034, 0.012)), np.array((-0.012, 0.034))
    for i in range(5):
        for j in range(6):
            corner = a + i * u + j * v
            easel.shape(
                np.array([corner, corner + u, corner + u + v, corner + v]),
                colours[(i * 3 + j * 5 + (i * j) % 3) % 7],
            )
    for i in range(13):
        x = 0.385 + 0.0165 * i
        tall = 0.016 + 0.0028 * i
        easel.shape(
            [
                (x, 0.615 + 0.004 * i - tall),
                (x + 0.0085, 0.615 + 0.004 * i - tall),
                (x + 0.0085, 0.615 + 0.004 * i + tall),
                (x, 0.615 + 0.004 * i + tall),
            ],
            colours[i % 7],
        )


def _small_circles(easel: _Easel) -> None:
    sheet = easel.sheet
    for x, y, radius, rings in [
        (0.625, 0.135, 0.060, ["f7e0a0 f2b933", "12121a", "d92f2f f0784f"]),
        (0.905, 0.395, 0.050, ["1f3f8f 3f7fd0", "f7d25a", "c8283a"]),
        (0.455, 0.285, 0.047, ["f6ecd2 efdcc0", "1f6f9c 3fa0c0", "12121a"]),
        (0.115, 0.575, 0.043, ["e0392f f0784f", "f6ecd2", "3a1f6a"]),
        (0.700, 0.385, 0.032, ["12121a", "7fd0c0", "12121a"]),
        (0.520, 0.055, 0.027, ["2f8f7a 5fc0a0", "f2b933", "12121a"]),
        (0.345, 0.665, 0.029, ["f2b933 f7dc6f", "c8283a", "f6ecd2"]),
        (0.045, 0.085, 0.025, ["1f4fa0 3f86d0", "f6ecd2", "d92f2f"]),
        (0.555, 0.680, 0.018, ["d92f2f", "12121a", "f7d25a"]),
    ]:
        easel.halo(x, y, radius, 0.35 * radius, rings[0].split()[0], 0.55)
        for ring, codes in enumerate(rings):
            easel.fill(sheet.disc(x, y, radius * (1, 0.66, 0.33)[ring]), codes)
        easel.line(curves.ellipse(x, y, radius, radius), 0.0022)


def _lines(easel: _Easel) -> None:
    for path, width in [
        ([(0.035, 0.655), (0.975, 0.045)], [0.0015, 0.008]),
        ([(0.32, 0.715), (0.79, 0.025)], [0.007, 0.002]),
        ([(0.50, 0.715), (0.94, 0.275)], [0.0016, 0.0045]),
        ([(0.055, 0.475), (0.61, 0.565)], [0.0045, 0.0015]),
    ]:
        easel.line(np.linspace(path[0], path[1], 30), width)
    for i in range(6):
        easel.line([(0.67 + 0.013 * i, 0.205 - 0.006 * i), (0.735 + 0.020 * i, 0.335 - 0.008 * i)], 0.0026)
    whip = curves.smooth(
        [(0.05, 0.20), (0.025, 0.33), (0.075, 0.44), (0.055, 0.52), (0.12, 0.50), (0.10, 0.66), (0.20, 0.695)]
    )
    easel.line(whip, [0.001, 0.009, 0.004, 0.010, 0.002])
    wave = np.linspace(0, 1, 160)
    easel.line(
        np.stack([0.62 + 0.33 * wave, 0.672 + 0.013 * np.sin(wave * 40) * (1 - 0.5 * wave)], 1),
        [0.006, 0.002],
    )
    for i in range(5):
        t = np.linspace(-2.2 + 0.1 * i, -0.5, 50)
        easel.line(
            np.stack([0.46 + (0.075 + 0.014 * i) * np.cos(t), 0.30 + (0.075 + 0.014 * i) * np.sin(t)], 1),
            0.0032,
            ("15131a", "d92f2f", "15131a", "1f4fa0", "15131a")[i],
        )
    for x, y in [(0.395, 0.42), (0.425, 0.40), (0.452, 0.425), (0.78, 0.60), (0.81, 0.575), (0.30, 0.55)]:
        easel.fill(easel.sheet.disc(x, y, 0.0085), "15131a")
