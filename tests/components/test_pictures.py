import pytest

from components import ids, pictures


def taken(name: str, **more: object) -> dict:
    urls = {"url": f"/api/v1/images/{name}", "thumbnail": f"/api/v1/images/{name}/thumbnail.jpg"}
    return {"id": name, "width": 40, "height": 30, "notes": [], "at": 1, **urls, **more}


def kept(name: str) -> dict:
    return pictures.from_intake(taken(name))


def test_a_failed_intake_is_no_picture():
    assert pictures.from_intake({"error": "Too large.", "at": 1}) is None
    assert pictures.from_intake(None) is None


def test_a_picture_keeps_what_the_page_shows_of_it():
    assert kept("a")["thumbnail"] == "/api/v1/images/a/thumbnail.jpg"
    assert (kept("a")["width"], kept("a")["height"]) == (40, 30)


def test_several_files_at_once_are_several_styles():
    both = taken("b", together=[taken("a"), taken("b")])
    assert [style["id"] for style in pictures.merged([], both)] == ["a", "b"]


def test_added_styles_come_after_those_that_are_there_each_once():
    styles = pictures.merged([kept("a"), kept("b")], taken("c", together=[taken("b"), taken("c")]))
    assert [style["id"] for style in styles] == ["a", "b", "c"]


def test_a_style_brought_again_keeps_its_place_and_share():
    styles = [{**kept("a"), "share": 80}, kept("b")]
    again = pictures.merged(styles, taken("a"))
    assert [(style["id"], style["share"]) for style in again] == [("a", 80), ("b", pictures.EVEN_SHARE)]


def test_no_more_styles_than_a_job_takes():
    many = taken("e", together=[taken(name) for name in "abcde"])
    assert [style["id"] for style in pictures.merged([], many)] == ["a", "b", "c", "d"]


def test_shares_are_where_the_sliders_stand():
    styles = [kept("a"), kept("b")]
    assert [style["share"] for style in pictures.with_shares(styles, [80, "20"])] == [80.0, 20.0]


def test_a_single_style_has_no_slider_and_keeps_its_share():
    assert pictures.with_shares([kept("a")], []) == [kept("a")]
    assert pictures.with_shares(None, []) == []


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ([1], [50]),
        ([1.6, 0.5], [80, 25]),
        ([1, 3], [33, 100]),
        ([0.001, 0.002], [50, 100]),
        ([0, 1000], [1, 100]),
    ],
)
def test_a_jobs_weights_become_slider_positions(weights, shares):
    assert pictures.shares_of(weights) == shares


def test_cards_take_pictures_where_the_intake_script_looks(page):
    layout = page.client.get("/_dash-layout").text
    for store in (ids.CONTENT_INTAKE, ids.STYLE_INTAKE, ids.MASK_INTAKE):
        assert f'"data-intake":"{store}"' in layout


def test_a_failed_upload_leaves_the_picture_that_was_there(page):
    for intake in (ids.CONTENT_INTAKE, ids.STYLE_INTAKE, ids.STYLE_ADD_INTAKE):
        told = page.fire(intake, "data", {"error": "Too large.", "at": 1}, style_pictures=[kept("a")])
        assert ids.CONTENT not in told
        assert ids.STYLES not in told


def test_a_painting_brought_replaces_one_but_joins_a_blend(page):
    def after(*names: str) -> list[str]:
        before = [kept(name) for name in names]
        told = page.fire(ids.STYLE_INTAKE, "data", taken("z"), style_pictures=before)
        return [style["id"] for style in told[ids.STYLES]["data"]]

    assert after() == ["z"]
    assert after("a") == ["z"]
    assert after("a", "b") == ["a", "b", "z"]


def test_removing_the_photograph_empties_its_card(page):
    assert page.fire(ids.CONTENT_REMOVE, "n_clicks", 1)[ids.CONTENT]["data"] is None
    shown = page.fire(ids.CONTENT, "data", None)
    assert shown[ids.CONTENT_REMOVE]["hidden"] is True
    assert shown[ids.CONTENT_CARD]["data-intake-filled"] is None
