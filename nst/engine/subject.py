"""What is painted after what: the pictures of a run and the masks on them, checked before anything begins."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image

from nst.errors import Refusal

Pixels = np.ndarray  # (H, W, 3) uint8 sRGB
Mask = np.ndarray  # (H, W), 0..255 uint8 or 0..1 float
Source = Pixels | Image.Image


class Painted(NamedTuple):
    """A style picture, the part of it that counts, and a name that no other such pair has."""

    pixels: Pixels
    guide: np.ndarray | None  # (H, W) uint8; None: all of it
    digest: bytes


class Subject(NamedTuple):
    """The pictures that stay the same as long as a run lasts."""

    content: Pixels
    init: Pixels | None
    onward: Pixels | None


def subject(content: Source, init: Source | None, onward: Source | None) -> Subject:
    """The pictures as arrays. Raises a `Refusal` for what is none."""
    return Subject(
        checked_pixels(content),
        None if init is None else checked_pixels(init),
        None if onward is None else checked_pixels(onward),
    )


def painted(styles: Sequence[Source], guides: Sequence[Mask | None]) -> tuple[Painted, ...]:
    """The style pictures, and the guides if there are any. Raises a `Refusal` for what is none."""
    if not styles:
        raise Refusal("no_style", "At least one style picture is needed.", "styles")
    if len(guides) not in (0, len(styles)):
        raise Refusal(
            "bad_guide", f"{len(guides)} guides for {len(styles)} style pictures: give one a style.", "guides"
        )
    return tuple(
        _painted(checked_pixels(style), None if guide is None else checked_mask(guide, "guides"))
        for style, guide in zip(styles, guides or [None] * len(styles), strict=True)
    )


def shares(blend: Sequence[float] | None, styles: int) -> tuple[float, ...]:
    """The blend as shares that add up to 1; equal ones for none."""
    blend = [1.0] * styles if blend is None else list(blend)
    if len(blend) != styles:
        raise Refusal(
            "bad_blend", f"The blend has {len(blend)} weights for {styles} style pictures.", "blend"
        )
    if not all(weight >= 0 for weight in blend) or not 0 < sum(blend) < np.inf:
        raise Refusal("bad_blend", "The blend's weights must be positive numbers.", "blend")
    return tuple(weight / sum(blend) for weight in blend)


def masks(given: Sequence[Mask], styles: int) -> tuple[np.ndarray, ...]:
    """Masks as (H, W) uint8: none, one for all styles, or one a style, of which some may be black."""
    if len(given) not in (0, 1, styles):
        raise Refusal(
            "bad_mask", f"{len(given)} masks for {styles} style pictures: give one, or one a style.", "mask"
        )
    checked = tuple(checked_mask(mask, "mask") for mask in given)
    if checked and not any(mask.any() for mask in checked):
        raise Refusal("empty_mask", "The mask is all black: nothing would be painted.", "mask")
    return checked


def digest(*arrays: np.ndarray) -> bytes:
    """A name that only arrays of these shapes and values have."""
    hashed = blake2b(digest_size=16)
    for array in arrays:
        hashed.update(f"{array.shape}".encode())
        hashed.update(np.ascontiguousarray(array).data)
    return hashed.digest()


def tensor(pixels: Pixels) -> tf.Tensor:
    """(1, H, W, 3) float32 in 0..255."""
    return tf.constant(pixels[None], tf.float32)


def checked_pixels(source: Source) -> Pixels:
    """A picture as an array. Raises a `Refusal` for what is none."""
    if isinstance(source, Image.Image):
        return np.asarray(source.convert("RGB"))
    is_picture = isinstance(source, np.ndarray) and source.dtype == np.uint8 and source.ndim == 3
    if not is_picture or source.shape[2] != 3 or 0 in source.shape:
        raise Refusal("bad_picture", "A picture must be an (H, W, 3) array of 8-bit sRGB values.")
    return source


def checked_mask(mask: Mask, field: str) -> np.ndarray:
    """A mask as (H, W) uint8. Raises a `Refusal` about `field` for what is none."""
    if mask.ndim != 2 or 0 in mask.shape:
        raise Refusal("bad_mask", "A mask must be an (H, W) array.", field)
    if mask.dtype == np.uint8:
        return mask
    if mask.min() >= 0 and mask.max() <= 1:  # a NaN fails both
        return np.rint(mask.astype(np.float64) * 255).astype(np.uint8)
    raise Refusal("bad_mask", "A mask must be 8-bit, or hold numbers from 0 to 1.", field)


def _painted(pixels: Pixels, guide: np.ndarray | None) -> Painted:
    if guide is not None and not guide.any():
        raise Refusal("empty_guide", "A guide is all black: nothing of its style would be used.", "guides")
    return Painted(pixels, guide, digest(pixels) if guide is None else digest(pixels, guide))
