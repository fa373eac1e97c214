"""The pictures that are painted here: samples of the gallery, unless a person names their own."""

from pathlib import Path

from nst import images
from nst.gallery import catalogue
from nst.images import Pixels


def photograph(size: int) -> Pixels:
    """A cat's face, 4:3."""
    return cut(sample("chelsea"), size)


def painting(size: int) -> Pixels:
    """A whirling night in thick oil strokes, 4:3."""
    return cut(sample("night-sky"), size)


def sample(name: str) -> Pixels:
    """The gallery's picture of that name, whole."""
    return images.read(catalogue.sample(name).path, field=name).pixels


def cut(pixels: Pixels, size: int) -> Pixels:
    """The middle of a picture, cut to 4:3, with `size` pixels on the long side."""
    height, width = pixels.shape[:2]
    across, down = min(width, height * 4 // 3), min(height, width * 3 // 4)
    left, top = (width - across) // 2, (height - down) // 2
    return images.resize(pixels[top : top + down, left : left + across], (size, size * 3 // 4))


def written(pixels: Pixels, path: Path) -> Path:
    """The path, with the picture in it as a PNG."""
    images.write(path, images.encode_png(pixels))
    return path
