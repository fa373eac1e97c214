import numpy as np
import pytest

from components import ids, mask
from nst import images

CONTENT = {"id": "c", "width": 640, "height": 480, "url": "/api/v1/images/c"}
MASK = {"id": "m", "width": 640, "height": 480, "url": "/api/v1/images/m", "thumbnail": "/t.jpg", "at": 1}
PAINTED = {**MASK, "of": "c"}
SESSION = {ids.CONTENT: CONTENT}


def test_the_painter_is_given_the_photograph_and_an_earlier_mask():
    painter = mask.canvas(CONTENT, MASK).to_plotly_json()["props"]
    assert painter["data-mask-painter"] == ids.MASK_PAINTED
    assert painter["data-mask-content"] == "/api/v1/images/c"
    assert (painter["data-mask-width"], painter["data-mask-height"]) == ("640", "480")
    assert painter["data-mask-current"] == "/api/v1/images/m"
    assert mask.canvas(CONTENT, None).to_plotly_json()["props"]["data-mask-current"] == ""


def test_the_painter_opens_only_over_a_photograph(page):
    told = page.fire(ids.MASK_PAINT, "n_clicks", 1)
    assert ids.MASK_MODAL not in told
    assert "Choose a photograph first." in str(told[ids.MASK_NOTES])
    assert (
        page.fire(ids.MASK_PAINT, "n_clicks", 1, content_picture=CONTENT)[ids.MASK_MODAL]["is_open"] is True
    )


def test_a_painted_mask_is_kept_and_closes_the_painter(page):
    told = page.fire(ids.MASK_PAINTED, "data", PAINTED, **SESSION)
    assert (told[ids.MASK]["data"]["id"], told[ids.MASK]["data"]["of"]) == ("m", "c")
    assert told[ids.MASK_MODAL]["is_open"] is False


def test_a_mask_that_was_painted_over_another_photograph_is_not_taken(page):
    told = page.fire(ids.MASK_PAINTED, "data", {**MASK, "of": "another"}, **SESSION)
    assert ids.MASK not in told
    assert mask.ANOTHER in str(told[ids.MASK_NOTES])
    assert told[ids.MASK_MODAL]["is_open"] is False


def test_a_mask_that_cannot_be_used_is_explained_and_the_painter_stays(page):
    told = page.fire(ids.MASK_INTAKE, "data", {"error": "The mask is black all over.", "at": 1})
    assert ids.MASK not in told
    assert ids.MASK_MODAL not in told


def bring(page, pixels: np.ndarray) -> dict:
    """A mask that is brought as a file, to a photograph of 640 by 480 pixels."""
    answer = page.client.post("/api/v1/images", files={"file": ("m.png", images.encode_png(pixels))}).json()
    taken = {**answer, "thumbnail": f"{answer['url']}/thumbnail.jpg", "at": 1}
    return page.fire(ids.MASK_INTAKE, "data", taken, **SESSION)


def test_a_black_mask_is_refused_when_it_is_brought(page):
    told = bring(page, np.zeros((480, 640, 3), np.uint8))
    assert ids.MASK not in told
    assert mask.BLACK in str(told[ids.MASK_NOTES])


def test_a_mask_of_another_size_is_taken_with_a_note(page):
    told = bring(page, np.full((100, 90, 3), 255, np.uint8))
    assert told[ids.MASK]["data"]["of"] == "c"
    assert "90 × 100 pixels, the photograph 640 × 480" in str(told[ids.MASK_NOTES])
    assert ids.MASK_NOTES not in bring(page, np.full((480, 640, 3), 255, np.uint8))


def test_a_mask_without_a_photograph_is_not_taken(page):
    told = page.fire(ids.MASK_PAINTED, "data", PAINTED)
    assert ids.MASK not in told
    assert "Choose a photograph first." in str(told[ids.MASK_NOTES])


@pytest.mark.parametrize(("of", "fits"), [("c", True), ("another", False), (None, False)])
def test_a_mask_fits_only_the_photograph_that_it_was_made_for(of, fits):
    assert mask.fits({**MASK, "of": of}, CONTENT) is fits
    assert not mask.fits(None, CONTENT)
    assert not mask.fits({**MASK, "of": of}, None)


def test_without_a_mask_there_is_nothing_to_remove(page):
    assert page.fire(ids.MASK, "data", None)[ids.MASK_REMOVE]["hidden"] is True


def test_what_white_means_is_said(page):
    assert "White is painted, black keeps the photograph." in page.client.get("/_dash-layout").text
