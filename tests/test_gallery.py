"""The sample pictures: what is committed, what the painters paint, and what the catalogue says."""

import io
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import Refusal
from nst.gallery import __main__ as command
from nst.gallery.brushwork import Canvas
from nst.gallery.catalogue import STYLES_DIR, photographs, sample, samples, styles
from nst.gallery.flow import equalized, smear
from nst.gallery.mosaic import _Taken
from nst.gallery.painters import PAINTERS
from nst.gallery.relief import lit
from nst.gallery.sheet import Pixels, Sheet

SMALL = 72
NAMES = sorted(PAINTERS)


@pytest.fixture(scope="module")
def small_pictures() -> dict[str, Pixels]:
    return {name: PAINTERS[name](SMALL, 0) for name in NAMES}


def _lightness(picture: Pixels) -> np.ndarray:
    return picture.astype(np.float64) @ [0.2126, 0.7152, 0.0722] / 255


def _looks_painted(picture: Pixels) -> None:
    """Fails for a picture that is blank, flat, grey noise or banded into a few colours."""
    light = _lightness(picture)
    assert light.std() > 0.12, "no contrast"
    assert np.percentile(light, 95) - np.percentile(light, 5) > 0.4, "no darks and lights"
    coarse = (picture // 16).astype(int) @ [256, 16, 1]
    assert len(np.unique(coarse)) > 60, "few colours"
    # Forms, not noise: much of the contrast must survive looking from afar.
    blocks = light[: light.shape[0] // 8 * 8, : light.shape[1] // 8 * 8]
    far = blocks.reshape(blocks.shape[0] // 8, 8, -1, 8).mean(axis=(1, 3))
    assert far.std() > 0.3 * light.std(), "no large forms"
    # Every part of the sheet is worked, at least as finely as paper grain.
    quarters = [half for band in np.array_split(light, 2) for half in np.array_split(band, 2, axis=1)]
    assert min(np.abs(np.diff(quarter, axis=1)).mean() for quarter in quarters) > 0.004, "an empty quarter"


# The committed pictures


@pytest.mark.parametrize("name", NAMES)
def test_committed_picture_is_large_srgb_and_painted(name: str) -> None:
    with Image.open(STYLES_DIR / f"{name}.jpg") as picture:
        picture.load()
        assert picture.format == "JPEG"
        assert picture.mode == "RGB"
        assert "icc_profile" not in picture.info  # a JPEG without a profile is sRGB
        assert max(picture.size) >= 640
        _looks_painted(np.asarray(picture))


def test_committed_pictures_are_light_to_fetch() -> None:
    sizes = [path.stat().st_size for path in STYLES_DIR.glob("*.jpg")]
    assert len(sizes) == len(NAMES)
    assert max(sizes) <= 220_000
    assert sum(sizes) <= 2_500_000


@pytest.mark.parametrize("name", NAMES)
def test_committed_picture_is_what_the_painter_paints(name: str, small_pictures: dict[str, Pixels]) -> None:
    small = small_pictures[name]
    with Image.open(STYLES_DIR / f"{name}.jpg") as picture:
        committed = np.asarray(picture.resize((small.shape[1], small.shape[0]), Image.Resampling.BOX))
    # Brushwork is drawn at the size asked for, so only the composition can agree.
    far_small = np.asarray(Image.fromarray(small).resize((12, 12), Image.Resampling.BOX), dtype=np.float64)
    far_committed = np.asarray(Image.fromarray(committed).resize((12, 12), Image.Resampling.BOX), np.float64)
    assert np.corrcoef(far_small.ravel(), far_committed.ravel())[0, 1] > 0.8


# The painters


@pytest.mark.parametrize("name", NAMES)
def test_painter_fills_the_size_asked_for(name: str, small_pictures: dict[str, Pixels]) -> None:
    picture = small_pictures[name]
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert max(picture.shape[:2]) == SMALL
    _looks_painted(picture)


@pytest.mark.parametrize("name", NAMES)
def test_painter_is_deterministic(name: str, small_pictures: dict[str, Pixels]) -> None:
    assert np.array_equal(PAINTERS[name](SMALL, 0), small_pictures[name])


def test_another_seed_is_another_picture(small_pictures: dict[str, Pixels]) -> None:
    for name in ("ink-wash", "marbling", "cubism"):
        other = PAINTERS[name](SMALL, 1).astype(int)
        assert np.abs(other - small_pictures[name]).mean() > 4, name


def test_painters_differ_from_one_another(small_pictures: dict[str, Pixels]) -> None:
    far = {
        name: np.asarray(Image.fromarray(picture).resize((16, 16), Image.Resampling.BOX), dtype=np.float64)
        for name, picture in small_pictures.items()
    }
    for i, first in enumerate(NAMES):
        for second in NAMES[i + 1 :]:
            assert np.abs(far[first] - far[second]).mean() > 15, (first, second)


# The catalogue


def test_every_entry_exists_and_names_are_unique() -> None:
    entries = samples()
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.path.is_file(), entry.name
        assert entry.title
        assert entry.credit
        assert entry.description.endswith(".")
        assert entry.name == entry.name.lower()
        assert entry.name.replace("-", "").isalnum()


def test_styles_are_the_painted_ones() -> None:
    assert len(styles()) >= 10
    assert sorted(entry.name for entry in styles()) == NAMES
    assert {entry.kind for entry in styles()} == {"style"}


def test_photographs_lie_in_the_installed_package_and_decode() -> None:
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    assert len(photographs()) >= 4
    for entry in photographs():
        assert entry.kind == "photo"
        assert package in entry.path.parents
        with Image.open(entry.path) as picture:
            assert min(picture.size) >= 300


def test_sample_by_name() -> None:
    assert sample("wave").path == STYLES_DIR / "wave.jpg"
    assert sample("astronaut").kind == "photo"
    with pytest.raises(Refusal, match="mona-lisa") as refusal:
        sample("mona-lisa")
    assert refusal.value.code == "not_found"


def test_catalogue_loads_no_image_library() -> None:
    code = (
        "import sys, nst.gallery.catalogue as c; c.samples();"
        "print([m for m in ('numpy', 'scipy', 'skimage', 'PIL', 'tensorflow') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


# The command


def test_command_paints_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new" / "gallery"
    monkeypatch.setattr(
        sys, "argv", ["nst.gallery", str(folder), "--only", "marbling", "wave", "--size", str(SMALL)]
    )
    assert command.main() == 0
    assert sorted(path.name for path in folder.iterdir()) == ["marbling.jpg", "wave.jpg"]
    with Image.open(folder / "wave.jpg") as picture:
        assert max(picture.size) == SMALL


def test_dense_picture_gives_up_quality_for_size() -> None:
    rng = np.random.default_rng(0)
    smooth = np.tile(np.arange(512, dtype=np.uint8)[:, None, None], (1, 512, 3))
    data, quality = command.compressed(smooth)
    assert quality == command.BEST_QUALITY
    noisy = rng.integers(60, 196, (600, 600, 3), dtype=np.uint8)
    data, quality = command.compressed(noisy)
    assert command.LEAST_QUALITY <= quality < command.BEST_QUALITY
    assert Image.open(io.BytesIO(data)).size == (600, 600)


# The primitives


def test_cover_measures_area() -> None:
    sheet = Sheet(200, 100)
    assert sheet.cover([(0.1, 0.1), (0.6, 0.1), (0.6, 0.3), (0.1, 0.3)]).sum() == pytest.approx(
        0.5 * 0.2 * 200**2, rel=0.03
    )
    assert sheet.disc(0.5, 0.25, 0.2).sum() == pytest.approx(np.pi * 0.2**2 * 200**2, rel=0.01)


def test_smear_keeps_contrast_along_the_flow_and_loses_it_across() -> None:
    noise = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32)
    across = smear(noise, np.zeros((64, 64), dtype=np.float32), reach=8)
    inner = across[10:-10, 10:-10]
    assert np.abs(np.diff(inner, axis=1)).mean() < 0.4 * np.abs(np.diff(inner, axis=0)).mean()


def test_equalized_spreads_evenly() -> None:
    field = np.random.default_rng(0).standard_normal((40, 50)) ** 3
    counts, _ = np.histogram(equalized(field), bins=10, range=(0, 1))
    assert counts.min() == counts.max() == 200


def test_light_from_the_upper_left_brightens_the_slope_that_faces_it() -> None:
    picture = np.full((40, 40, 3), 0.5, dtype=np.float32)
    rows, columns = np.indices((40, 40))
    bump = np.exp(-((rows - 20) ** 2 + (columns - 20) ** 2) / 40.0)
    shaded = lit(picture, bump, depth=4.0).mean(axis=-1)
    assert shaded[16, 16] > 0.55
    assert shaded[24, 24] < 0.45
    assert shaded[0, 0] == pytest.approx(0.5, abs=0.01)


def test_stroke_lies_where_and_how_it_was_laid() -> None:
    sheet = Sheet(100, 100)
    canvas = Canvas(sheet, np.ones((100, 100, 3), dtype=np.float32), np.random.default_rng(0))
    canvas.stroke(0.5, 0.5, 0.0, 0.6, 0.1, np.zeros(3, dtype=np.float32), dryness=0)
    painted = canvas.picture.mean(axis=-1) < 0.5
    rows, columns = np.nonzero(painted)
    assert 45 <= rows.mean() <= 54
    assert 40 <= np.ptp(columns) <= 72  # 60, and the bristles at both ends
    assert 6 <= np.ptp(rows) <= 14
    assert canvas.height[painted].mean() > 0.3
    canvas.stroke(5.0, 5.0, 0.0, 0.6, 0.1, np.zeros(3, dtype=np.float32))  # off the sheet: nothing happens
    assert np.array_equal(painted, canvas.picture.mean(axis=-1) < 0.5)


def test_stones_keep_their_distance() -> None:
    taken = _Taken(0.1)
    assert taken.claim(0.50, 0.50)
    assert not taken.claim(0.55, 0.55)
    assert not taken.claim(0.41, 0.50)
    assert taken.claim(0.61, 0.50)
