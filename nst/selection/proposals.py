"""Selections worth offering before anybody has clicked: the subject, what is behind it, the sky."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nst.selection.analysis import Analysis
from nst.selection.border import Pixels
from nst.selection.regions import Floats
from nst.selection.saliency import saliency
from nst.selection.walk import SKY_RIM, arrival

Name = Literal["subject", "background", "sky"]

# Where a subject may be, as shares of width and height.
_SEEDS = tuple((x, y) for y in (0.35, 0.5, 0.65, 0.8) for x in (0.35, 0.5, 0.65))
_FIT_COUNTS = 0.25  # power of how well the subject fits what stands out; its outline counts for more
_LEAST_SUBJECT = 0.5  # score
_SUBJECT_SHARE = (0.01, 0.8)
_LEAST_SKY = 0.3  # strength of its outline
_SKY_SHARE = (0.05, 0.9)
_SKY_TOP = 0.55  # of the picture's top rim
_SKY_BOTTOM = 0.1  # of its bottom rim, at most


@dataclass(frozen=True, eq=False)
class Proposal:
    """`mask` (H, W) uint8 as in a `Selection`, 255 selected; `area` its share of the picture."""

    name: Name
    mask: Pixels
    area: float


def proposals(analysis: Analysis) -> list[Proposal]:
    """Those that are credible for this picture, perhaps none."""
    found: list[Proposal] = []

    def propose(name: Name, mask: Pixels) -> None:
        if (mask >= 128).any():
            found.append(Proposal(name, mask, float(mask.mean() / 255)))

    subject = _subject(analysis)
    if subject is not None:
        mask = analysis.mask(subject)
        propose("subject", mask)
        propose("background", np.asarray(255 - mask, np.uint8))
    sky = _sky(analysis)
    if sky is not None:
        propose("sky", analysis.mask(sky))
    return found


def _subject(analysis: Analysis) -> NDArray[np.bool_] | None:
    """The best outline around what stands out: (N,) superpixels."""
    regions, contour = analysis.regions, analysis.contour
    salient = saliency(regions, contour.contrast)
    nothing = np.zeros(regions.count, bool)
    seeds = {regions.at(x, y) for x, y in _SEEDS} | {int(np.argmax(salient * regions.area))}
    tried = [analysis.candidates(seed, nothing) for seed in sorted(seeds)]
    sets = np.concatenate([*tried, salient >= np.linspace(0.2, 0.8, 13)[:, None]])
    area = sets @ regions.area
    share = area / regions.area.sum()
    credible = (share >= _SUBJECT_SHARE[0]) & (share <= _SUBJECT_SHARE[1])
    sets, area = sets[credible], area[credible]
    if not len(sets):
        return None
    # Intersection over union, where superpixels stand out more or less.
    standing_out = salient * regions.area
    common = sets @ standing_out
    fit = common / (area + standing_out.sum() - common)
    score = contour.scores(sets) * fit**_FIT_COUNTS
    best = int(np.argmax(score))
    return sets[best] if score[best] >= _LEAST_SUBJECT else None


def _sky(analysis: Analysis) -> NDArray[np.bool_] | None:
    """What hangs from the top of the picture and has a sky's colour: (N,) superpixels."""
    regions = analysis.regions
    top, bottom = regions.rim[0], regions.rim[1]
    like = _sky_coloured(regions.lab)
    seeds = like & (top > 0)
    if top[seeds].sum() < _SKY_TOP * top.sum():
        return None
    largest = int(np.argmax(np.where(seeds, regions.area, 0)))
    nearness = arrival(regions, analysis.contour.contrast, largest, seeds, ~like, rim_pull=SKY_RIM)
    order = np.argsort(-nearness, kind="stable")
    sets = np.zeros((len(order), len(order)), bool)
    sets[:, order] = np.tri(len(order), dtype=bool)
    sets &= like
    share = sets @ regions.area / regions.area.sum()
    credible = (
        (share >= _SKY_SHARE[0]) & (share <= _SKY_SHARE[1]) & (sets @ bottom <= _SKY_BOTTOM * bottom.sum())
    )
    sets = sets[credible]
    if not len(sets):
        return None
    # The rim cuts every sky off: what counts is where it ends inside the picture.
    score = analysis.contour.strength(sets)
    best = int(np.argmax(score))
    return sets[best] if score[best] >= _LEAST_SKY else None


def _sky_coloured(lab: Floats) -> NDArray[np.bool_]:
    """(N,): blue, light or dark, or else neutral and bright. A sunset is not told from a wall."""
    light, red, yellow = lab[:, 0], lab[:, 1], lab[:, 2]
    blue = (yellow <= -6) & (red <= 12)
    overcast = (light >= 65) & (np.abs(red) <= 2) & (yellow <= 1)
    return np.asarray(blue | overcast)
