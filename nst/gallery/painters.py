"""Which painter paints which style picture of the catalogue."""

from collections.abc import Callable

from nst.gallery import (
    composition,
    cubism,
    ink_wash,
    linocut,
    marbling,
    mosaic,
    night_sky,
    pointillism,
    pop_art,
    poppy_field,
    stained_glass,
    watercolour,
    wave,
)
from nst.gallery.sheet import Pixels

# A painter takes the long side in pixels and a seed, and gives uint8 sRGB (H, W, 3).
Painter = Callable[[int, int], Pixels]

PAINTERS: dict[str, Painter] = {
    "night-sky": night_sky.paint,
    "wave": wave.paint,
    "stained-glass": stained_glass.paint,
    "poppy-field": poppy_field.paint,
    "composition": composition.paint,
    "mosaic": mosaic.paint,
    "linocut": linocut.paint,
    "watercolour": watercolour.paint,
    "pop-art": pop_art.paint,
    "ink-wash": ink_wash.paint,
    "pointillism": pointillism.paint,
    "cubism": cubism.paint,
    "marbling": marbling.paint,
}
