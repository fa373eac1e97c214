import io
import zipfile
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, wait_until

from .conftest import Json, problem

Make = Callable[..., Json]


@pytest.fixture
def batch(client: TestClient, upload: Make) -> Callable[..., Json]:
    def ask(count: int = 2, **more: object) -> Json:
        body = {"contents": [upload()["id"] for _ in range(count)], "styles": [{"image": upload()["id"]}]}
        return body | {"options": {"size": 64, "steps": 4}} | more

    return ask


def create(client: TestClient, body: Json) -> Json:
    answer = client.post("/api/v1/groups", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def finished(client: TestClient, group: Json) -> Json:
    address = f"/api/v1/groups/{group['id']}"
    wait_until(lambda: client.get(address).json()["state"] == "done")
    return client.get(address).json()


def test_the_whole_life_of_a_batch(client: TestClient, batch: Make, until: Make, engine: FakeEngine) -> None:
    engine.hold()
    body = batch(title="Holiday")
    group = create(client, body)
    assert (group["title"], group["total"], group["done"], group["failed"]) == ("Holiday", 2, 0, 0)
    assert (group["grid"], group["results"]) == (None, None)
    assert [job["content"] for job in group["jobs"]] == body["contents"]
    assert {job["group"] for job in group["jobs"]} == {group["id"]}
    engine.step(2)
    until(group["jobs"][0], "running", step=2)
    half = client.get(f"/api/v1/groups/{group['id']}").json()
    assert (half["state"], half["progress"]) == ("running", 0.25)
    early = client.get(f"/api/v1/groups/{group['id']}/results.zip")
    assert early.status_code == 409
    assert problem(early)["code"] == "no_result"
    engine.let_go()
    done = finished(client, group)
    assert (done["done"], done["failed"], done["progress"]) == (2, 0, 1.0)
    packed = client.get(done["results"])
    assert packed.headers["content-type"] == "application/zip"
    assert packed.headers["content-disposition"] == 'attachment; filename="Holiday.zip"'
    assert int(packed.headers["content-length"]) == len(packed.content)
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        results = [client.get(job["result"]).content for job in done["jobs"]]
        assert [archive.read(name) for name in archive.namelist()] == results
    assert client.delete(f"/api/v1/groups/{group['id']}").status_code == 204
    assert client.get(f"/api/v1/groups/{group['id']}").status_code == 404
    assert client.get("/api/v1/jobs").json()["jobs"] == []


def test_a_grid_has_rows_columns_and_what_a_cell_needs_to_be_run_large(
    client: TestClient, upload: Make
) -> None:
    body = {
        "content": upload()["id"],
        "styles": [{"image": upload()["id"]}],
        "options": {"steps": 2, "seed": 7},
        "vary": {"style_scale": [1, 2], "style_weight": [0.5, 1, 3]},
    }
    group = create(client, body)
    grid = group["grid"]
    assert grid["rows"] == {"option": "style_weight", "values": [0.5, 1, 3]}
    assert grid["columns"] == {"option": "style_scale", "values": [1, 2]}
    assert [[cell["values"]["style_scale"] for cell in row] for row in grid["cells"]] == [[1, 2]] * 3
    assert [cell["job"] for row in grid["cells"] for cell in row] == [job["id"] for job in group["jobs"]]
    cell = grid["cells"][2][1]
    assert (cell["options"]["size"], cell["options"]["style_weight"], cell["options"]["seed"]) == (256, 3, 7)
    large = {"content": body["content"], "styles": body["styles"], "options": cell["options"] | {"size": 300}}
    assert client.post("/api/v1/jobs", json=large).json()["group"] is None

    client.delete(f"/api/v1/jobs/{cell['job']}")
    left = client.get(f"/api/v1/groups/{group['id']}").json()
    assert left["total"] == 5
    gone = left["grid"]["cells"][2][1]
    assert (gone["job"], gone["options"]) == (None, None)
    assert gone["values"] == {"style_weight": 3, "style_scale": 2}


def test_a_grid_over_one_option_is_a_column(client: TestClient, upload: Make) -> None:
    body = {"content": upload()["id"], "styles": [{"image": upload()["id"]}], "vary": {"tv_weight": [0, 1]}}
    grid = create(client, body | {"options": {"steps": 1}})["grid"]
    assert grid["columns"] is None
    assert [len(row) for row in grid["cells"]] == [1, 1]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"contents": []}, "contents", "at least 1"),
        ({"contents": None}, None, "either"),
        ({"vary": {"style_weight": [1]}}, None, "either"),
        ({"contents": None, "content": "x", "vary": {}}, "vary", "one or two options"),
        (
            {"contents": None, "content": "x", "vary": {"style_weight": [-1]}},
            "vary.style_weight.0",
            "at least 0",
        ),
        ({"contents": None, "content": "x", "vary": {"seed": [1]}}, "vary.seed", "not known"),
        ({"styles": [{"image": "x", "weight": 0}]}, "styles", "above 0"),
        ({"options": {"steps": 0}}, "steps", "at least 1"),
        ({"contents": ["x"]}, "contents.0", "no such picture"),
        ({"contents": [f"{n}" for n in range(25)]}, "contents", "at most 24"),
        ({"title": "x" * 101}, "title", ""),
    ],
)
def test_a_bad_request_is_named(
    client: TestClient, batch: Make, change: Json, field: str | None, words: str
) -> None:
    answer = client.post("/api/v1/groups", json=batch() | change)
    assert answer.status_code in (404, 422)
    assert problem(answer)["field"] == field
    assert words in problem(answer)["message"]


def test_a_group_is_cancelled(client: TestClient, batch: Make, engine: FakeEngine) -> None:
    engine.hold()
    group = create(client, batch(3))
    answer = client.post(f"/api/v1/groups/{group['id']}/cancel")
    assert answer.status_code == 200
    assert {job["state"] for job in answer.json()["jobs"][1:]} == {"cancelled"}
    engine.let_go()
    assert finished(client, group)["done"] == 3


def test_another_clients_group_is_not_found(client: TestClient, stranger: TestClient, batch: Make) -> None:
    group = create(client, batch())
    url = f"/api/v1/groups/{group['id']}"
    for method, address in [
        ("GET", url),
        ("DELETE", url),
        ("POST", f"{url}/cancel"),
        ("GET", f"{url}/results.zip"),
    ]:
        answer = stranger.request(method, address)
        assert answer.status_code == 404
        assert problem(answer)["message"].startswith("There is no such group of paintings here")
    assert client.get(url).status_code == 200


def test_groups_are_listed_without_their_paintings(client: TestClient, batch: Make) -> None:
    made = [create(client, batch(1, title=title)) for title in "ab"]
    first = client.get("/api/v1/groups", params={"limit": 1}).json()
    assert [group["title"] for group in first["groups"]] == ["b"]
    assert first["groups"][0].keys() == made[1].keys() - {"jobs", "grid"}
    last = client.get("/api/v1/groups", params={"before": first["next"]}).json()
    assert [group["id"] for group in last["groups"]] == [made[0]["id"]]
    assert last["next"] is None


def test_a_title_that_cannot_be_is_refused(client: TestClient, batch: Make) -> None:
    answer = client.post("/api/v1/groups", json=batch(1, title="a\x00b"))
    assert answer.status_code == 422
    assert problem(answer)["field"] == "title"
