"""`python -m nst preview`: a picture in a moment, or a sentence."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from nst import cli, fast_weights, images


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fast_weights.fetch()
    folder = tmp_path_factory.mktemp("pictures")
    for name, pixels in (("cat", data.chelsea()), ("coffee", data.coffee()), ("rocket", data.rocket())):
        image = Image.fromarray(pixels)
        image.thumbnail((150, 150))
        image.save(folder / f"{name}.png")
    (folder / "words.png").write_text("not a picture")
    return folder


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def painted(*arguments: str) -> np.ndarray:
    assert cli.main(["preview", "cat.png", *arguments, "-o", "out.png"]) == 0
    return images.read("out.png", field="file").pixels.astype(int)


def test_a_picture_is_painted_at_the_size() -> None:
    assert painted("rocket.png", "--size", "96").shape == (64, 96, 3)
    assert painted("rocket.png").shape[1] == 512


def test_strength_and_blend_change_the_picture() -> None:
    size = ("--size", "96")
    full, half = painted("rocket.png", *size), painted("rocket.png", *size, "--strength", "0.5")
    assert np.abs(full - half).mean() > 3
    one, other = painted("rocket.png", "coffee.png", *size, "--blend", "1,0"), painted("coffee.png", *size)
    np.testing.assert_array_equal(one, full)
    mixed = painted("rocket.png", "coffee.png", *size)
    assert 0 < np.abs(mixed - full).mean() < np.abs(other - full).mean()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["nowhere.png", "-o", "x.png"], "nowhere.png"),
        (["words.png", "-o", "x.png"], "words.png"),
        (["rocket.png", "-o", "x.jpg"], "x.jpg"),
        (["rocket.png", "-o", "no/folder/x.png"], "no/folder/x.png"),
        (["rocket.png", "-o", "x.png", "--strength", "1.5"], "--strength"),
        (["rocket.png", "-o", "x.png", "--strength", "nan"], "--strength"),
        (["rocket.png", "-o", "x.png", "--size", "9"], "--size"),
        (["rocket.png", "-o", "x.png", "--blend", "1,2"], "--blend"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["preview", "cat.png", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert name in error
    assert not Path("x.png").exists()
