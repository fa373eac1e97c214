"""The studio's icon, for home screens: `python -m nst.gallery.icon` draws its files anew.

A framed picture of hills by the sea, as in the favicon. A maskable icon fills the square, and its picture
keeps within the circle that every launcher leaves (80% of the side).
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from nst import images
from nst.gallery.sheet import Pixels

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "device" / "icons"
ICONS = {
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable-512.png": (512, True),
    "apple-touch-icon.png": (180, True),  # iOS cuts the corners itself, and paints clear ones black
}

_WALL = (236, 229, 216)
_MOULDING, _GLEAM = (74, 55, 42), (110, 84, 64)
_MAT, _SUN, _HILL, _SEA = (244, 237, 225), (220, 182, 89), (166, 61, 36), (45, 99, 144)
_OVERSAMPLING = 4


def icon(side: int, *, maskable: bool = False) -> Pixels:
    """The icon, (side, side, 4) uint8, RGBA. A maskable one is opaque, the other has clear round corners."""
    large = side * _OVERSAMPLING
    sheet = Image.new("RGBA", (large, large), (*_WALL, 255 if maskable else 0))
    draw = ImageDraw.Draw(sheet)
    margin, width = (0.2, 0.6) if maskable else (0.03, 0.94)

    def at(x: float, y: float) -> tuple[float, float]:
        """From the picture's own square, 0..1, to pixels."""
        return (margin + x * width) * large, (margin + y * width) * large

    draw.rounded_rectangle([at(0, 0), at(1, 1)], radius=0.07 * width * large, fill=_MOULDING)
    draw.rectangle([at(0.125, 0.125), at(0.875, 0.875)], fill=_GLEAM)
    draw.rectangle([at(0.14, 0.14), at(0.86, 0.86)], fill=_MAT)
    draw.ellipse([at(0.56, 0.215), at(0.77, 0.425)], fill=_SUN)
    hills = [
        (0.14, 0.58),
        (0.425, 0.34),
        (0.62, 0.53),
        (0.73, 0.45),
        (0.86, 0.54),
        (0.86, 0.70),
        (0.14, 0.70),
    ]
    draw.polygon([at(*point) for point in hills], fill=_HILL)
    draw.polygon(
        [at(*point) for point in ((0.14, 0.68), (0.86, 0.63), (0.86, 0.86), (0.14, 0.86))], fill=_SEA
    )
    return np.asarray(sheet.resize((side, side), Image.Resampling.BOX))


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (side, maskable) in ICONS.items():
        drawn = icon(side, maskable=maskable)
        images.write(FOLDER / name, _png(drawn[..., :3] if maskable else drawn))
    return 0


def _png(pixels: Pixels) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", optimize=True)
    return data.getvalue()


if __name__ == "__main__":
    sys.exit(main())
