from components import ids, mask

CONTENT = {"id": "c", "width": 640, "height": 480, "url": "/api/v1/images/c"}
MASK = {"id": "m", "width": 640, "height": 480, "url": "/api/v1/images/m", "thumbnail": "/t.jpg", "at": 1}


def test_the_painter_is_given_the_photograph_and_an_earlier_mask():
    painter = mask.painter(CONTENT, MASK).to_plotly_json()["props"]
    assert painter["data-mask-painter"] == ids.MASK_PAINTED
    assert painter["data-mask-content"] == "/api/v1/images/c"
    assert (painter["data-mask-width"], painter["data-mask-height"]) == ("640", "480")
    assert painter["data-mask-current"] == "/api/v1/images/m"
    assert mask.painter(CONTENT, None).to_plotly_json()["props"]["data-mask-current"] == ""


def test_the_painter_opens_only_over_a_photograph(page):
    told = page.fire(ids.MASK_PAINT, "n_clicks", 1)
    assert ids.MASK_MODAL not in told
    assert "Choose a photograph first." in str(told[ids.MASK_NOTES])
    assert (
        page.fire(ids.MASK_PAINT, "n_clicks", 1, content_picture=CONTENT)[ids.MASK_MODAL]["is_open"] is True
    )


def test_a_painted_mask_is_kept_and_closes_the_painter(page):
    told = page.fire(ids.MASK_PAINTED, "data", MASK)
    assert told[ids.MASK]["data"]["id"] == "m"
    assert told[ids.MASK_MODAL]["is_open"] is False


def test_a_mask_that_cannot_be_used_is_explained_and_the_painter_stays(page):
    told = page.fire(ids.MASK_INTAKE, "data", {"error": "The mask is black all over.", "at": 1})
    assert ids.MASK not in told
    assert ids.MASK_MODAL not in told
    assert "The mask is black all over." in str(told[ids.MASK_NOTES])


def test_a_mask_can_be_removed(page):
    assert page.fire(ids.MASK_REMOVE, "n_clicks", 1)[ids.MASK]["data"] is None
    assert page.fire(ids.MASK, "data", None)[ids.MASK_REMOVE]["hidden"] is True


def test_what_white_means_is_said(page):
    assert "White is painted, black keeps the photograph." in page.client.get("/_dash-layout").text
