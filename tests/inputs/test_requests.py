"""What is asked of the studio: masks, options, other people's ids, too late; through a real server."""

import re
from collections.abc import Callable

import httpx
import numpy as np
import pytest
import videos
from jobs.fake_engine import wait_until
from pictures import flat, saved

from nst.jobs.ids import new_id

from .conftest import Json, Running, refused

Paint = Callable[..., Json]
Stored = Callable[..., Json]

JOBS = "/api/v1/jobs"


# Masks


def test_a_mask_of_another_size_is_brought_to_the_photographs(
    visitor: httpx.Client, ask: Paint, stored: Stored
) -> None:
    mask = stored(saved(flat(255, "L", (300, 40)), "PNG"))
    answer = visitor.post(JOBS, json=ask() | {"mask": mask["id"]})
    assert answer.status_code == 202
    job = f"{JOBS}/{answer.json()['id']}"
    wait_until(lambda: visitor.get(job).json()["state"] == "done")


@pytest.mark.parametrize(
    ("where", "field"),
    [("mask", "mask"), ("regions", "regions.0.mask"), ("guide", "styles.0.guide")],
)
def test_a_mask_that_is_black_all_over_is_a_422(
    visitor: httpx.Client, ask: Paint, stored: Stored, where: str, field: str
) -> None:
    black = stored(saved(flat(0, "L"), "PNG"))["id"]
    body = ask()
    if where == "mask":
        body["mask"] = black
    elif where == "regions":
        body["regions"] = [{"mask": black, "style": 0}]
    else:
        body["styles"][0]["guide"] = black
    assert "black all over" in refused(visitor.post(JOBS, json=body), 422, "empty_mask", field)


# Options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name in ("style_weight", "content_weight", "tv_weight", "style_scale")
        for value in ("NaN", "Infinity", "-Infinity", "-1", "1e9", "1e400", '"much"', "null", "[]")
    ]
    + [
        (name, value)
        for name in ("steps", "size", "seed")
        for value in ("-1", "1e20", "NaN", "1.5", '"many"', "1" + "0" * 400)
    ]
    + [("steps", "0"), ("steps", "1000000000"), ("size", "0"), ("size", "1000000"), ("optimizer", '"magic"')],
)
def test_an_option_that_cannot_be_is_named(visitor: httpx.Client, ask: Paint, name: str, value: str) -> None:
    body = httpx.Request("POST", "http://x", json=ask(**{name: 987654321})).content.decode()
    answer = visitor.post(
        JOBS, content=body.replace("987654321", value), headers={"content-type": "application/json"}
    )
    assert name.replace("_", " ") in refused(answer, 422, "invalid_request", name).lower()


def test_a_number_of_five_thousand_figures_is_a_400(visitor: httpx.Client) -> None:
    """Python does not read it, since that takes quadratic time."""
    text = '{"options": {"steps": 1%s}}' % ("0" * 5000)
    answer = visitor.post(JOBS, content=text, headers={"content-type": "application/json"})
    refused(answer, 400, "bad_request", None)


@pytest.mark.parametrize(("name", "value"), [("weight", "NaN"), ("weight", "-1"), ("weight", "Infinity")])
def test_a_styles_weight_that_cannot_be_is_named(
    visitor: httpx.Client, ask: Paint, name: str, value: str
) -> None:
    body = ask()
    body["styles"][0][name] = 987654321
    text = httpx.Request("POST", "http://x", json=body).content.decode().replace("987654321", value)
    answer = visitor.post(JOBS, content=text, headers={"content-type": "application/json"})
    refused(answer, 422, "invalid_request", "styles.0.weight")


# Other people's ids


def test_no_route_knows_another_clients_ids(
    studio: Running, visitor: httpx.Client, stored: Stored, paint: Paint
) -> None:
    """Every route of the document that has an id in its address, so that a new one is asked as well."""
    mine = my_ids(visitor, stored, paint)
    routes = [
        (method, path)
        for path, methods in visitor.get("/openapi.json").json()["paths"].items()
        for method in methods
        if "{" in path and not path.startswith(NOT_OWNED)
    ]
    assert len(routes) >= 30
    with studio.visitor() as stranger:
        for method, path in routes:
            for owned in (mine[room_of(path)], new_id(), "..", "0" * 31, "x" * 5000, "%00"):
                address = re.sub(r"{\w+_id}", owned, path).replace("{step}", "1")
                answer = stranger.request(method, address, json=BODIES.get((method, path)))
                assert answer.status_code in (404, 405) if owned == ".." else answer.status_code == 404, (
                    method,
                    address[:100],
                    answer.text[:200],
                )
                if owned == mine[room_of(path)]:
                    refused(answer, 404, "not_found", None)
    for room, owned in mine.items():  # and nothing came of it
        if room == "tokens":
            assert [token["id"] for token in visitor.get("/api/v1/tokens").json()["tokens"]] == [owned]
        else:
            assert visitor.get(f"/api/v1/{room}/{owned}").status_code == 200


NOT_OWNED = ("/api/v1/samples/",)
BODIES = {
    ("patch", "/api/v1/jobs/{job_id}"): {"options": {"style_weight": 2}},
    ("post", "/api/v1/jobs/{job_id}/continue"): {"steps": 5},
    ("post", "/api/v1/images/{image_id}/select"): {"clicks": [{"x": 0.5, "y": 0.5}]},
}


def room_of(path: str) -> str:
    """What is behind a route's address: `/api/v1/jobs/{job_id}/cancel` -> `jobs`."""
    return path.split("/")[3]


def my_ids(visitor: httpx.Client, stored: Stored, paint: Paint) -> dict[str, str]:
    image = stored()["id"]
    options = {"size": 64, "steps": 1}
    group = {"contents": [image], "styles": [{"image": image}], "options": options}
    video = visitor.post("/api/v1/videos", files={"file": ("a.mp4", small_video())}).json()["id"]
    film = {"video": video, "style": image, "options": {"size": 64}}
    return {
        "images": image,
        "jobs": paint()["id"],
        "groups": visitor.post("/api/v1/groups", json=group).json()["id"],
        "videos": video,
        "tokens": visitor.post("/api/v1/tokens", json={"name": "mine"}).json()["id"],
        "video-jobs": visitor.post("/api/v1/video-jobs", json=film).json()["id"],
    }


def test_no_request_takes_another_clients_pictures(
    studio: Running, visitor: httpx.Client, ask: Paint, stored: Stored, paint: Paint
) -> None:
    theirs, done = stored()["id"], paint()["id"]
    with studio.visitor() as stranger:
        own = [
            stranger.post("/api/v1/images", files={"file": saved(flat(c), "PNG")}).json()["id"]
            for c in ("red", "blue")
        ]
        video = stranger.post("/api/v1/videos", files={"file": small_video()}).json()["id"]
        style, options = {"image": own[1]}, {"size": 64, "steps": 1}
        good = {"content": own[0], "styles": [style], "options": options}
        for address, body, field in [
            (JOBS, good | {"content": theirs}, "content"),
            (JOBS, good | {"styles": [style, {"image": theirs}]}, "styles.1.image"),
            (JOBS, good | {"styles": [style | {"guide": theirs}]}, "styles.0.guide"),
            (JOBS, good | {"mask": theirs}, "mask"),
            (JOBS, good | {"init": theirs}, "init"),
            (JOBS, good | {"onward": done}, "onward"),
            (JOBS, good | {"regions": [{"mask": theirs, "style": 0}]}, "regions.0.mask"),
            (JOBS, good | {"changes": [{"after": 1, "mask": theirs}]}, "changes.0.mask"),
            ("/api/v1/groups", {"contents": [own[0], theirs], "styles": [style]}, "contents.1"),
            (
                "/api/v1/groups",
                {"content": theirs, "styles": [style], "vary": {"style_weight": [1]}},
                "content",
            ),
            ("/api/v1/preview", {"content": theirs, "styles": [style]}, "content"),
            ("/api/v1/preview", {"content": own[0], "styles": [{"image": theirs}]}, "styles.0.image"),
            ("/api/v1/preview/sheet", {"content": theirs}, "content"),
            ("/api/v1/video-jobs", {"video": video, "style": theirs}, "style"),
        ]:
            refused(stranger.post(address, json=body), 404, "not_found", field)
        assert stranger.get(JOBS).json()["jobs"] == []


def small_video() -> bytes:
    frames = [np.full((48, 64, 3), shade, np.uint8) for shade in (10, 200)]
    return videos.written(frames, codec="mpeg4")


# At the wrong time


def test_to_cancel_twice_is_fine_and_to_cancel_what_is_finished_is_a_409(
    visitor: httpx.Client, ask: Paint, paint: Paint
) -> None:
    job = f"{JOBS}/{visitor.post(JOBS, json=ask(steps=10_000)).json()['id']}"
    wait_until(lambda: visitor.get(job).json()["step"] > 2)
    assert [visitor.post(f"{job}/cancel").status_code for _ in range(2)] == [200, 200]
    wait_until(lambda: visitor.get(job).json()["state"] == "cancelled")
    assert visitor.get(f"{job}/result.png").status_code == 200
    finished = f"{JOBS}/{paint()['id']}"
    refused(visitor.post(f"{finished}/cancel"), 409, "already_finished", None)
    assert visitor.get(finished).json()["state"] == "done"


def test_what_is_deleted_leaves_nothing(studio: Running, visitor: httpx.Client, paint: Paint) -> None:
    before = {name for name in studio.files() if name.startswith("jobs/")}
    job = paint()
    assert any(job["id"] in name for name in studio.files())
    assert visitor.delete(f"{JOBS}/{job['id']}").status_code == 204
    assert {name for name in studio.files() if name.startswith("jobs/")} == before
