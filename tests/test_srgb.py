"""Right colours, right way up, from every kind of file. Tolerances are in levels of 255."""

import io
import struct
import zlib

import numpy as np
import pytest
from pictures import (
    GREY,
    GREY_ALPHA,
    RGB,
    RGBA,
    chunk,
    exif,
    flat,
    gradient,
    linear_grey_profile,
    png,
    saved,
    without_segment,
)
from PIL import Image, ImageCms

from nst import images

OVER_WHITE = "Transparent parts of the picture were laid over white."
PROFILE_IGNORED = "The picture's colour profile could not be used and was ignored."


def first_pixel(data: bytes) -> list[int]:
    return images.decode(data).pixels[0, 0].tolist()


def assert_near(actual: object, expected: object, tolerance: int) -> None:
    assert np.abs(np.asarray(actual, int) - np.asarray(expected, int)).max() <= tolerance


# Depth


def test_16_bit_grey_is_scaled_and_not_clipped() -> None:
    deep = np.tile(np.arange(64, dtype=np.uint16) * 1040, (40, 1))
    pixels = images.decode(png(deep, GREY)).pixels
    assert np.array_equal(pixels, np.round(deep / 257).astype(np.uint8)[..., None].repeat(3, axis=2))


def test_16_bit_rgb_is_the_8_bit_picture_it_was_made_from() -> None:
    assert np.array_equal(images.decode(png(gradient().astype(np.uint16) * 257, RGB)).pixels, gradient())


def test_16_bit_rgb_in_between_is_within_one_level() -> None:
    deep = np.random.default_rng(2).integers(0, 65536, (40, 40, 3), dtype=np.uint16)
    assert_near(images.decode(png(deep, RGB)).pixels, np.round(deep / 257), 1)


@pytest.mark.parametrize("colour", [GREY_ALPHA, RGBA])
def test_16_bit_with_alpha_is_laid_over_white(colour: int) -> None:
    channels = [20000] * (1 if colour == GREY_ALPHA else 3)
    picture = images.decode(png(np.full((40, 40, len(channels) + 1), [*channels, 32768], np.uint16), colour))
    assert_near(picture.pixels, round(20000 / 257 * 0.5 + 255 * 0.5), 2)
    assert picture.notes == (OVER_WHITE,)


def test_the_transparent_colour_of_a_16_bit_png_becomes_white_and_no_other_does() -> None:
    rgb = np.full((40, 40, 3), 0xFFFF, np.uint16)
    rgb[:, :20] = (0x1234, 0x5678, 0x9ABC)
    rgb[:, 20:30] = (0x2000, 0x4000, 0x6000)
    keyed = images.decode(png(rgb, RGB, chunk(b"tRNS", struct.pack(">HHH", 0x1234, 0x5678, 0x9ABC)))).pixels
    assert keyed[0, 0].tolist() == [255, 255, 255]
    assert keyed[0, 25].tolist() == [0x20, 0x40, 0x60]

    keyed = images.decode(png(rgb[..., 0].copy(), GREY, chunk(b"tRNS", struct.pack(">H", 0x1234)))).pixels
    assert keyed[0, 0].tolist() == [255, 255, 255]
    assert keyed[0, 25].tolist() == [0x20, 0x20, 0x20]


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [("1", 1, 255), ("1", 0, 0), ("L", 123, 123), ("LA", (123, 255), 123)],
)
def test_grey_of_any_kind_is_equal_red_green_and_blue(mode: str, colour: object, expected: int) -> None:
    picture = images.decode(saved(flat(colour, mode), "PNG"))
    assert (picture.pixels == expected).all()
    assert picture.notes == ()


def test_a_grey_jpeg_is_grey() -> None:
    assert_near(images.decode(saved(flat(123, "L"), "JPEG")).pixels, 123, 1)


# Transparency


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (200, 0, 0, 128), (227, 127, 127)),
        ("RGBA", (9, 9, 9, 0), (255, 255, 255)),
        ("LA", (100, 64), (216, 216, 216)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_alpha_is_laid_over_white_and_that_is_said(
    kind: str, mode: str, colour: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    picture = images.decode(saved(flat(colour, mode), kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert_near(picture.pixels, expected, 1)
    assert picture.notes == (OVER_WHITE,)


def test_alpha_that_is_opaque_everywhere_changes_nothing_and_is_not_mentioned() -> None:
    picture = images.decode(saved(flat((1, 2, 3, 255), "RGBA"), "PNG"))
    assert (picture.pixels == (1, 2, 3)).all()
    assert picture.notes == ()


def palette_picture() -> Image.Image:
    """Left half colour 0, right half colour 1."""
    image = Image.new("P", (40, 40), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (20, 0, 40, 40))
    return image


def test_a_palette_gives_its_colours() -> None:
    picture = images.decode(saved(palette_picture(), "PNG"))
    assert picture.pixels[0, [0, 39]].tolist() == [[10, 20, 30], [200, 100, 50]]
    assert picture.notes == ()


@pytest.mark.parametrize(
    ("alpha", "expected"), [(0, (255, 255, 255)), (b"\0", (255, 255, 255)), (b"\x80", (132, 137, 142))]
)
def test_a_palette_with_transparent_entries_is_laid_over_white(
    alpha: object, expected: tuple[int, ...]
) -> None:
    picture = images.decode(saved(palette_picture(), "PNG", transparency=alpha))
    assert_near(picture.pixels[0, 0], expected, 1)
    assert picture.pixels[0, 39].tolist() == [200, 100, 50]
    assert picture.notes == (OVER_WHITE,)


@pytest.mark.parametrize(("mode", "key"), [("1", 0), ("L", 0), ("RGB", (0, 0, 0))])
def test_a_png_with_one_transparent_colour_shows_white_there(mode: str, key: object) -> None:
    image = flat("black").convert(mode)
    image.paste("white", (20, 0, 40, 40)) if mode != "1" else image.paste(1, (20, 0, 40, 40))
    assert (images.decode(saved(image, "PNG", transparency=key)).pixels == 255).all()


# Printing colours


CMYK = (0, 255, 255, 0)  # full magenta and yellow: red


def test_a_cmyk_jpeg_as_adobe_writes_it_has_its_colours() -> None:
    """Adobe's files, and Pillow's, hold CMYK inverted and say so in an APP14 marker."""
    data = saved(flat(CMYK, "CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    picture = images.decode(data)
    assert_near(picture.pixels, (255, 0, 0), 4)
    assert "CMYK" in picture.notes[0]
    assert_near(first_pixel(saved(flat((255, 0, 0, 128), "CMYK"), "JPEG", quality=95)), (0, 127, 127), 4)


def test_a_cmyk_jpeg_without_adobes_marker_is_taken_as_it_is_written() -> None:
    inverted = tuple(255 - ink for ink in CMYK)
    data = without_segment(saved(flat(inverted, "CMYK"), "JPEG", quality=95), 0xEE)
    assert b"Adobe" not in data
    assert_near(first_pixel(data), (255, 0, 0), 4)


# Colour profiles


def swapped_profile() -> bytes:
    """An sRGB profile with the tags of red and green exchanged: under it, red numbers mean green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_profile_says_what_the_numbers_mean(kind: str) -> None:
    how = (
        {"lossless": True} if kind == "WEBP" else {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}
    )
    picture = images.decode(saved(flat((200, 50, 20)), kind, icc_profile=swapped_profile(), **how))
    assert_near(picture.pixels, (50, 200, 20), 3)
    assert picture.notes == ()


def test_alpha_keeps_its_place_beside_a_profile() -> None:
    picture = images.decode(saved(flat((200, 50, 20, 128), "RGBA"), "PNG", icc_profile=swapped_profile()))
    assert_near(picture.pixels, (152, 227, 137), 3)
    assert picture.notes == (OVER_WHITE,)


def test_a_palette_goes_through_its_profile() -> None:
    data = saved(palette_picture(), "PNG", icc_profile=swapped_profile())
    assert_near(images.decode(data).pixels[0, 39], (100, 200, 50), 3)


def test_an_srgb_profile_changes_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = images.decode(saved(Image.fromarray(gradient()), "PNG", icc_profile=srgb))
    assert_near(picture.pixels, gradient(), 1)


def test_a_linear_grey_profile_brightens_the_middle() -> None:
    profile = linear_grey_profile()
    picture = images.decode(saved(flat(55, "L"), "PNG", icc_profile=profile))
    # sRGB of 55/255 linear light: 1.055 * 0.2157 ** (1 / 2.4) - 0.055 = 0.502
    assert_near(picture.pixels, 128, 2)
    assert picture.notes == ()


def test_a_grey_picture_with_a_colour_profile_goes_through_its_curve() -> None:
    picture = images.decode(saved(flat(123, "L"), "PNG", icc_profile=swapped_profile()))
    assert_near(picture.pixels[0, 0, 2], 123, 1)
    assert picture.notes == ()


@pytest.mark.parametrize(
    "profile",
    [b"not a profile", swapped_profile()[:200], linear_grey_profile()],
    ids=["nonsense", "cut short", "of another kind"],
)
def test_a_profile_that_cannot_be_used_is_ignored_and_that_is_said(profile: bytes) -> None:
    picture = images.decode(saved(flat((200, 50, 20)), "PNG", icc_profile=profile))
    assert (picture.pixels == (200, 50, 20)).all()
    assert picture.notes == (PROFILE_IGNORED,)


def test_a_profile_whose_compression_is_broken_is_ignored_and_that_is_said() -> None:
    data = png(gradient(), RGB, chunk(b"iCCP", b"broken\0\0" + zlib.compress(swapped_profile())[:-40]))
    picture = images.decode(data)
    assert np.array_equal(picture.pixels, gradient())
    assert picture.notes == (PROFILE_IGNORED,)


# Which way up

# What a camera stores so that the viewer, obeying the tag, sees the picture upright (EXIF 2.3, 4.6.4).
STORED = {
    1: lambda seen: seen,
    2: lambda seen: seen[:, ::-1],
    3: lambda seen: seen[::-1, ::-1],
    4: lambda seen: seen[::-1],
    5: lambda seen: seen.swapaxes(0, 1),
    6: lambda seen: np.rot90(seen, 1),
    7: lambda seen: seen[::-1, ::-1].swapaxes(0, 1),
    8: lambda seen: np.rot90(seen, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_orientation_comes_out_upright(orientation: int, kind: str) -> None:
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](gradient())))
    how = (
        {"lossless": True} if kind == "WEBP" else {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}
    )
    pixels = images.decode(saved(stored, kind, exif=exif(orientation), **how)).pixels
    assert pixels.shape == gradient().shape
    assert_near(pixels, gradient(), 6 if kind == "JPEG" else 0)


def test_a_mask_is_turned_like_a_picture() -> None:
    mask = gradient()[..., 0]
    data = saved(Image.fromarray(np.ascontiguousarray(STORED[6](mask))), "PNG", exif=exif(6))
    assert np.array_equal(images.decode_mask(data).pixels, mask)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(value: int) -> None:
    assert np.array_equal(
        images.decode(saved(Image.fromarray(gradient()), "PNG", exif=exif(value))).pixels, gradient()
    )


@pytest.mark.filterwarnings("ignore")  # Pillow remarks on such EXIF, in words of its own
@pytest.mark.parametrize("tail", [b"", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\xff\xff\xff\xff", b"nonsense"])
def test_broken_exif_does_not_spoil_a_good_picture(tail: bytes) -> None:
    image = Image.fromarray(gradient())
    for kind in ("PNG", "JPEG", "WEBP"):
        assert images.decode(saved(image, kind, exif=b"Exif\0\0" + tail)).pixels.shape == gradient().shape


def test_the_decoder_leaves_no_profile_for_the_next_one_to_find() -> None:
    pixels = images.decode(saved(flat("red"), "PNG", icc_profile=swapped_profile())).pixels
    with Image.open(io.BytesIO(images.encode_png(pixels))) as written:
        assert "icc_profile" not in written.info
