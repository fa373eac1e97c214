from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from nst.images import Pixels, resize
from nst.strength import mix

STRENGTHS = [0.0, 1e-12, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1 - 1e-12, 1.0]


def cloud(seed: int, width: int = 150, height: int = 97) -> Pixels:
    """Large forms and small ones, in colour."""
    random = np.random.default_rng(seed)
    sizes = [(3, 2), (12, 9), (width, height)]
    layers = [random.uniform(-60, 60, (h, w, 3)) + 128 for w, h in sizes]
    bytes_ = [resize(np.clip(layer, 0, 255).astype(np.uint8), (width, height)) for layer in layers]
    return np.mean(bytes_, axis=0).astype(np.uint8)


def line(position: int, contrast: int, ground: int = 128) -> Pixels:
    """A vertical line on an even ground."""
    pixels = np.full((96, 96, 3), ground, np.uint8)
    pixels[:, position : position + 2] = ground - contrast
    return pixels


def distance(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def test_the_ends_are_the_pictures_themselves() -> None:
    photo, painting = cloud(1), cloud(2)
    assert np.array_equal(mix(photo, painting, 0), photo)
    assert np.array_equal(mix(photo, painting, 1.0), painting)
    mix(photo, painting, 0)[:] = 0
    assert photo.any()


def test_the_painting_only_ever_comes_nearer_and_the_photograph_goes() -> None:
    photo, painting = cloud(1), cloud(2)
    mixed = [mix(photo, painting, strength) for strength in STRENGTHS]
    to_painting = [distance(one, painting) for one in mixed]
    from_photo = [distance(one, photo) for one in mixed]
    assert to_painting == sorted(to_painting, reverse=True)
    assert from_photo == sorted(from_photo)
    assert to_painting[4] < 0.75 * to_painting[0]
    assert from_photo[5] < 0.9 * from_photo[-1]


def test_there_is_no_jump_anywhere_not_even_at_the_ends() -> None:
    photo, painting = cloud(1), cloud(2)
    mixed = [mix(photo, painting, index / 50) for index in range(51)]
    whole = distance(photo, painting)
    assert max(distance(a, b) for a, b in pairwise(mixed)) < 0.05 * whole


def test_of_two_drawings_of_one_edge_the_stronger_is_seen_and_not_both() -> None:
    photo, painting = line(40, 30), line(46, 120)
    plain = (photo.astype(float) + painting) / 2
    half = mix(photo, painting, 0.5).astype(float)

    def depth(picture: np.ndarray, position: int) -> float:
        return 128 - float(picture[48, position : position + 2].mean())

    assert depth(half, 46) > 1.2 * depth(plain, 46)
    assert depth(half, 40) < depth(plain, 40)
    assert depth(half, 40) / depth(half, 46) < 0.7 * depth(plain, 40) / depth(plain, 46)


def test_colour_comes_before_strokes() -> None:
    """At a low strength a warmer, striped painting has lent more of its warmth than of its stripes."""
    photo = cloud(3, 256, 256)
    painting = np.clip(photo.astype(int) + np.array([40, 0, -40]), 0, 255)
    painting[:, ::4] = np.clip(painting[:, ::4] - 25, 0, 255)
    low = mix(photo, painting.astype(np.uint8), 0.1).astype(float) - photo
    whole = painting - photo.astype(float)
    warmth = low[..., 0].mean() / whole[..., 0].mean()
    stripes = np.ptp(low.mean((0, 2))[64:192]) / np.ptp(whole.mean((0, 2))[64:192])
    assert warmth > 2 * stripes


def test_a_small_picture_of_the_mixture_is_the_mixture_of_small_pictures() -> None:
    """The live preview shows what the export will be."""
    photo, painting = (resize(cloud(seed, 40, 30), (640, 480)) for seed in (1, 2))
    small = [resize(one, (320, 240)) for one in (photo, painting)]
    exported = resize(mix(photo, painting, 0.5), (320, 240))
    assert distance(mix(*small, 0.5), exported) < 1


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 40), (33, 2), (17, 16)])
def test_any_shape_can_be_mixed(width: int, height: int) -> None:
    photo, painting = np.full((height, width, 3), 10, np.uint8), np.full((height, width, 3), 210, np.uint8)
    assert mix(photo, painting, 0.5).mean() == pytest.approx(110, abs=1)


def test_equal_pictures_stay_as_they_are() -> None:
    photo = np.asarray(Image.effect_noise((60, 50), 80).convert("RGB"))
    assert np.array_equal(mix(photo, photo, 0.3), photo)


def test_what_cannot_be_mixed_is_said() -> None:
    with pytest.raises(ValueError, match="one size"):
        mix(cloud(1), cloud(1, 20, 20), 0.5)
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="0 to 1"):
            mix(cloud(1), cloud(2), strength)
