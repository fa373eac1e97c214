import io
import sys
from collections.abc import Iterator
from subprocess import run
from threading import Thread

import pytest
from selection.scenes import disc

import nst.selection
from nst import images
from nst.jobs import selection
from nst.jobs.selection import Place, Selections
from nst.jobs.studio import Studio
from nst.settings import settings

from .fake_engine import FakeEngine

MIDDLE = Place(0.5, 0.5)


@pytest.fixture
def studio() -> Iterator[Studio]:
    opened = Studio(settings(), FakeEngine().load)
    yield opened
    opened.close()


@pytest.fixture
def taken_apart(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for every time that a picture is taken apart."""
    analyse, calls = nst.selection.analyse, []

    def counted(pixels: images.Pixels) -> object:
        calls.append(pixels.shape)
        return analyse(pixels)

    monkeypatch.setattr(nst.selection, "analyse", counted)
    return calls


def photo(studio: Studio, owner: str = "anna", radius: int = 40) -> str:
    return studio.add_image(owner, io.BytesIO(images.encode_png(disc(radius=radius)[0])))[0].id


def test_a_picture_is_taken_apart_once(studio: Studio, taken_apart: list[object]) -> None:
    selections, image = Selections(studio), photo(studio)
    selections.proposals("anna", image)
    for level in (None, 0.0, 0.3, 1.0):
        selections.select("anna", image, [MIDDLE], level)
    assert len(taken_apart) == 1


def test_many_at_once_take_it_apart_once(studio: Studio, taken_apart: list[object]) -> None:
    selections, image, masks = Selections(studio), photo(studio), []

    def click(x: float) -> None:
        masks.append(selections.select("anna", image, [Place(x, 0.5)]).mask.id)

    threads = [Thread(target=click, args=(k / 10,)) for k in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(masks)) == 10
    assert len(taken_apart) == 1


def test_what_is_kept_is_bounded(
    studio: Studio, taken_apart: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "CACHE_BYTES", 1)
    selections, first, second = Selections(studio), photo(studio), photo(studio, radius=30)
    selections.select("anna", first, [MIDDLE])
    selections.select("anna", first, [MIDDLE], 0.0)
    assert len(taken_apart) == 1  # the last one always stays
    selections.select("anna", second, [MIDDLE])
    selections.select("anna", first, [MIDDLE], 1.0)
    assert len(taken_apart) == 3


def test_the_same_question_stores_one_mask(studio: Studio) -> None:
    selections, image = Selections(studio), photo(studio)
    assert selections.select("anna", image, [MIDDLE]) is selections.select("anna", image, [MIDDLE])


def test_an_answer_whose_mask_is_gone_is_made_anew(studio: Studio) -> None:
    selections, image = Selections(studio), photo(studio)
    selected, proposed = (
        selections.select("anna", image, [MIDDLE]).mask,
        [one.mask for one in selections.proposals("anna", image)],
    )
    assert proposed
    for gone in (selected, proposed[-1]):
        studio.library.forget_image("anna", gone.id)
    again = selections.select("anna", image, [MIDDLE]).mask
    offered = [one.mask for one in selections.proposals("anna", image)]
    assert len(offered) == len(proposed)
    for mask in (again, *offered):
        assert studio.image("anna", mask.id) == mask


def test_masks_belong_to_who_asked(studio: Studio) -> None:
    selections = Selections(studio)
    mask = selections.select("anna", photo(studio), [MIDDLE]).mask
    assert mask.owner == "anna"
    assert studio.image("anna", mask.id) == mask


def test_a_web_process_starts_without_opencv_and_scipy() -> None:
    code = "import sys, nst.api; sys.exit(any(name in sys.modules for name in ('cv2', 'skimage', 'scipy')))"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
