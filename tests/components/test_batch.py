import pytest
from jobs.fake_engine import picture, wait_until

from components import batch, controls, ids, urls

VALUES = controls.values_of(controls.DEFAULTS)
PAINT = [{"id": "p", "share": 50}]


def photos(*names: str) -> list[dict]:
    return [{"id": name, "thumbnail": f"/api/v1/images/{name}/thumbnail.jpg"} for name in names]


@pytest.mark.parametrize(
    ("names", "styles", "words"),
    [
        ("", PAINT, "two photographs or more"),
        ("a", PAINT, "one more"),
        ("ab", [], "Choose a painting first"),
        ("abcd", PAINT, "4 photographs are here; 3 go together"),
    ],
)
def test_why_they_cannot_be_painted_yet(names, styles, words):
    assert words in batch.obstacle(photos(*names), styles, 3)


def test_nothing_stands_in_the_way():
    assert batch.obstacle(photos("a", "b"), PAINT, 3) is None


def test_each_photograph_is_there_once():
    joined = batch.joined(photos("a", "b"), photos("b", "c"))
    assert [photo["id"] for photo in joined] == ["a", "b", "c"]


def test_one_can_be_left_out(page):
    told = page.choose(ids.batch_remove("a"))
    assert told[ids.BATCH_PHOTOS]["data"] == []


def test_all_of_them_are_painted_alike_as_one_group(page):
    images = [
        page.client.post("/api/v1/images", files={"file": ("a.png", picture(64, 40 + 8 * n))}).json()["id"]
        for n in range(3)
    ]
    known = {ids.option(name).replace("-", "_"): value for name, value in VALUES.items()}
    known |= {"batch_photos": photos(*images[:2]), "style_pictures": [{"id": images[2], "share": 50}]}
    told = page.fire(ids.BATCH_START, "n_clicks", 1, **known)
    group = urls.group_of(told[ids.URL]["pathname"])
    answer = page.client.get(f"/api/v1/groups/{group}").json()
    assert [job["content"] for job in answer["jobs"]] == images[:2]
    assert answer["title"] == "2 photographs"
    assert told[ids.BATCH_PHOTOS]["data"] == []
    page.client.post(f"/api/v1/groups/{group}/cancel")
    wait_until(lambda: page.client.get(f"/api/v1/groups/{group}").json()["state"] == "done")
