from components import painter

PICTURE = {"id": "c", "width": 640, "height": 480, "url": "/api/v1/images/c"}


def test_the_script_is_told_all_that_it_asks_for():
    props = painter.canvas(
        "store",
        PICTURE,
        {"url": "/m"},
        words="region",
        key="b",
        colour="b",
        others=[("a", "/a.jpg"), ("c", "/c.jpg")],
    ).to_plotly_json()
    told = {
        name.removeprefix("data-mask-"): value for name, value in props["props"].items() if "data" in name
    }
    assert told == {
        "painter": "store",
        "key": "b",
        "of": "c",
        "content": "/api/v1/images/c",
        "width": "640",
        "height": "480",
        "current": "/m",
        "select": "/api/v1/images/c",
        "words": "region",
        "colour": "b",
        "others": "a /a.jpg,c /c.jpg",
    }


def test_without_a_mask_there_is_none_to_go_on_with():
    assert (
        painter.canvas("store", PICTURE, None, words="mask").to_plotly_json()["props"]["data-mask-current"]
        == ""
    )
