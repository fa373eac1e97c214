"""What comes in as a file: the limits, the refusals, and what goes out."""

import io
import json
import os
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pictures import (
    GREY,
    RGB,
    SIGNATURE,
    chunk,
    exif,
    flat,
    gradient,
    header,
    png,
    png_of_size,
    saved,
    scan_bomb,
)
from PIL import Image, WebPImagePlugin

from nst import images
from nst.errors import Refusal
from nst.settings import settings


@pytest.fixture
def set_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, object], None]]:
    def set_one(name: str, value: object) -> None:
        monkeypatch.setenv(f"NST_{name.upper()}", str(value))
        settings.cache_clear()

    yield set_one
    monkeypatch.undo()
    settings.cache_clear()


def refused(source: object, field: str = "file") -> Refusal:
    with pytest.raises(Refusal) as caught:
        images.decode(source, field=field)
    assert caught.value.field == field
    assert caught.value.message.endswith(".")
    return caught.value


# Not a picture at all

NOT_PICTURES = {
    "empty": b"",
    "text": b"Dear studio, please find my picture attached.",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="9"/></svg>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\nshowpage\n",
    "gif": saved(flat("red"), "GIF"),
    "bmp": saved(flat("red"), "BMP"),
    "tiff": saved(flat("red"), "TIFF"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "zero wide": SIGNATURE + header(0, 64) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
    "zero high": SIGNATURE + header(64, 0) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
}


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_what_is_no_jpeg_png_or_webp_is_not_a_picture(name: str) -> None:
    refusal = refused(NOT_PICTURES[name])
    assert refusal.code == "not_a_picture"
    assert "JPEG, PNG or WebP" in refusal.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_content_decides_the_format_and_no_name_is_asked_for(kind: str, tmp_path: Path) -> None:
    misnamed = tmp_path / "holiday.gif"
    misnamed.write_bytes(saved(Image.fromarray(gradient()), kind, quality=95))
    pixels = images.read(misnamed, field="content").pixels
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - gradient()).mean() < 3  # lossy formats: a few levels


def test_a_name_on_the_stream_is_never_used(tmp_path: Path) -> None:
    class Named(io.BytesIO):
        name = "../../" + "x" * 5000 + "\0.png"

    assert images.decode(Named(saved(flat("red"), "PNG"))).pixels[0, 0].tolist() == [255, 0, 0]


# Size of the file


class Endless:
    """An upload whose stated length is small and whose bytes never end."""

    headers = {"content-length": "10"}  # noqa: RUF012

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int) -> bytes:
        self.given += size
        return b"\xff" * size


def test_bytes_are_counted_and_an_endless_stream_is_cut_at_the_limit(
    set_limit: Callable[[str, object], None],
) -> None:
    set_limit("max_upload_bytes", 2 * 1024 * 1024)
    stream = Endless()
    refusal = refused(stream)
    assert refusal.code == "file_too_large"
    assert "larger than 2 MB" in refusal.message
    assert stream.given <= 2 * 1024 * 1024 + 64 * 1024


def test_the_byte_limit_itself_is_allowed_and_one_more_is_not(
    set_limit: Callable[[str, object], None],
) -> None:
    data = saved(Image.fromarray(gradient()), "PNG")
    set_limit("max_upload_bytes", len(data))
    assert images.decode(data).pixels.shape == (48, 64, 3)
    assert refused(data + b"\0").code == "file_too_large"


def test_a_stream_that_gives_a_few_bytes_at_a_time_is_read_to_its_end() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 7, 7))

    assert np.array_equal(images.decode(Trickle(png(gradient(), RGB))).pixels, gradient())


# Size of the picture


@pytest.mark.parametrize(
    ("width", "height", "code", "says"),
    [
        (8000, 5000, "image_too_large", "The picture is 40 megapixels; the limit is 25."),
        (5000, 5001, "image_too_large", "The picture is 25.1 megapixels; the limit is 25."),
        (8193, 500, "image_too_large", "8193 pixels on its long side; the limit is 8192"),
        (10000, 1, "image_too_large", "10000 pixels"),
        (1, 1, "image_too_small", "1 by 1 pixels; each side needs at least 32"),
        (64, 31, "image_too_small", "64 by 31 pixels"),
        (3000, 40, "bad_aspect", "75 times as long one way as the other; the limit is 20"),
        (40, 801, "bad_aspect", "20.1 times"),
    ],
)
def test_a_picture_out_of_limits_is_refused_with_the_number_and_the_limit(
    width: int, height: int, code: str, says: str
) -> None:
    # Only a header: the refusal must come before any pixel is decoded.
    data = SIGNATURE + header(width, height) + chunk(b"IDAT", b"not pixels") + chunk(b"IEND", b"")
    refusal = refused(data)
    assert refusal.code == code
    assert says in refusal.message


def test_a_narrower_limit_is_kept_before_any_pixel_is_decoded() -> None:
    data = SIGNATURE + header(800, 600) + chunk(b"IDAT", b"not pixels") + chunk(b"IEND", b"")
    with pytest.raises(Refusal, match="800 pixels on its long side; the limit is 768") as caught:
        images.decode(data, longest=768)
    assert caught.value.code == "image_too_large"


@pytest.mark.parametrize(("width", "height"), [(32, 32), (800, 40), (40, 800), (8192, 410)])
def test_a_picture_at_the_limits_is_taken(width: int, height: int) -> None:
    assert images.decode(png_of_size(width, height)).pixels.shape == (height, width, 3)


@pytest.mark.parametrize("always", ["error", "ignore"])
def test_a_bomb_is_too_large_whatever_the_process_does_with_warnings(always: str) -> None:
    bomb = png_of_size(16384, 16384)
    assert len(bomb) < 100_000
    between_pillows_limits = SIGNATURE + header(12000, 12000) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with warnings.catch_warnings():
        warnings.simplefilter(always)
        for data in (bomb, between_pillows_limits):
            refusal = refused(data)
            assert refusal.code == "image_too_large"
            assert "megapixels; the limit is 25." in refusal.message


def test_a_bomb_in_webp_is_too_large() -> None:
    canvas = struct.pack("<I", 16382)[:3] * 2
    body = b"WEBPVP8X" + struct.pack("<II", 10, 0) + canvas
    assert refused(b"RIFF" + struct.pack("<I", len(body)) + body).code == "image_too_large"


# Damage, and work without end


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_cut_short_is_broken(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind)
    refusal = refused(data[: len(data) // 2])
    assert refusal.code == "broken_image"
    assert "damaged or incomplete" in refusal.message


def test_a_png_whose_pixels_do_not_unpack_is_broken() -> None:
    data = SIGNATURE + header(64, 48) + chunk(b"IDAT", b"no deflate stream") + chunk(b"IEND", b"")
    assert refused(data).code == "broken_image"


def test_three_megabytes_of_compressed_text_in_a_png_are_refused() -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3 * 1024 * 1024)))
    assert len(text) < 5000
    assert refused(png(gradient(), RGB, text)).code == "broken_image"


def test_no_mutilated_file_brings_anything_but_a_refusal() -> None:
    """Bytes struck at random, from a fixed seed: a picture or a Refusal, nothing else."""
    image = Image.fromarray(gradient())
    whole = [
        saved(image, "JPEG", exif=exif(6)),
        saved(image, "JPEG", progressive=True),
        saved(image, "PNG", exif=exif(6)),
        saved(image.quantize(16), "PNG", transparency=0),
        saved(image, "PNG", save_all=True, append_images=[flat("red", size=image.size)]),
        saved(image, "WEBP", exif=exif(6)),
        saved(image, "WEBP", save_all=True, append_images=[flat("red", size=image.size)]),
    ]
    dice = np.random.default_rng(7)
    refusals = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow comments on what it finds odd
        for data in whole:
            for _ in range(60):
                struck = bytearray(data)
                for place in dice.integers(0, min(len(data), 400), 3):
                    struck[place] = dice.integers(0, 256)
                try:
                    assert images.decode(bytes(struck)).pixels.dtype == np.uint8
                except Refusal:
                    refusals += 1
    assert 100 < refusals < 60 * len(whole)


def test_a_jpeg_with_endless_passes_is_stopped_in_mid_decode(
    set_limit: Callable[[str, object], None],
) -> None:
    set_limit("decode_seconds", 0.2)
    bomb = scan_bomb(4096, 20_000)  # under a megabyte; left alone it decodes for a good quarter of a minute
    refusal = refused(bomb[:-20])  # a decoder that came to the end would find it missing, and call it broken
    assert refusal.code == "too_slow"
    assert "0.2 seconds" in refusal.message


def test_the_same_passes_in_a_reasonable_number_are_a_picture() -> None:
    assert images.decode(scan_bomb(64, 20)).pixels.shape == (64, 64, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_clock_works_in_every_format_and_from_any_thread(
    kind: str, set_limit: Callable[[str, object], None]
) -> None:
    set_limit("decode_seconds", -1)
    with ThreadPoolExecutor(1) as pool:
        refusal = pool.submit(refused, saved(flat("red"), kind)).result()
    assert refusal.code == "too_slow"


def test_a_webp_that_took_too_long_in_its_one_call_is_refused_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    load = WebPImagePlugin.WebPImageFile.load

    def slow_load(image: WebPImagePlugin.WebPImageFile) -> object:
        nonlocal now
        now += 11
        return load(image)

    monkeypatch.setattr(images.time, "monotonic", lambda: now)
    monkeypatch.setattr(WebPImagePlugin.WebPImageFile, "load", slow_load)
    assert refused(saved(flat("red"), "WEBP")).code == "too_slow"
    assert images.decode(saved(flat("red"), "PNG")).pixels.shape == (40, 40, 3)


def test_many_threads_decode_at_once_and_each_gets_its_own_picture() -> None:
    def shade(level: int) -> int:
        return int(images.decode(saved(flat((level, 0, 0)), "PNG")).pixels[5, 5, 0])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shade, range(64))) == list(range(64))


# More than one frame


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_used_and_that_is_said(kind: str) -> None:
    how = {"lossless": True} if kind == "WEBP" else {}
    frames = [flat(colour) for colour in ("red", "lime", "blue")]
    picture = images.decode(
        saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **how)
    )
    assert (picture.pixels == (255, 0, 0)).all()
    assert picture.notes == ("The picture was animated; the first frame is used.",)


def test_a_still_picture_has_no_notes() -> None:
    assert images.decode(png(gradient(), RGB)).notes == ()


def test_a_multi_picture_jpeg_of_a_phone_is_its_main_picture_and_no_animation() -> None:
    picture = images.decode(saved(flat("red"), "MPO", save_all=True, append_images=[flat("blue")]))
    assert np.abs(picture.pixels.astype(int) - (255, 0, 0)).max() <= 2
    assert picture.notes == ()


# What is hidden inside

MARKER = b"<script>alert('hello')</script>"


def test_nothing_behind_or_beside_the_pixels_survives() -> None:
    """A PNG that is a web page too, with GPS, comments and a profile's name: none of it in what we write."""
    image = Image.fromarray(gradient())
    sources = [
        png(gradient(), RGB, chunk(b"tEXt", b"Comment\0" + MARKER)) + b"<html>" + MARKER,
        saved(image, "JPEG", exif=exif(1), comment=MARKER) + MARKER,
        saved(image, "WEBP", exif=exif(1), xmp=MARKER),
    ]
    for source in sources:
        assert MARKER in source
        pixels = images.decode(source).pixels
        for out in (images.encode_png(pixels), images.encode_jpeg(pixels)):
            assert MARKER not in out
            assert b"Pocket camera" not in out
            with Image.open(io.BytesIO(out)) as written:
                assert dict(written.getexif()) == {}
                assert not {"icc_profile", "exif", "xmp", "comment"} & set(written.info)


# Masks


def mask_of(image: Image.Image) -> np.ndarray:
    return images.decode_mask(saved(image, "PNG")).pixels


def test_a_grey_mask_comes_through_unchanged() -> None:
    ramp = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (40, 1))
    mask = images.decode_mask(png(ramp, GREY))
    assert np.array_equal(mask.pixels, ramp)
    assert mask.notes == ()


def test_a_colour_mask_counts_by_its_brightness() -> None:
    assert mask_of(flat("white"))[0, 0] == 255
    assert abs(int(mask_of(flat((0, 255, 0)))[0, 0]) - 150) <= 1  # Rec. 601: 0.587 * 255


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 30), (255, 255, 255)])
def test_strokes_on_an_empty_layer_count_by_alpha_whatever_their_colour(colour: tuple[int, int, int]) -> None:
    layer = np.zeros((40, 64, 4), np.uint8)
    layer[10:30, 16:48] = (*colour, 255)
    layer[30, 16:48] = (*colour, 128)
    assert np.array_equal(mask_of(Image.fromarray(layer)), layer[..., 3])


def test_in_a_black_and_white_mask_transparent_parts_count_as_black() -> None:
    layer = np.zeros((40, 64, 4), np.uint8)
    layer[..., 3] = 255
    layer[:, 32:, :3] = 255
    layer[:20, :, 3] = 0
    expected = np.zeros((40, 64), np.uint8)
    expected[20:, 32:] = 255
    assert np.array_equal(mask_of(Image.fromarray(layer)), expected)


def test_a_16_bit_mask_keeps_its_amounts() -> None:
    deep = np.tile(np.arange(64, dtype=np.uint16) * 1040, (40, 1))
    assert np.array_equal(images.decode_mask(png(deep, GREY)).pixels, np.round(deep / 257).astype(np.uint8))


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
def test_a_mask_that_is_black_all_over_is_refused(mode: str) -> None:
    with pytest.raises(Refusal) as caught:
        mask_of(flat("black").convert(mode))
    assert (caught.value.code, caught.value.field) == ("empty_mask", "mask")


def test_a_mask_that_is_transparent_all_over_is_refused() -> None:
    with pytest.raises(Refusal, match="black all over"):
        mask_of(flat((255, 255, 255, 0), "RGBA"))


def test_a_mask_has_the_limits_of_a_picture_and_is_called_a_mask() -> None:
    with pytest.raises(Refusal) as caught:
        images.decode_mask(png_of_size(8, 8))
    assert caught.value.code == "image_too_small"
    assert "The mask is 8 by 8" in caught.value.message


# From disk, for the command line


@pytest.mark.parametrize("name", ["nowhere.png", ".", "a\0b.png", "x" * 5000])
def test_a_file_that_cannot_be_opened_is_named(name: str, tmp_path: Path) -> None:
    for read in (images.read, images.read_mask):
        with pytest.raises(Refusal) as caught:
            read(f"{tmp_path}/{name}", field="style")
        assert (caught.value.code, caught.value.field) == ("unreadable_file", "style")
        assert Path(f"{tmp_path}/{name}").name in caught.value.message


def test_a_bad_file_on_disk_is_refused_by_name_with_its_own_reason(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    with pytest.raises(Refusal, match=r"^notes\.txt: No JPEG, PNG or WebP") as caught:
        images.read(path, field="content")
    assert (caught.value.code, caught.value.field) == ("not_a_picture", "content")


def test_a_mask_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(saved(flat(77, "L"), "PNG"))
    assert (images.read_mask(path, field="mask").pixels == 77).all()


# Sizes


def test_fitted_brings_the_long_side_to_size_and_keeps_the_aspect() -> None:
    assert images.fitted(4000, 3000, 512) == (512, 384)
    assert images.fitted(3000, 4000, 512) == (384, 512)
    assert images.fitted(100, 100, 512) == (512, 512)
    assert images.fitted(8192, 1, 32) == (32, 1)


def test_fitted_is_within_half_a_pixel_of_the_true_aspect() -> None:
    dice = np.random.default_rng(3)
    for width, height, size in dice.integers(32, 8192, (500, 3)).tolist():
        fitted = images.fitted(width, height, size)
        assert max(fitted) == size
        assert abs(min(fitted) - max(1, min(width, height) * size / max(width, height))) <= 0.5


def test_resize_averages_what_it_shrinks() -> None:
    """A fine checkerboard shrinks to its mean; without antialiasing it comes out striped."""
    board = (np.indices((128, 192)).sum(0) % 2 * 255).astype(np.uint8)
    small = images.resize(board, (24, 16))
    assert small.shape == (16, 24)
    assert small.dtype == np.uint8
    assert np.abs(small.astype(int) - 128).max() <= 3


def test_resize_keeps_a_smooth_picture_and_a_flat_one() -> None:
    up = images.resize(gradient(), (128, 96))
    assert up.shape == (96, 128, 3)
    assert np.abs(up[1::2, 1::2].astype(int) - gradient()).max() <= 4
    assert (images.resize(np.full((50, 70, 3), 201, np.uint8), (31, 17)) == 201).all()


# Out


def test_a_png_gives_back_its_pixels_and_its_settings() -> None:
    chosen: dict[str, object] = {"size": 512, "style_weight": 1.5, "styles": [{"name": "Große Welle 🌊"}]}
    data = images.encode_png(gradient(), chosen)
    assert np.array_equal(images.decode(data).pixels, gradient())
    assert images.read_settings(data) == chosen
    with Image.open(io.BytesIO(data)) as opened:
        assert json.loads(opened.text["pentimento"]) == chosen
    assert images.read_settings(images.encode_png(gradient())) is None


def test_our_own_file_is_loaded_whatever_its_size(
    set_limit: Callable[[str, object], None], tmp_path: Path
) -> None:
    data = images.encode_png(gradient(), quick=True)
    set_limit("max_upload_bytes", len(data) - 1)
    images.write(tmp_path / "own.png", data)
    assert refused(data).code == "file_too_large"
    assert np.array_equal(images.load(tmp_path / "own.png"), gradient())
    assert images.load(tmp_path / "own.png", grey=True).shape == gradient().shape[:2]


def test_a_grey_png_gives_back_its_pixels() -> None:
    grey = gradient()[..., 0]
    assert np.array_equal(images.decode_mask(images.encode_png(grey)).pixels, grey)


def test_a_jpeg_is_close_and_its_quality_matters() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = images.encode_jpeg(gradient())
    assert data.startswith(b"\xff\xd8")
    assert np.abs(images.decode(data).pixels.astype(int) - gradient()).mean() < 4
    assert len(images.encode_jpeg(noise, quality=20)) < len(images.encode_jpeg(noise, quality=95))


def test_a_jpeg_carries_a_comment() -> None:
    assert images.jpeg_comment(images.encode_jpeg(gradient(), comment="12")) == "12"
    assert images.jpeg_comment(images.encode_jpeg(gradient())) == ""
    assert images.jpeg_comment(images.encode_png(gradient())) == ""


def test_a_webp_is_close_and_its_quality_matters() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.abs(images.decode(images.encode_webp(gradient())).pixels.astype(int) - gradient()).mean() < 4
    assert len(images.encode_webp(noise, quality=20)) < len(images.encode_webp(noise, quality=95))


def test_an_animation_has_its_frames_and_their_times() -> None:
    frames = [np.full((40, 60, 3), shade, np.uint8) for shade in (10, 120, 240)]
    with Image.open(io.BytesIO(images.encode_animation(frames, [100, 150, 900]))) as film:
        assert (film.format, film.size, film.n_frames, film.info["loop"]) == ("WEBP", (60, 40), 3, 0)
        for index, (shade, time) in enumerate([(10, 100), (120, 150), (240, 900)]):
            film.seek(index)
            assert np.asarray(film.convert("RGB")).mean() == pytest.approx(shade, abs=4)
            assert film.info["duration"] == time


def test_a_jpeg_of_our_own_is_loaded_however_small(tmp_path: Path) -> None:
    path = tmp_path / "stage.jpg"
    path.write_bytes(images.encode_jpeg(np.full((3, 5, 3), 77, np.uint8)))
    assert images.load(path).shape == (3, 5, 3)


def test_write_replaces_the_whole_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "result.png"
    images.write(path, b"a long first version")
    images.write(str(path), b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.png"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_half_written(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.png"
    images.write(path, b"first")

    def disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, disk_full)
        with pytest.raises(OSError, match="No space left"):
            images.write(path, b"second")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.png"]


def test_what_is_written_has_the_ordinary_rights_of_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "ordinary").write_bytes(b"")
    images.write(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_writing_into_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        images.write(tmp_path / "none" / "result.png", b"data")


@pytest.mark.parametrize("size", [(30, 20), (7, 5), (200, 99), (1, 1)])
def test_a_resampled_mask_is_soft_but_never_beyond_itself(size: tuple[int, int]) -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[8:12, 10:20] = 255
    found = images.resize_mask(mask, size)
    assert found.shape == size[::-1]
    touched = np.array(Image.fromarray(mask).resize(size, Image.Resampling.BOX))
    assert not found[touched == 0].any()
    assert found.any()
