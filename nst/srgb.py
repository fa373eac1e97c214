"""From whatever colours a picture file holds to 8-bit sRGB, or to the grey of a mask.

Works on pictures that Pillow has loaded, within the size limits; decides only what their numbers mean.
"""

import io
from typing import TypeAlias

import numpy as np
from PIL import ExifTags, Image, ImageChops, ImageCms

Converted: TypeAlias = tuple[Image.Image, tuple[str, ...]]

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image) -> Image.Image:
    """The picture as its camera meant it to stand (EXIF or XMP orientation).

    `ImageOps.exif_transpose` would also rewrite the metadata, which can fail on odd tags; here it all goes.
    """
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # metadata from a stranger: whatever is wrong with it, the picture itself is fine
        turn = None
    return image.transpose(turn) if turn is not None else image


def to_srgb(image: Image.Image) -> Converted:
    """Any mode that JPEG, PNG or WebP can open with -> mode RGB in sRGB, and sentences on what was changed.

    Alpha is laid over white after the colours are right. An ICC profile that cannot be used is ignored.
    """
    colour, alpha = _split(image)
    notes: list[str] = []
    # The key may be there and empty: Pillow found a profile that was cut short.
    has_profile = "icc_profile" in image.info
    managed = _through_profile(colour, image.info["icc_profile"]) if has_profile else None
    if has_profile and managed is None:
        notes.append("The picture's colour profile could not be used and was ignored.")
    if managed is None and colour.mode == "CMYK":
        notes.append(
            "The picture holds printing colours (CMYK) without a profile; its colours are approximate."
        )
    rgb = managed or colour.convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", rgb.size, "white")
        white.paste(rgb, mask=alpha)
        rgb = white
        notes.append("Transparent parts of the picture were laid over white.")
    return rgb, tuple(notes)


def to_grey(image: Image.Image) -> Converted:
    """A mask -> mode L, 255 where it lets in. No colour profile is applied: a mask holds amounts.

    Brightness (Rec. 601 luma) is the amount, and what is transparent counts as black. Where all that can be
    seen has one colour, as with strokes of a brush on an empty layer, only alpha says something.
    """
    colour, alpha = _split(image)
    grey = colour.convert("RGB").convert("L") if colour.mode == "CMYK" else colour.convert("L")
    if alpha is None:
        return grey, ()
    opacity = np.asarray(alpha)
    # The faint half is left out: a browser's canvas keeps colours only roughly where there is little alpha.
    seen = np.asarray(colour.convert("RGB"))[opacity >= (int(opacity.max()) + 1) // 2]
    if np.all(np.ptp(seen, axis=0) <= 2):
        return alpha, ()
    return ImageChops.multiply(grey, alpha), ()


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """(colours in mode L, RGB or CMYK; alpha in mode L, or None where all is opaque)."""
    alpha: Image.Image | None = None
    if image.mode.startswith("I"):
        colour, alpha = _split_16bit_grey(image)
    elif image.mode == "CMYK":
        # Adobe stores CMYK inverted and says so in a marker. Pillow takes every file for Adobe's.
        colour = image if "adobe" in image.info else ImageChops.invert(image)
    elif image.mode in ("1", "L", "LA"):
        if image.has_transparency_data:
            colour, alpha = image.convert("LA").split()
        else:
            colour = image.convert("L")
    elif image.has_transparency_data:
        *bands, alpha = _with_8bit_key(image).convert("RGBA").split()
        colour = Image.merge("RGB", bands)
    else:
        colour = image.convert("RGB")
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    return colour, alpha


def _split_16bit_grey(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Pillow would clip everything above 255 to white."""
    deep = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray(((deep * 255 + 32767) // 65535).astype(np.uint8))
    key = image.info.get("transparency")
    if key is None:
        return grey, None
    return grey, Image.fromarray(np.where(deep == key, 0, 255).astype(np.uint8))


def _with_8bit_key(image: Image.Image) -> Image.Image:
    """Of a 16-bit RGB PNG Pillow keeps the high bytes, but both of the colour that means transparent."""
    key = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(key, tuple) and max(key) > 255:
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return image


def _through_profile(colour: Image.Image, profile: bytes | None) -> Image.Image | None:
    """`colour` in sRGB, or None if the profile is broken or speaks of another kind of colour."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        space = source.profile.xcolor_space.strip()
        if space == "RGB" and colour.mode == "L":
            colour = colour.convert("RGB")
        if {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space) != colour.mode:
            return None
        return ImageCms.profileToProfile(
            colour,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
