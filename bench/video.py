"""How much painted videos flicker, and how many frames a second they take.

The clip is made from photographs of scikit-image: a portrait under a camera that pans, zooms and turns, with
a cat moving across it and a little noise on top, as every sensor adds. Its motion is measured on the same
clip without the noise. "alone" paints every frame by itself.
"""

import argparse
import time
from collections.abc import Iterator

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table
from skimage import data

from nst.images import Pixels
from nst.video.flicker import flicker, motions
from nst.video.options import VideoOptions
from nst.video.painters import painter
from nst.video.styling import Before, Painter

NOISE = 2.0  # standard deviation in 8-bit levels
SIZES = {"fast": (512, 288), "fine": (256, 144)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frames", type=int, default=12, help="length of the clip for fast; fine has half")


def report(console: Console, frames: int = 12) -> None:
    """Prints flicker, frames a second and sharpness of both qualities, alone and steadied."""
    table = Table(title="Videos: a moving clip made from a photograph; flicker in 8-bit levels")
    for column in ("quality", "size", "frames", "", "flicker", "of alone", "s/frame", "edges"):
        table.add_column(column, justify="right")
    for quality, length in (("fast", frames), ("fine", max(frames // 2, 3))):
        size = SIZES[quality]
        still = [frame for frame, _ in clip(length, size)]
        filmed = [frame for _, frame in clip(length, size)]
        found = list(motions(still))
        steady = painter([data.coffee()], VideoOptions(quality=quality, size=max(size)))
        table.add_row(
            quality, f"{size[0]}x{size[1]}", str(length), "the clip", f"{flicker(filmed, found):.2f}"
        )
        list(_paint(steady, filmed[: steady.batch]))  # graphs are traced
        base = 0.0
        for name, way in (("alone", _alone), ("steadied", _paint)):
            began = time.perf_counter()
            painted = list(way(steady, filmed))
            seconds = time.perf_counter() - began
            value = flicker(painted, found)
            base = base or value
            speed = f"{seconds / length:.2f}"
            table.add_row(
                "", "", "", name, f"{value:.2f}", f"{value / base:.0%}", speed, f"{_edges(painted):.1f}"
            )
    console.print(table)


def clip(frames: int, size: tuple[int, int]) -> Iterator[tuple[Pixels, Pixels]]:
    """The frames without noise and with it."""
    photo = cv2.resize(data.astronaut(), (900, 900), interpolation=cv2.INTER_CUBIC)
    cat = data.chelsea()
    height, width = cat.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    oval = np.float32(x**2 + y**2 < 0.8)
    noise = np.random.default_rng(0)
    for number in range(frames):
        camera = cv2.getRotationMatrix2D((450, 350), 0.6 * number, 1 + 0.006 * number)
        camera[:, 2] += -200 - 2 * number, -150 - number
        scene = cv2.warpAffine(photo, camera, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        across = (
            size[0] / 1280 * np.array([[1, 0, 50 + 12.5 * number], [0, 1, 225 + 30 * np.sin(number / 4)]])
        )
        walker = cv2.warpAffine(cat, across, size, flags=cv2.INTER_AREA)
        cover = cv2.warpAffine(oval, across, size)[..., None]
        frame = scene * (1 - cover) + walker * cover
        grain = noise.normal(0, NOISE, frame.shape)
        still, filmed = (np.clip(one + 0.5, 0, 255).astype(np.uint8) for one in (frame, frame + grain))
        yield still, filmed


def _alone(by: Painter, frames: list[Pixels]) -> Iterator[Pixels]:
    for frame in frames:
        yield from by.paint([frame], None)


def _paint(by: Painter, frames: list[Pixels]) -> Iterator[Pixels]:
    before: Before | None = None
    for first in range(0, len(frames), by.batch):
        batch = frames[first : first + by.batch]
        for frame, painted in zip(batch, by.paint(batch, before), strict=True):
            before = Before(frame, painted, before.first if before else frame)
            yield painted


def _edges(frames: list[Pixels]) -> float:
    """How sharp frames are: the standard deviation of their Laplacian."""
    return float(np.mean([cv2.Laplacian(frame, cv2.CV_32F).std() for frame in frames]))
