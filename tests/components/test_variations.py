import pytest
from jobs.fake_engine import picture, wait_until

from components import controls, ids, urls, variations
from nst.errors import Refusal
from nst.jobs.groups import GRID_SIZE
from nst.options import Options

TWO = ("style_weight", "0.5, 2", "style_scale", "1 2 4")
VALUES = controls.values_of(controls.DEFAULTS)


@pytest.mark.parametrize(
    ("text", "found"),
    [("0.3, 1, 3", [0.3, 1, 3]), (" 1;2 ", [1, 2]), ("2 2 1", [2, 1]), ("1e1", [10])],
)
def test_numbers_as_people_write_them(text, found):
    assert variations.numbers(text, "style_weight") == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write numbers"),
        ("much", "write numbers"),
        ("1, nan", "goes from 0 to 1000"),
        ("-1", "goes from"),
    ],
)
def test_what_is_no_number_is_told_by_the_name_of_its_control(text, words):
    with pytest.raises(Refusal, match=words) as refused:
        variations.numbers(text, "style_weight")
    assert refused.value.message.startswith("Style weight")


def test_two_settings_or_one_but_not_one_twice():
    assert len(variations.varied(*TWO).axes) == 2
    assert len(variations.varied("tv_weight", "0, 1", variations.NOTHING, "").axes) == 1
    with pytest.raises(Refusal, match="two different"):
        variations.varied("tv_weight", "0, 1", "tv_weight", "0, 1")


def test_too_many_are_told_before_they_are_asked_for():
    assert variations.counted(variations.varied(*TWO), 24) == 6
    with pytest.raises(Refusal, match="That would be 6 paintings; at most 5"):
        variations.counted(variations.varied(*TWO), 5)


def test_they_are_small_and_short():
    options = variations.small(Options(size=2048, steps=1000))
    assert (options.size, options.steps) == (GRID_SIZE, variations.MOST_STEPS)
    assert variations.small(Options(steps=20)).steps == 20


def test_the_button_says_how_many_and_why_not(page):
    known = {ids.STYLES: [{"id": "p", "share": 50}], ids.CONTENT: {"id": "c"}}
    places = (ids.VARY_ROWS, ids.VARY_ROW_VALUES, ids.VARY_COLUMNS, ids.VARY_COLUMN_VALUES)
    known |= dict(zip(places, TWO, strict=True))
    filled = {name.replace("-", "_"): value for name, value in known.items()}
    told = page.fire(ids.CONTENT, "data", known[ids.CONTENT], **filled)
    assert told[ids.VARY_START] == {"disabled": False, "children": "Paint 6 variations"}
    assert told[ids.VARY_NOTE]["children"] is None
    masked = page.fire(ids.CONTENT, "data", {"id": "c"}, **filled, mask_picture={"id": "m", "of": "c"})
    assert "count in each of them" in masked[ids.VARY_NOTE]["children"]
    told = page.fire(ids.CONTENT, "data", None)
    assert told[ids.VARY_START]["disabled"]
    assert "Choose a photograph" in told[ids.VARY_NOTE]["children"]


def test_start_asks_for_a_grid_and_turns_to_it(page):
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    known = {"content_picture": {"id": image}, "style_pictures": [{"id": image, "share": 50}]}
    places = (ids.VARY_ROWS, ids.VARY_ROW_VALUES, ids.VARY_COLUMNS, ids.VARY_COLUMN_VALUES)
    known |= {place.replace("-", "_"): value for place, value in zip(places, TWO, strict=True)}
    known |= {"mask_picture": {"id": image, "of": image}}
    known |= {"regions": [{"key": "a", "id": image, "of": image, "paints": None}]}
    known |= {ids.option(name).replace("-", "_"): value for name, value in VALUES.items()}
    told = page.fire(ids.VARY_START, "n_clicks", 1, **known)
    made = urls.group_of(told[ids.URL]["pathname"])
    answer = page.client.get(f"/api/v1/groups/{made}").json()
    assert answer["total"] == 6
    assert all(job["mask"] == image for job in answer["jobs"])
    assert all([region["style"] for region in job["regions"]] == [0] for job in answer["jobs"])
    assert answer["jobs"][0]["options"]["size"] == GRID_SIZE
    assert answer["title"] == "Variations of style weight and stroke size"
    page.client.post(f"/api/v1/groups/{made}/cancel")
    wait_until(lambda: page.client.get(f"/api/v1/groups/{made}").json()["state"] == "done")
