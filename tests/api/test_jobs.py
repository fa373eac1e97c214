import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, picture, wait_until
from PIL import Image

from nst import images
from nst.jobs.ids import new_id

from .conftest import Json, problem

Make = Callable[..., Json]


def test_the_whole_life_of_a_painting(
    client: TestClient, create: Make, until: Make, engine: FakeEngine
) -> None:
    engine.hold()
    job = create(style_weight=2.5)
    assert (job["state"], job["position"], job["step"], job["steps"]) == ("queued", 1, 0, 5)
    assert (job["preview"], job["result"], job["error"], job["losses"]) == (None, None, None, {})
    assert job["options"]["style_weight"] == 2.5
    assert job["options"]["optimizer"] == "lbfgs"
    assert datetime.fromisoformat(job["created"]).tzinfo is not None
    url = f"/api/v1/jobs/{job['id']}"
    assert client.get(f"{url}/result.png").status_code == 404

    engine.step(2)
    running = until(job, "running", step=2)
    assert running["losses"]["total"] == 0.5
    assert (running["width"], running["height"], running["position"]) == (64, 48, None)
    preview = client.get(running["preview"])
    assert preview.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(preview.content)) as opened:
        assert opened.size == (64, 48)

    engine.let_go()
    done = until(job, "done")
    assert (done["step"], done["error"]) == (5, None)
    result = client.get(done["result"])
    assert result.headers["content-type"] == "image/png"
    assert "content-disposition" not in result.headers
    found = images.read_settings(io.BytesIO(result.content))
    assert found["options"] == done["options"]

    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.get(done["result"]).status_code == 404
    assert client.get("/api/v1/jobs").json() == {"jobs": [], "next": None}


def test_the_owner_is_never_told(client: TestClient, create: Make) -> None:
    job = create()
    assert "owner" not in job
    assert client.cookies["nst_client"].partition(".")[0] not in client.get(f"/api/v1/jobs/{job['id']}").text


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ('{"style_weight": NaN}', "style_weight", "finite"),
        ('{"content_weight": Infinity}', "content_weight", "finite"),
        ('{"tv_weight": 1e999}', "tv_weight", "finite"),
        ('{"style_weight": -1}', "style_weight", "at least 0"),
        ('{"style_weight": "strong"}', "style_weight", "number"),
        ('{"steps": 0}', "steps", "at least 1"),
        ('{"steps": 1e9}', "steps", "at most 10000"),
        ('{"steps": 1.5}', "steps", "whole number"),
        ('{"steps": null}', "steps", "whole number"),
        ('{"size": 1e6}', "size", "at most 4096"),
        ('{"size": 1}', "size", "at least 32"),
        ('{"seed": -1}', "seed", "at least 0"),
        ('{"optimizer": "sgd"}', "optimizer", "lbfgs"),
        ('{"colour": 1}', "colour", "not known"),
        ("[]", "options", "object"),
        ("7", "options", "object"),
    ],
)
def test_a_bad_option_is_named(client: TestClient, ask: Make, options: str, field: str, words: str) -> None:
    body = json.dumps(ask() | {"options": 0}).replace('"options": 0', f'"options": {options}')
    answer = client.post("/api/v1/jobs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert problem(answer)["field"] == field
    assert words in problem(answer)["message"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"styles": []}, "styles", "at least 1"),
        ({"styles": [{"image": "x"}] * 5}, "styles", "at most 4"),
        ({"styles": [{"image": "x", "weight": -1}]}, "styles.0.weight", "Styles 1 weight must be at least 0"),
        ({"styles": [{"image": "x", "weight": 0}]}, "styles", "Styles need at least one weight above 0."),
        ({"styles": [{}]}, "styles.0.image", "missing"),
        ({"styles": "x"}, "styles", "list"),
        ({"content": None}, "content", "text"),
        ({"content": 7}, "content", "text"),
        ({"owner": "bob"}, "owner", "not known"),
    ],
)
def test_a_bad_request_is_named(client: TestClient, ask: Make, change: Json, field: str, words: str) -> None:
    answer = client.post("/api/v1/jobs", json=ask() | change)
    assert answer.status_code == 422
    assert problem(answer)["field"] == field
    assert words in problem(answer)["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"x"',
        b"[" * 50_000,
        b"\xff\xfe",
        b'{"content": ' + b"9" * 5000 + b"}",
        b'{"\\ud800": 1}',
    ],
)
def test_what_is_no_request_at_all_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/jobs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    problem(answer)


def test_a_picture_of_another_client_is_not_found(
    client: TestClient, stranger: TestClient, ask: Make, upload: Make
) -> None:
    theirs = upload(by=stranger)["id"]
    for bad in (
        theirs,
        new_id(),
        "../../studio.db",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ):
        for field, change in {
            "content": {"content": bad},
            "styles.0.image": {"styles": [{"image": bad}]},
            "mask": {"mask": bad},
        }.items():
            answer = client.post("/api/v1/jobs", json=ask() | change)
            assert answer.status_code == 404
            assert (problem(answer)["code"], problem(answer)["field"]) == ("not_found", field)


def test_a_black_mask_is_refused(client: TestClient, ask: Make, upload: Make) -> None:
    mask = upload(picture(colour=(0, 0, 0)))["id"]
    answer = client.post("/api/v1/jobs", json=ask() | {"mask": mask})
    assert answer.status_code == 422
    assert (problem(answer)["code"], problem(answer)["field"]) == ("empty_mask", "mask")


def test_a_fourth_waiting_painting_is_too_many(
    client: TestClient, create: Make, ask: Make, until: Make, engine: FakeEngine
) -> None:
    engine.hold()
    until(create(), "running")
    assert [create()["position"] for _ in range(3)] == [1, 2, 3]
    answer = client.post("/api/v1/jobs", json=ask())
    assert answer.status_code == 429
    assert problem(answer)["code"] == "queue_full"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "nonsense"]
)
def test_json_by_another_name_is_told_its_name(client: TestClient, ask: Make, kind: str) -> None:
    answer = client.post("/api/v1/jobs", content=json.dumps(ask()), headers={"content-type": kind})
    assert answer.status_code == 415
    assert problem(answer)["code"] == "not_json"
    assert "application/json" in problem(answer)["message"]


def test_a_size_that_cannot_fit_is_named_at_once(client: TestClient, ask: Make, engine: FakeEngine) -> None:
    wait_until(lambda: client.get("/readyz").status_code == 200)
    engine.largest = 512
    answer = client.post("/api/v1/jobs", json=ask(size=1024))
    assert answer.status_code == 422
    assert (problem(answer)["code"], problem(answer)["field"]) == ("too_little_memory", "size")


def test_cancelling_twice_is_well_and_after_the_end_is_not(
    client: TestClient, create: Make, until: Make, engine: FakeEngine
) -> None:
    engine.hold()
    job = create()
    engine.step(2)
    until(job, "running", step=2)
    url = f"/api/v1/jobs/{job['id']}"
    for _ in range(2):
        answer = client.post(f"{url}/cancel")
        assert (answer.status_code, answer.json()["asked"]) == (200, "cancel")
    engine.let_go()
    cancelled = until(job, "cancelled")
    assert client.get(cancelled["result"]).status_code == 200
    assert client.post(f"{url}/cancel").status_code == 200

    done = until(create(), "done")
    for act in ("cancel", "pause", "resume"):
        answer = client.post(f"/api/v1/jobs/{done['id']}/{act}")
        assert answer.status_code == 409
        assert problem(answer)["code"] == "already_finished"


def test_pause_and_resume(client: TestClient, create: Make, until: Make, engine: FakeEngine) -> None:
    engine.hold()
    job = create()
    url = f"/api/v1/jobs/{job['id']}"
    until(job, "running")
    assert client.post(f"{url}/pause").json()["asked"] == "pause"
    engine.step()
    until(job, "paused")
    assert client.post(f"{url}/pause").json()["state"] == "paused"
    assert client.post(f"{url}/resume").json()["state"] in ("queued", "running")
    engine.let_go()
    until(job, "done")


def test_another_clients_painting_is_not_found(
    client: TestClient, stranger: TestClient, create: Make, until: Make
) -> None:
    job = until(create(), "done")
    url = f"/api/v1/jobs/{job['id']}"
    for method, address in [
        ("GET", url),
        ("DELETE", url),
        ("POST", f"{url}/cancel"),
        ("POST", f"{url}/pause"),
        ("POST", f"{url}/resume"),
        ("GET", f"{url}/events"),
        ("GET", f"{url}/preview.jpg"),
        ("GET", f"{url}/result.png"),
    ]:
        answer = stranger.request(method, address)
        assert answer.status_code == 404, (method, address)
        assert problem(answer)["code"] == "not_found"
    assert stranger.get("/api/v1/jobs").json()["jobs"] == []
    assert client.get(url).status_code == 200


def test_the_list_is_paged_newest_first(client: TestClient, create: Make, until: Make) -> None:
    made = [until(create(steps=1), "done")["id"] for _ in range(3)]
    page = client.get("/api/v1/jobs", params={"limit": 2}).json()
    assert [job["id"] for job in page["jobs"]] == made[:0:-1]
    page = client.get("/api/v1/jobs", params={"limit": 2, "before": page["next"]}).json()
    assert ([job["id"] for job in page["jobs"]], page["next"]) == ([made[0]], None)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "0"), ("limit", "101"), ("limit", "x"), ("before", "x")]
)
def test_a_bad_page_is_named(client: TestClient, name: str, value: str) -> None:
    answer = client.get("/api/v1/jobs", params={name: value})
    assert answer.status_code == 422
    assert problem(answer)["field"] == name


@pytest.mark.parametrize(
    ("wished", "name"),
    [
        ("Starry Night.png", "Starry Night.png"),
        ("../../etc/passwd", "etcpasswd.png"),
        ('x"; evil="1\r\nSet-Cookie: a=b', "x evil1Set-Cookie ab.png"),
        ("", None),
    ],
)
def test_a_result_can_be_saved_under_a_name(
    client: TestClient, create: Make, until: Make, wished: str, name: str | None
) -> None:
    job = until(create(steps=1), "done")
    answer = client.get(job["result"], params={"download": wished})
    disposition = (
        answer.headers["content-disposition"].replace("%20", " ").replace("filename*=utf-8''", "filename=")
    )
    expected = name or f"pentimento-{job['id'][:8]}.png"
    assert disposition.replace('"', "") == f"attachment; filename={expected}"
    assert "a=b" not in answer.headers.get("set-cookie", "")


def test_a_preview_with_its_number_may_be_kept(client: TestClient, create: Make, until: Make) -> None:
    job = until(create(), "done")
    assert "immutable" in client.get(job["preview"]).headers["cache-control"]
    assert "no-cache" in client.get(f"/api/v1/jobs/{job['id']}/preview.jpg").headers["cache-control"]


def test_a_failed_painting_says_why(
    client: TestClient, create: Make, until: Make, engine: FakeEngine
) -> None:
    engine.failures[3] = MemoryError()
    job = until(create(), "failed")
    assert job["error"] == "There was not enough memory for a picture of this size. Try a smaller size."
    assert client.get(job["result"]).status_code == 200
