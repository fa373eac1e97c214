"""Videos over HTTP: put one in, have it painted, follow it, and get it whole or in parts."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Semaphore

import pytest
import videos
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jobs.fake_engine import FakeEngine, picture, wait_until
from video.painters import Negative

from nst.api import create_api, uploads
from nst.jobs.painters import video_painting
from nst.jobs.studio import Studio
from nst.settings import settings
from nst.video.clip import probe

from .conftest import Json, listening, problem


@pytest.fixture
def server(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setattr(video_painting, "TELL_SECONDS", 0)
    return create_api(Studio(settings(), engine.load, video_painter=lambda styles, options: Negative()))


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    path = videos.write(tmp_path / "clip.mp4", videos.moving(10), codec="mpeg4", sound="aac")
    return path.read_bytes()


@pytest.fixture
def upload_video(client: TestClient, clip: bytes) -> Callable[..., Json]:
    def upload_one(by: TestClient = client) -> Json:
        answer = by.post("/api/v1/videos", files={"file": ("holiday.mp4", clip)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return upload_one


@pytest.fixture
def paint(
    client: TestClient, upload: Callable[..., Json], upload_video: Callable[..., Json]
) -> Callable[..., Json]:
    """A job that was just asked for."""

    def paint_one(**options: object) -> Json:
        body = {"video": upload_video()["id"], "style": upload()["id"], "options": options}
        answer = client.post("/api/v1/video-jobs", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()

    return paint_one


def finished(client: TestClient, job: Json) -> Json:
    def now() -> Json:
        return client.get(f"/api/v1/video-jobs/{job['id']}").json()

    wait_until(lambda: now()["finished"])
    return now()


def test_a_video_goes_in_is_painted_and_comes_out(client, paint, upload_video, tmp_path) -> None:
    job = paint(size=64)
    assert (job["step"], job["steps"], job["result"], job["options"]["size"]) == (0, 10, None, 64)
    done = finished(client, job)
    assert (done["state"], done["step"], done["seconds_left"], done["error"]) == ("done", 10, 0, None)
    assert (done["width"], done["height"]) == (64, 48)
    answer = client.get(done["result"])
    assert answer.headers["content-type"] == "video/mp4"
    (tmp_path / "out.mp4").write_bytes(answer.content)
    result = probe(tmp_path / "out.mp4")
    assert (result.frames, result.has_sound) == (10, True)
    assert client.get(done["preview"]).content[:2] == b"\xff\xd8"
    saved = client.get(done["result"], params={"download": True})
    assert saved.headers["content-disposition"].startswith("attachment")


def test_a_player_gets_the_part_that_it_asks_for(client, paint) -> None:
    url = finished(client, paint())["result"]
    whole = client.get(url).content
    part = client.get(url, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole[100:200]


def test_what_is_known_of_an_upload(client, stranger, upload_video) -> None:
    video = upload_video()
    assert video | {"id": "", "created": ""} == {
        "id": "",
        "kind": "mp4",
        "width": 64,
        "height": 48,
        "frames": 10,
        "seconds": pytest.approx(0.4, abs=0.01),
        "rate": pytest.approx(25, abs=0.5),
        "has_sound": True,
        "created": "",
    }
    url = f"/api/v1/videos/{video['id']}"
    assert client.get(url).json() == video
    assert client.get("/api/v1/videos").json() == {"videos": [video], "next": None}
    assert problem(stranger.get(url))["code"] == "not_found"
    assert problem(stranger.delete(url))["code"] == "not_found"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (b"nothing of the kind", 415, "not_a_video"),
        (picture(), 415, "not_a_video"),
        (None, 422, "truncated_video"),
    ],
)
def test_what_is_no_video_is_refused(client, clip, data, status, code) -> None:
    answer = client.post("/api/v1/videos", files={"file": ("a.mp4", clip[:900] if data is None else data)})
    assert answer.status_code == status
    assert problem(answer) | {"message": ""} == {"code": code, "message": "", "field": "file"}


def test_a_picture_is_still_asked_for_where_pictures_go(client, clip) -> None:
    answer = client.post("/api/v1/images", files={"file": ("a.mp4", clip)})
    assert answer.status_code == 415


def test_a_video_beyond_the_limit_is_refused_unread(clip, engine, monkeypatch) -> None:
    monkeypatch.setenv("NST_MAX_VIDEO_BYTES", "1000")
    settings.cache_clear()
    server = create_api(Studio(settings(), engine.load))
    with TestClient(server) as client:
        for data in (clip, bytes(200_000)):
            answer = client.post("/api/v1/videos", files={"file": ("a.mp4", data)})
            assert answer.status_code == 413
            assert problem(answer)["code"] == "file_too_large"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"video": "0" * 32}, "video"),
        ({"style": "nobody's"}, "style"),
        ({"options": {"size": 1}}, "size"),
        ({"options": {"quality": "best"}}, "quality"),
        ({"options": {"colour": 1}}, "colour"),
        ({"speed": 2}, "speed"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_field(client, upload, upload_video, change, field) -> None:
    body = {"video": upload_video()["id"], "style": upload()["id"]} | change
    assert problem(client.post("/api/v1/video-jobs", json=body))["field"] == field


def test_one_can_be_paused_resumed_given_up_and_forgotten(client, server, paint, monkeypatch) -> None:
    server.state.studio._worker._video_painter = lambda styles, options: Negative(1, held.wait_for)
    held = Held()
    job = paint()
    url = f"/api/v1/video-jobs/{job['id']}"
    wait_until(lambda: client.get(url).json()["state"] == "running")
    assert client.post(f"{url}/pause").json()["asked"] == "pause"
    held.let_go(1)
    wait_until(lambda: client.get(url).json()["state"] == "paused")
    assert client.post(f"{url}/resume").json()["state"] in ("queued", "running")
    client.post(f"{url}/cancel")
    held.let_go(20)
    assert finished(client, job)["state"] == "cancelled"
    assert problem(client.post(f"{url}/pause"))["code"] == "already_finished"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


class Held:
    def __init__(self) -> None:
        self._allowed = Semaphore(0)

    def let_go(self, count: int) -> None:
        self._allowed.release(count)

    def wait_for(self, number: int) -> None:
        self._allowed.acquire(timeout=20)


def test_the_list_is_mine_alone_and_has_pages(client, stranger, paint) -> None:
    jobs = [finished(client, paint())["id"] for _ in range(2)]
    page = client.get("/api/v1/video-jobs", params={"limit": 1}).json()
    rest = client.get("/api/v1/video-jobs", params={"before": page["next"]}).json()
    assert [job["id"] for job in page["jobs"] + rest["jobs"]] == jobs[::-1]
    assert rest["next"] is None
    assert stranger.get("/api/v1/video-jobs").json() == {"jobs": [], "next": None}
    assert client.get("/api/v1/jobs").json()["jobs"] == []


def test_events_tell_every_frame_and_end(server, clip) -> None:
    with listening(server) as browser:
        video = browser.post("/api/v1/videos", files={"file": ("a.mp4", clip)}).json()["id"]
        style = browser.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"]
        job = browser.post("/api/v1/video-jobs", json={"video": video, "style": style}).json()
        url = f"/api/v1/video-jobs/{job['id']}/events"
        text = browser.get(url).text
        told = [
            dict(line.split(": ", 1) for line in part.splitlines()) for part in text.strip().split("\n\n")
        ]
        numbers = [int(one["id"]) for one in told]
        assert numbers == sorted(set(numbers))
        frames = [json.loads(one["data"]) for one in told if one["event"] == "step"]
        assert [frame["step"] for frame in frames] == list(range(1, 11))
        assert json.loads(told[-1]["data"]) == {"state": "done"}
        assert browser.get(url, headers={"Last-Event-ID": str(numbers[-1])}).status_code == 204


def test_the_schema_tells_of_videos(client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path in ("/videos", "/videos/{video_id}", "/video-jobs", "/video-jobs/{job_id}/events"):
        assert f"/api/v1{path}" in paths
    assert "multipart/form-data" in paths["/api/v1/videos"]["post"]["requestBody"]["content"]


def test_uploads_wait_on_the_disk_of_the_studio(client, clip, monkeypatch) -> None:
    places = []
    real = uploads.SpooledTemporaryFile
    monkeypatch.setattr(
        uploads, "SpooledTemporaryFile", lambda **how: places.append(how["dir"]) or real(**how)
    )
    client.post("/api/v1/videos", files={"file": ("a.mp4", clip)})
    assert places == [settings().data_dir]


def test_a_video_asked_for_again_with_its_key_is_the_same(
    client: TestClient, upload: Callable[..., Json], upload_video: Callable[..., Json]
) -> None:
    body = {"video": upload_video()["id"], "style": upload()["id"]}
    key = {"Idempotency-Key": "first"}
    answers = [client.post("/api/v1/video-jobs", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert len(client.get("/api/v1/video-jobs").json()["jobs"]) == 1
