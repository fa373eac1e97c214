"""Where the search begins: small well-formed files of every kind, made on the spot."""

import json

import numpy as np
import onnx
import torch_legacy
import videos as video_files
from pictures import (
    GREY,
    GREY_ALPHA,
    RGB,
    RGBA,
    chunk,
    exif,
    flat,
    gradient,
    ink_profile,
    linear_grey_profile,
    png,
    saved,
    scan_bomb,
)
from PIL import Image, ImageCms

from nst.images import encode_png
from nst.options import Options
from nst.record import record


def pictures() -> dict[str, bytes]:
    image = Image.fromarray(gradient(48, 40))
    others = {"save_all": True, "append_images": [flat("red", size=image.size)]}
    deep = (gradient(40, 32).astype(np.uint16) * 257)[..., :1]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        "jpeg": saved(image, "JPEG", exif=exif(6), icc_profile=profile),
        "progressive": saved(image, "JPEG", progressive=True),
        "grey-jpeg": saved(image.convert("L"), "JPEG"),
        "cmyk-jpeg": saved(image.convert("CMYK"), "JPEG"),
        "mpo": saved(image, "MPO", **others),
        "scans": scan_bomb(64, 20),
        "png": saved(image, "PNG", exif=exif(6), icc_profile=profile),
        "rgba": saved(image.convert("RGBA"), "PNG"),
        "la": saved(image.convert("LA"), "PNG"),
        "palette": saved(image.quantize(16), "PNG", transparency=0),
        "one-bit": saved(image.convert("1"), "PNG", transparency=0),
        "grey-16": png(deep, GREY),
        "grey-alpha-16": png(np.repeat(deep, 2, 2), GREY_ALPHA),
        "rgb-16": png(np.repeat(deep, 3, 2), RGB, chunk(b"tRNS", b"\0\1\0\2\0\3")),
        "rgba-16": png(np.repeat(deep, 4, 2), RGBA),
        "texts": png(gradient(40, 32), RGB, chunk(b"tEXt", b"a\0b"), chunk(b"iTXt", b"c\0\0\0\0\0d")),
        "apng": saved(image, "PNG", **others),
        "webp": saved(image, "WEBP", exif=exif(6), icc_profile=profile, xmp=b"<x/>"),
        "webp-lossless": saved(image.convert("RGBA"), "WEBP", lossless=True),
        "webp-animated": saved(image, "WEBP", **others),
    }


def masks() -> dict[str, bytes]:
    strokes = Image.new("RGBA", (40, 32))
    strokes.paste((0, 0, 0, 200), (4, 4, 30, 20))
    return {
        "strokes": saved(strokes, "PNG"),
        "strokes-webp": saved(strokes, "WEBP", lossless=True),
        "grey": saved(flat(200, "L"), "PNG"),
        "black": saved(flat(0, "L"), "PNG"),
        "one-bit": saved(flat(1, "1"), "PNG"),
        "grey-16": png(np.full((32, 40, 1), 40_000, np.uint16), GREY),
        "jpeg": saved(flat(255, "L"), "JPEG"),
    }


def profiles() -> dict[str, bytes]:
    def profile(space: str) -> bytes:
        return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()

    return {
        "srgb": profile("sRGB"),
        "lab": profile("LAB"),
        "xyz": profile("XYZ"),
        "grey": linear_grey_profile(),
        "ink": ink_profile(),
    }


def settings() -> dict[str, bytes]:
    made = record(
        Options(seed=7),
        blend=[2, 1],
        masks=1,
        init_picture=False,
        steps_done=9,
        changes=[{"after": 3, "options": {"style_weight": 2.0}}, {"after": 5, "weights": [1.0, 1.0]}],
    ) | {"strength": 0.5}
    return {"png": encode_png(gradient(8, 8), made), "json": json.dumps(made).encode(), "nothing": b"{}"}


def weights() -> dict[str, bytes]:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensor = onnx.numpy_helper.from_array(values, "a")
    graph = onnx.helper.make_graph([], "g", [], [], initializer=[tensor])
    return {
        "torch": torch_legacy.stream({"a": values, "b": values.astype(np.uint8)}),
        "onnx": onnx.helper.make_model(graph).SerializeToString(),
    }


def videos() -> dict[str, bytes]:
    frames = video_files.moving(5)
    return {
        "h264.mp4": video_files.written(frames, codec="libx264", sound="aac", rotation=90),
        "mpeg4.mov": video_files.written(frames, ".mov", codec="mpeg4"),
        "mjpeg.mov": video_files.written(frames, ".mov", codec="mjpeg", pix_fmt="yuvj420p"),
        "vp9.webm": video_files.written(frames, ".webm", sound="libopus"),
        "vp8.webm": video_files.written(frames, ".webm", codec="libvpx"),
        "a.gif": video_files.written(frames, ".gif", codec="gif"),
    }
