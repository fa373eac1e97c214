"""Regions as data: the layers that the page keeps of a photograph, the lowest first.

Each is a dictionary: `key` ("a" to "d", which is also its colour), `name`, the mask's `id`, `url`,
`thumbnail`, `share` and `coarse` form (a bit a cell, in hexadecimal), the photograph that it is part of
(`of`), and what it `paints`: a style picture's id, `KEEP`, or none for the first painting.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components import urls
from nst import images
from nst.jobs.models import JobSpec, Region
from nst.jobs.studio import Studio

KEYS = "abcd"  # as many as a job takes
KEEP = "photograph"
GRID = 32  # cells each way: enough to find where a region can be named


def free_key(regions: list[dict] | None) -> str | None:
    """The first letter that no region has; none when there are as many as a job takes."""
    taken = {region["key"] for region in regions or ()}
    return next((key for key in KEYS if key not in taken), None)


def of_photograph(regions: list[dict] | None, content: dict | None) -> list[dict]:
    """Those that were made for this photograph."""
    return [region for region in regions or () if content and region["of"] == content["id"]]


def with_part(regions: list[dict] | None, part: dict, styles: list[dict] | None) -> list[dict]:
    """The regions with another mask for one of them, or with a new one on top."""
    regions = regions or []
    if any(region["key"] == part["key"] for region in regions):
        return [
            {**region, **part, "name": region["name"]} if region["key"] == part["key"] else region
            for region in regions
        ]
    used = {painting(region, styles) for region in regions}
    unused = next((style["id"] for place, style in enumerate(styles or ()) if place not in used), None)
    return [*regions, {**part, "paints": unused}]


def after(
    regions: list[dict], action: str, key: str, value: object, styles: list[dict] | None = None
) -> list[dict]:
    """The regions once one of them was moved up or down (that is, over or under the next), removed, or told
    what paints it."""
    place = next((i for i, region in enumerate(regions) if region["key"] == key), None)
    if place is None:
        return regions
    region, others = regions[place], regions[:place] + regions[place + 1 :]
    if action == "region-remove":
        return others
    if action == "region-paints":
        return (
            regions
            if value == chosen(region, styles)
            else [*regions[:place], {**region, "paints": value}, *regions[place + 1 :]]
        )
    goal = place + (1 if action == "region-up" else -1)
    if not 0 <= goal < len(regions):
        return regions
    return [*others[:goal], region, *others[goal:]]


def painting(region: dict, styles: Sequence[dict] | None) -> int | None:
    """The place of the style picture that paints a region; none keeps the photograph.

    A painting that has left, or was not chosen yet, gives way to the first.
    """
    if region["paints"] == KEEP:
        return None
    return next((i for i, style in enumerate(styles or ()) if style["id"] == region["paints"]), 0)


def chosen(region: dict, styles: list[dict] | None) -> str | None:
    """What a region paints, as its row shows it."""
    place = painting(region, styles)
    if place is None:
        return KEEP
    return styles[place]["id"] if styles else None


def as_asked(regions: list[dict] | None, content: dict | None, styles: Sequence[dict] | None) -> list[Region]:
    """The regions as a job takes them, with these styles."""
    return [
        Region(mask=region["id"], style=painting(region, styles))
        for region in of_photograph(regions, content)
    ]


def kept(studio: Studio, owner: str, spec: JobSpec) -> list[dict]:
    """The regions of a job, as the page keeps them."""
    return [
        {
            **seen(studio, owner, region.mask),
            "key": key,
            "name": f"Region {key.upper()}",
            "of": spec.content,
            "paints": KEEP if region.style is None else spec.styles[region.style].image,
        }
        for key, region in zip(KEYS, spec.regions, strict=False)
    ]


def seen(studio: Studio, owner: str, mask: str) -> dict:
    """What the page knows of a mask."""
    pixels = studio.grey(owner, mask)
    coarse = images.resize_mask(pixels, (GRID, GRID)) > 127
    return {
        "id": mask,
        "url": urls.image(mask),
        "thumbnail": urls.thumbnail(mask),
        "share": round(float(pixels.mean()) / 255, 4),
        "coarse": np.packbits(coarse).tobytes().hex(),
    }


def middles(regions: list[dict]) -> list[tuple[float, float] | None]:
    """Where each region can be named: the place furthest inside what is seen of it, as shares of width and
    height; none where the regions above it hide it all."""
    found = []
    bare = np.ones((GRID, GRID), bool)  # what no layer looked at so far covers
    for region in reversed(regions):
        coarse = np.unpackbits(np.frombuffer(bytes.fromhex(region["coarse"]), np.uint8)).astype(bool)
        covers = coarse.reshape(GRID, GRID)
        found.append(_deepest(covers & bare))
        bare &= ~covers
    return found[::-1]


def _deepest(inside: NDArray[np.bool_]) -> tuple[float, float] | None:
    if not inside.any():
        return None
    while True:
        framed = np.pad(inside, 1)
        inner = inside & framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
        if not inner.any():
            break
        inside = inner
    places = np.argwhere(inside)
    row, column = places[np.abs(places - places.mean(0)).sum(1).argmin()]
    return (column + 0.5) / GRID, (row + 0.5) / GRID
