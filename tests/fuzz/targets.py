"""What is fuzzed: each target reads a stranger's bytes, and may at most answer with a `Refusal`."""

import json
import tempfile
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pictures import RGB, chunk, gradient, png
from PIL import Image

from components.restoring import positions
from fuzz import seeds
from nst import images, onnx_stream, torch_stream
from nst.errors import Refusal
from nst.options import Options
from nst.record import recalled
from nst.settings import settings
from nst.srgb import to_grey, to_srgb
from nst.video import clip

FRAMES = 6  # of a video that are decoded


class Target(NamedTuple):
    """`check` raises where something is wrong; `modules` are watched for which of their lines are reached."""

    check: Callable[[bytes], None]
    seeds: Callable[[], Mapping[str, bytes]]
    modules: tuple[str, ...]
    longest: int = 64 * 1024


def check_picture(data: bytes) -> None:
    with _only_refusals("file"):
        picture = images.decode(data)
        _check_pixels(picture.pixels, (3,))
        assert all(note.endswith(".") for note in picture.notes)


def check_mask(data: bytes) -> None:
    with _only_refusals("mask"):
        mask = images.decode_mask(data).pixels
        _check_pixels(mask, ())
        assert mask.any()
        assert images.resize_mask(mask, (50, 40)).shape == (40, 50)


def check_profile(data: bytes) -> None:
    """`data` is a colour profile, in a picture of each mode."""
    for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16"):
        image = Image.new(mode, (40, 32))
        image.info["icc_profile"] = data
        converted, _ = to_srgb(image)
        assert (converted.mode, converted.size) == ("RGB", (40, 32))
        assert to_grey(image)[0].mode == "L"


def check_settings(data: bytes) -> None:
    """`data` is a PNG, or the text in the chunk of one that carries our settings."""
    if not data.startswith(b"\x89PNG"):
        data = png(gradient(4, 4), RGB, chunk(b"iTXt", b"pentimento\0\0\0\0\0" + data))
    found = images.read_settings(data)
    if found is None:
        return
    json.dumps(found, allow_nan=False)
    what = recalled(found)
    if what is not None:
        assert what.options == Options(**what.options).model_dump(mode="json", include=set(what.options))
        assert what.blend is None or abs(sum(what.blend) - 1) < 1e-5
        assert what.strength is None or 0 <= what.strength <= 1
        json.dumps(what.model_dump(), allow_nan=False)
    json.dumps(positions(found), allow_nan=False)


def check_weights(data: bytes) -> None:
    """A weights file that an operator names."""
    for reader, complaint in ((torch_stream, torch_stream.StreamError), (onnx_stream, onnx_stream.OnnxError)):
        try:
            tensors = reader.read(data)
        except complaint:
            continue
        assert all(isinstance(name, str) and isinstance(one, np.ndarray) for name, one in tensors.items())


def check_video(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=_memory(), suffix=".video") as file:
        file.write(data)
        file.flush()
        with _only_refusals("file"):
            found = clip.probe(file.name)
            assert found.frames > 0
            assert 0 < found.seconds <= settings().max_video_seconds
            size = images.fitted(found.width, found.height, 64)
            before = None
            for frame in islice(clip.frames(found, size), FRAMES):
                assert frame.pixels.shape == (size[1], size[0], 3)
                assert before is None or frame.time > before
                before = frame.time


TARGETS = {
    "picture": Target(check_picture, seeds.pictures, ("nst", "PIL")),
    "mask": Target(check_mask, seeds.masks, ("nst", "PIL")),
    "profile": Target(check_profile, seeds.profiles, ("nst.srgb", "PIL.ImageCms")),
    "settings": Target(check_settings, seeds.settings, ("nst", "components.restoring"), 8 * 1024),
    "weights": Target(check_weights, seeds.weights, ("nst", "pickletools"), 8 * 1024),
    "video": Target(check_video, seeds.videos, ("nst",), 256 * 1024),
}


class _only_refusals:
    """Lets a well-made `Refusal` about `field` pass, and nothing else."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Refusal):
            return False
        assert error.field == self._field
        assert error.message.endswith(".")
        assert error.code.replace("_", "").isalpha()
        return True


def _check_pixels(pixels: np.ndarray, channels: tuple[int, ...]) -> None:
    height, width = pixels.shape[:2]
    limits = settings()
    assert pixels.dtype == np.uint8
    assert pixels.shape == (height, width, *channels)
    assert width * height <= limits.max_pixels
    assert limits.min_side <= min(width, height) <= max(width, height) <= limits.max_side


def _memory() -> str | None:
    """A folder in memory, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
