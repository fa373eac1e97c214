from components import guides, ids

STYLE = {
    "id": "wave",
    "width": 40,
    "height": 30,
    "url": "/api/v1/images/wave",
    "thumbnail": "/w.jpg",
    "share": 50.0,
}
PAINTED = {"id": "g", "url": "/api/v1/images/g", "thumbnail": "/g.jpg", "key": "wave", "share": 0.2, "at": 1}
GUIDE = {"id": "g", "url": "/api/v1/images/g", "thumbnail": "/g.jpg"}


def test_a_guide_belongs_to_its_painting_alone():
    styles = [STYLE, {**STYLE, "id": "mosaic"}]
    assert guides.guided(styles, "wave", PAINTED) == [{**STYLE, "guide": GUIDE}, styles[1]]


def test_the_painter_opens_on_the_painting_with_its_guide():
    props = guides.canvas({**STYLE, "guide": GUIDE}).to_plotly_json()["props"]
    assert props["data-mask-content"] == STYLE["url"]
    assert props["data-mask-current"] == GUIDE["url"]
    assert (props["data-mask-words"], props["data-mask-key"]) == ("guide", "wave")


def test_what_was_painted_is_kept_with_the_painting(page):
    told = page.fire(ids.GUIDE_PAINTED, "data", PAINTED, style_pictures=[STYLE])
    assert told[ids.STYLES]["data"] == [{**STYLE, "guide": GUIDE}]
    assert told[ids.GUIDE_MODAL]["is_open"] is False
    assert told[ids.PARTS_CHANGED]["data"] > 0  # so that a painting under way takes it up


def test_paintings_are_shown_with_what_is_copied_of_them(page):
    assert page.fire(ids.STYLES, "data", [])[ids.GUIDES_PLACE]["hidden"] is True
    told = page.fire(ids.STYLES, "data", [{**STYLE, "guide": GUIDE}])
    assert told[ids.GUIDES_PLACE]["hidden"] is False
    assert "url(/g.jpg)" in str(told[ids.GUIDES]["children"])
    assert "Use all of it" in str(told[ids.GUIDES]["children"])
    assert "Use all of it" not in str(page.fire(ids.STYLES, "data", [STYLE])[ids.GUIDES]["children"])
