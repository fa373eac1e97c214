import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from jobs.fake_engine import picture
from nst.errors import Refusal
from nst.jobs.ids import new_id
from nst.jobs.studio import Studio

from .conftest import ADA, BOB


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def test_a_picture_is_kept_upright_clean_and_small_too(studio: Studio) -> None:
    image, notes = studio.add_image(ADA, io.BytesIO(picture(1200, 600)))
    assert (image.width, image.height, notes) == (1200, 600, [])
    assert studio.image(ADA, image.id) == image
    with Image.open(studio.image_file(ADA, image.id)) as kept:
        assert (kept.format, kept.size) == ("PNG", (1200, 600))
    with Image.open(io.BytesIO(studio.thumbnail(ADA, image.id))) as small:
        assert (small.format, small.size) == ("JPEG", (512, 256))


def test_what_was_changed_on_the_way_in_is_said(studio: Studio) -> None:
    transparent = io.BytesIO()
    Image.new("RGBA", (64, 64), (9, 9, 9, 100)).save(transparent, "PNG")
    transparent.seek(0)
    _, notes = studio.add_image(ADA, transparent)
    assert len(notes) == 1


def test_a_bad_picture_leaves_nothing(studio: Studio, folder: Path) -> None:
    assert refused(studio.add_image, ADA, io.BytesIO(b"GIF89a")).code == "not_a_picture"
    assert not (folder / "images").exists()


@pytest.mark.parametrize("name", ["image", "image_file", "thumbnail"])
def test_a_picture_is_its_owners_alone(studio: Studio, name: str) -> None:
    image, _ = studio.add_image(ADA, io.BytesIO(picture()))
    for owner, known in ((BOB, image.id), (ADA, new_id()), (ADA, "../../studio.db"), (ADA, image.id + "\n")):
        assert refused(getattr(studio, name), owner, known).code == "not_found"


# Samples


def test_a_sample_is_one_image_for_each_owner(studio: Studio, folder: Path) -> None:
    sample = studio.samples()[0]
    image = studio.add_sample(ADA, sample.name)
    assert studio.add_sample(ADA, sample.name) == image
    theirs = studio.add_sample(BOB, sample.name)
    assert theirs.id != image.id
    assert studio.image_file(BOB, theirs.id) == studio.image_file(ADA, image.id)
    with Image.open(sample.path) as original:
        assert original.size == (image.width, image.height)
    with Image.open(io.BytesIO(studio.sample_thumbnail(sample.name))) as small:
        assert (small.format, max(small.size)) == ("JPEG", min(512, max(image.width, image.height)))


@pytest.mark.parametrize("name", ["", "nothing", "../settings"])
def test_an_unknown_sample_is_not_found(studio: Studio, name: str) -> None:
    assert refused(studio.add_sample, ADA, name).code == "not_found"
    assert refused(studio.sample_thumbnail, name).code == "not_found"
