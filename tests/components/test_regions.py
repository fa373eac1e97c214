import numpy as np
import pytest

from components import ids, layers, regions
from components.mask import ANOTHER
from nst import images

CONTENT = {"id": "photo", "width": 640, "height": 480, "url": "/api/v1/images/photo", "thumbnail": "/p.jpg"}
STYLES = [{"id": name, "thumbnail": f"/{name}.jpg", "share": 50.0} for name in ("wave", "mosaic")]


@pytest.fixture
def mask(page) -> dict:
    """A mask of the left half, as the painter hands it in for region A."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32] = 255
    answer = page.client.post("/api/v1/images", files={"file": ("m.png", images.encode_png(pixels))}).json()
    return {**answer, "thumbnail": "/t.jpg", "key": "a", "of": "photo", "at": 1}


def take(page, painted: dict, known: list[dict] | None = None) -> list[dict]:
    told = page.fire(
        ids.REGION_PAINTED,
        "data",
        painted,
        content_picture=CONTENT,
        style_pictures=STYLES,
        regions=known,
    )
    return told[ids.REGIONS]["data"]


def test_a_painted_region_is_kept_and_the_painter_closes(page, mask):
    told = page.fire(ids.REGION_PAINTED, "data", mask, content_picture=CONTENT, style_pictures=STYLES)
    (region,) = told[ids.REGIONS]["data"]
    assert (region["key"], region["name"], region["of"]) == ("a", "Region A", "photo")
    assert region["id"] == mask["id"]
    assert region["paints"] == "wave"
    assert region["share"] == pytest.approx(0.5, abs=0.02)
    assert told[ids.REGION_MODAL]["is_open"] is False
    assert told[ids.PARTS_CHANGED]["data"] > 0


def test_a_region_that_was_painted_over_another_photograph_is_not_taken(page, mask):
    told = page.fire(ids.REGION_PAINTED, "data", {**mask, "of": "another"}, content_picture=CONTENT)
    assert ids.REGIONS not in told
    assert ANOTHER in str(told[ids.REGIONS_NOTES])
    assert told[ids.REGION_MODAL]["is_open"] is False


def test_a_suggestion_is_taken_only_for_the_photograph_that_it_was_made_of(page, mask):
    button = {"type": "region-suggestion", "name": "sky", "mask": mask["id"], "of": "photo"}
    (region,) = page.choose(button, content_picture=CONTENT)[ids.REGIONS]["data"]
    assert (region["name"], region["of"]) == ("Sky", "photo")
    told = page.choose(button, content_picture={**CONTENT, "id": "another"})
    assert ids.REGIONS not in told
    assert ANOTHER in str(told[ids.REGIONS_NOTES])


def test_a_region_painted_again_stays_where_it_is(page, mask):
    known = take(page, {**mask, "key": "b"}, take(page, mask))
    assert [region["key"] for region in take(page, mask, known)] == ["a", "b"]


def test_without_a_photograph_no_region_is_taken(page, mask):
    assert ids.REGIONS not in page.fire(ids.REGION_PAINTED, "data", mask)


def test_the_painter_opens_only_over_a_photograph_and_for_the_next_free_region(page, mask):
    told = page.fire(ids.REGION_ADD, "n_clicks", 1)
    assert ids.REGION_MODAL not in told
    assert "Choose a photograph first." in str(told[ids.REGIONS_NOTES])
    known = take(page, mask)
    told = page.fire(ids.REGION_ADD, "n_clicks", 1, content_picture=CONTENT, regions=known)
    assert told[ids.REGION_MODAL]["is_open"] is True
    assert told[ids.REGION_OPENED]["children"]["props"]["data-mask-key"] == "b"


def test_a_region_is_painted_on_from_its_own_mask(page, mask):
    known = take(page, mask)
    props = regions.canvas(CONTENT, known, "a").to_plotly_json()["props"]
    assert props["data-mask-current"] == known[0]["url"]
    assert props["data-mask-others"] == ""
    another = regions.canvas(CONTENT, known, "b").to_plotly_json()["props"]
    assert another["data-mask-current"] == ""
    assert another["data-mask-others"] == f"a {known[0]['thumbnail']}"


def test_the_list_shows_the_uppermost_first_and_what_the_rest_takes(page, mask):
    known = take(page, {**mask, "key": "b"}, take(page, mask))
    shown = str(page.fire(ids.REGIONS, "data", known, content_picture=CONTENT, style_pictures=STYLES))
    assert shown.index("Delete Region B") < shown.index("Delete Region A") < shown.index("Everywhere else")
    assert "stays the photograph" in shown
    kept = [{**known[0], "paints": layers.KEEP}, known[1]]
    shown = str(page.fire(ids.REGIONS, "data", kept, content_picture=CONTENT, style_pictures=STYLES))
    assert "stays the photograph" not in shown  # the first painting is free again


def test_regions_of_another_photograph_are_not_shown(page, mask):
    told = page.fire(ids.REGIONS, "data", take(page, mask), content_picture={**CONTENT, "id": "another"})
    assert not told[ids.REGIONS_MAP]["children"]
    assert not told[ids.REGIONS_LIST]["children"]


def test_the_rule_is_one_sentence_on_the_panel(page):
    assert regions.RULE.count(".") == 1
    assert regions.RULE in page.client.get("/_dash-layout").text
