"""Contact sheets, to judge settings by eye: one a photograph, a column a style, a row a setting.

    python -m bench sheets
    python -m bench sheets --vary style_loss gram wasserstein
    python -m bench sheets --vary size 256 1024 --content cat.jpg --style waves.png swirls.png
    python -m bench sheets --vary content_weight 0.5 1 2 --set size=512 steps=150

Every painting is shown at the same print size, whatever the size it was painted at.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.progress import Progress

from bench import pictures
from bench.children import ROOT
from nst import images
from nst.errors import Refusal
from nst.gallery import catalogue
from nst.images import Pixels
from nst.options import Options, parse_options

FOLDER = ROOT / ".cache" / "sheets"
CONTENTS = ("chelsea", "astronaut", "coffee", "rocket")
STYLES = ("night-sky", "wave", "composition", "mosaic", "watercolour", "ink-wash")
SIZE = 256
CELL = 384  # long side of a picture on the sheet, in pixels
GAP, CAPTION = 8, 22
PAPER, INK = (250, 248, 244), (40, 36, 32)


class Named(NamedTuple):
    """A picture and its caption."""

    name: str
    pixels: Pixels


class Setting(NamedTuple):
    """One row: how its paintings are made."""

    name: str
    options: Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--content", nargs="+", default=CONTENTS, metavar="NAME", help="samples, or files")
    parser.add_argument("--style", nargs="+", default=STYLES, metavar="NAME", help="samples, or files")
    parser.add_argument("--vary", nargs="+", default=(), metavar="OPTION VALUE", help="a row a value")
    parser.add_argument("--set", nargs="+", default=(), metavar="OPTION=VALUE", help="for every row")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the sheets go")


def report(
    console: Console,
    content: Sequence[str] = CONTENTS,
    style: Sequence[str] = STYLES,
    vary: Sequence[str] = (),
    set: Sequence[str] = (),
    folder: Path = FOLDER,
) -> None:
    """Paints every photograph in every style and setting, and says where the sheets lie."""
    try:
        settings = _settings(vary, set)
        styles = [_named(name) for name in style]
        contents = [_named(name) for name in content]
    except Refusal as refusal:
        raise SystemExit(f"bench: {refusal.message}") from refusal
    from nst import StyleTransfer

    engine = StyleTransfer()
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    with Progress(console=console) as bar:
        task = bar.add_task("Painting", total=len(contents) * len(styles) * len(settings))
        for photograph in contents:
            rows: list[list[Pixels]] = []
            for setting in settings:
                rows.append([])
                for painting in styles:
                    *_, last = engine.run(photograph.pixels, [painting.pixels], setting.options)
                    rows[-1].append(last.image)
                    bar.advance(task)
            paper = sheet(photograph, styles, [setting.name for setting in settings], rows)
            console.print(str(pictures.written(paper, folder / f"{stamp}-{photograph.name}.png")))


def sheet(
    content: Named, styles: Sequence[Named], settings: Sequence[str], rows: Sequence[Sequence[Pixels]]
) -> Pixels:
    """The photograph and the styles above, and below them a row of paintings a setting."""
    grid = [[content, *styles]]
    for name, row in zip(settings, rows, strict=True):
        captions = [f"{style.name}, {name}" for style in styles]
        grid.append([Named("", row[0][:0]), *map(Named, captions, row)])
    cells = [[_printed(cell) for cell in row] for row in grid]
    high = [max(cell.height for cell in row) for row in cells]
    wide = [max(row[column].width for row in cells) for column in range(len(grid[0]))]
    paper = Image.new("RGB", (sum(wide) + GAP * (len(wide) + 1), sum(high) + GAP * (len(high) + 1)), PAPER)
    top = GAP
    for line, height in zip(cells, high, strict=True):
        left = GAP
        for printed, width in zip(line, wide, strict=True):
            paper.paste(printed, (left, top))
            left += width + GAP
        top += height + GAP
    return np.asarray(paper)


def _printed(cell: Named) -> Image.Image:
    """A picture at print size over its caption; nothing for an empty one."""
    if not cell.pixels.size:
        return Image.new("RGB", (1, 1), PAPER)
    height, width = cell.pixels.shape[:2]
    size = images.fitted(width, height, CELL)
    paper = Image.new("RGB", (size[0], size[1] + CAPTION), PAPER)
    paper.paste(Image.fromarray(images.resize(cell.pixels, size)), (0, 0))
    font = ImageFont.load_default(14)
    ImageDraw.Draw(paper).text((2, size[1] + 3), cell.name, INK, font)
    return paper


def _settings(vary: Sequence[str], fixed: Sequence[str]) -> list[Setting]:
    common: dict[str, object] = {"size": SIZE}
    for pair in fixed:
        name, _, value = pair.partition("=")
        common[name] = value
    if not vary:
        return [Setting("default" if len(common) == 1 else ", ".join(fixed), parse_options(common))]
    name, *values = vary
    return [Setting(f"{name} {value}", parse_options(common | {name: value})) for value in values]


def _named(name: str) -> Named:
    """A sample by its name, or a file by its path."""
    if any(name == sample.name for sample in catalogue.samples()):
        return Named(name, pictures.sample(name))
    return Named(Path(name).stem, images.read(name, field="picture").pixels)
