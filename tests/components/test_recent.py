import pytest
from jobs.fake_engine import picture

from components import ids, recent, urls

ID = "a" * 32


def test_a_remembered_picture_is_shown_by_its_thumbnail():
    (hanging,) = recent.thumbnails("photo", {"photo": [ID], "style": []})
    assert urls.thumbnail(ID) in str(hanging)
    assert str(ids.recent("photo", ID)) in str(hanging)


@pytest.mark.parametrize(
    "known", [None, [], {"photo": "x"}, {"photo": [None, 3, {"id": 1}, "../../etc", "<img>"]}]
)
def test_what_is_no_picture_is_not_shown(known):
    assert recent.thumbnails("photo", known) == []


def test_only_so_many_are_shown():
    assert len(recent.thumbnails("style", {"style": [f"{n:032x}" for n in range(50)]})) == recent.MOST


def test_one_is_taken_again(page):
    image = page.client.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
    assert page.choose(ids.recent("photo", image))[ids.CONTENT]["data"]["id"] == image
    assert page.choose(ids.recent("style", image))[ids.STYLES]["data"][0]["id"] == image


def test_another_visitors_picture_is_not_given(page):
    told = page.choose(ids.recent("photo", ID))
    assert ids.CONTENT not in told
    assert "no such picture" in str(told[ids.NOTICE])
