import numpy as np
import pytest
from PIL import Image

from nst.errors import Refusal
from nst.training.photographs import Photographs


@pytest.fixture
def folder(tmp_path):
    """Three photographs, each of one colour, and a file that is none."""
    for number, size in enumerate(((200, 100), (64, 300), (33, 40))):
        Image.new("RGB", size, (number * 100, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_cuts_have_one_size_and_every_photograph_has_its_turn(folder):
    cuts = Photographs(str(folder), 64, seed=1).batch(6)
    assert (cuts.shape, cuts.dtype) == ((6, 64, 64, 3), np.uint8)
    assert sorted(int(cut[0, 0, 0]) for cut in cuts) == [0, 0, 100, 100, 200, 200]


def test_the_seed_decides_what_is_seen(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    first, again, other = (Photographs(str(tmp_path), 64, seed).batch(4) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])  # another cut each time


def test_a_file_that_is_no_picture_is_passed_over_and_told(folder):
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    photographs = Photographs(str(folder), 64, seed=1)
    photographs.batch(8)
    assert list(photographs.refused) == ["broken.jpg"]


def test_nothing_but_broken_files_is_refused(tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    with pytest.raises(Refusal):
        Photographs(str(tmp_path), 64, seed=1).batch(1)


@pytest.mark.parametrize("name", ["empty", "nowhere", "file"])
def test_a_folder_without_photographs_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(Refusal) as refusal:
        Photographs(str(tmp_path / name), 64, seed=1)
    assert (refusal.value.code, refusal.value.field) == ("no_photographs", "--photos")
