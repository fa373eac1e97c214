"""Pictures of any size painted in one pass, styles mixed, large pictures without seams."""

import numpy as np
import pytest

from nst import images
from nst.errors import Refusal
from nst.fast import Stylizer
from nst.fast import stylizer as module
from nst.images import Pixels
from nst.style_vectors import mixed


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (17, 33), (64, 64), (131, 97)])
def test_any_size_comes_back_as_it_went_in(
    stylizer: Stylizer, photograph: Pixels, vector: np.ndarray, size: tuple[int, int]
) -> None:
    content = images.resize(photograph, size[::-1])
    painted = stylizer.paint(content, vector)
    assert painted.shape == content.shape
    assert painted.dtype == np.uint8
    assert stylizer.vector(content).shape == (100,)


def test_the_style_is_in_the_picture_and_the_photograph_too(
    stylizer: Stylizer, photograph: Pixels, painting: Pixels, vector: np.ndarray
) -> None:
    painted = stylizer.paint(photograph, vector)

    def blueness(pixels: Pixels) -> float:
        return float(pixels[..., 2].mean() - pixels[..., 0].mean())

    assert blueness(photograph) < 0 < blueness(painting)
    assert blueness(painted) > 20
    grey, kept = (pixels.astype(float).mean(2).ravel() for pixels in (photograph, painted))
    assert np.corrcoef(grey, kept)[0, 1] > 0.6


def test_a_frame_is_painted_as_by_itself(
    stylizer: Stylizer, photograph: Pixels, vector: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = images.resize(photograph, (60, 42))
    frames = np.stack([small, small[::-1], 255 - small])
    monkeypatch.setattr(module, "WHOLE", 2 * 60 * 42)  # so two at a time, then one
    painted = stylizer.frames(frames, vector)
    for frame, result in zip(frames, painted, strict=True):
        alone = stylizer.paint(frame, vector)
        assert np.abs(result.astype(int) - alone).max() <= 1
    assert stylizer.frames(frames[:0], vector).shape == (0, 42, 60, 3)


def test_tiles_have_no_seams(
    stylizer: Stylizer, photograph: Pixels, vector: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WHOLE", 200 * 200)
    large = images.resize(photograph, (402, 290))
    in_one = stylizer.paint(large, vector)  # one tile, normalised by the picture at 200x200
    for side in (100, 132):
        monkeypatch.setattr(module, "_TILE", side)
        assert np.abs(stylizer.paint(large, vector).astype(int) - in_one).max() <= 1


def test_a_large_picture_is_sharp_and_looks_as_the_smaller_one_does(
    stylizer: Stylizer, photograph: Pixels, vector: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = stylizer.paint(photograph, vector)
    monkeypatch.setattr(module, "WHOLE", photograph.shape[0] * photograph.shape[1])
    painted = stylizer.paint(images.resize(photograph, (768, 768)), vector)

    def detail(pixels: Pixels) -> float:
        return float(np.abs(np.diff(pixels.astype(float), axis=1)).mean())

    assert detail(painted) > 1.5 * detail(images.resize(small, (768, 768)))
    apart = images.resize(painted, (24, 24)).astype(float) - images.resize(small, (24, 24))
    assert np.abs(apart).mean() < 20


def test_strength_leads_from_the_photographs_own_style_to_the_paintings(
    stylizer: Stylizer, photograph: Pixels, vector: np.ndarray
) -> None:
    own = stylizer.vector(photograph)
    fully = stylizer.paint(photograph, vector).astype(float)
    apart = [
        np.abs(stylizer.paint(photograph, mixed([vector], [1], own=own, strength=strength)) - fully).mean()
        for strength in (0, 0.3, 0.6, 0.9)
    ]
    assert apart == sorted(apart, reverse=True)
    assert apart[0] > 3 * apart[-1]


def test_missing_and_damaged_weights_say_how_to_get_them(tmp_path, monkeypatch):
    from nst.fast_weights import PREDICTOR
    from nst.settings import settings

    monkeypatch.setenv("NST_CACHE_DIR", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(Refusal) as missing:
        Stylizer()
    (tmp_path / PREDICTOR.name).write_bytes(b"half of it")
    with pytest.raises(Refusal) as damaged:
        Stylizer()
    assert [missing.value.code, damaged.value.code] == ["weights_missing", "weights_damaged"]
    for caught in (missing, damaged):
        assert "python -m nst weights" in caught.value.message
