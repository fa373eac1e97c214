"""The scaled-out studio as it runs: web processes, workers, PostgreSQL and Redis, each in its own process."""

import io
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from servers import Redis, free_port
from sqlalchemy import select
from websockets.sync.client import connect

from jobs.fake_engine import picture
from jobs.site import PATIENCE, ROOT, Json, Site, is_up, now, submit, told, wait_until
from nst import images
from nst.jobs.records.leases import Leases
from nst.jobs.records.schema import jobs

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

STOP_SECONDS = 15  # as compose.yaml grants


def test_two_web_processes_and_two_workers_are_one_studio(site: Site) -> None:
    addresses = [site.start_web() for _ in range(2)]
    for _ in range(2):
        site.start_worker("jobs.hasty_worker", "0.03")
    ada = site.browser(addresses[0])
    wait_until(lambda: is_up(ada))
    wait_until(lambda: len(Leases(site.store).live()) == 2)
    wait_until(lambda: ada.get("/readyz").status_code == 200)
    bob = site.browser(addresses[1])
    wait_until(lambda: is_up(bob))

    # Started on the one, watched and steered on the other; its worker dies, another one finishes it.
    job = submit(ada, steps=150)
    ada_too = site.browser(addresses[1], ada.cookies)
    steered = killed = False
    seen: list[tuple[str, Json]] = []
    with ada_too.stream("GET", f"/api/v1/jobs/{job['id']}/events") as stream:
        assert stream.status_code == 200
        for kind, data in told(stream.iter_lines()):
            seen.append((kind, data))
            if kind == "step" and not steered:
                change = {"options": {"style_weight": 3.0}}
                assert ada_too.patch(f"/api/v1/jobs/{job['id']}", json=change).status_code == 200
                steered = True
            if kind == "change" and not killed:
                assert data["changed"] == {"style_weight": 3.0}
                victim = site.painter_of(job)
                victim.send_signal(signal.SIGKILL)
                killed = True
    states = [data["state"] for kind, data in seen if kind == "state"]
    assert states == ["queued", "running", "interrupted", "queued", "running", "done"]
    left = next(place for place, (_, data) in enumerate(seen) if data.get("state") == "interrupted")
    before, after = (
        [data["step"] for kind, data in part if kind == "step"] for part in (seen[:left], seen[left:])
    )
    assert 1 < after[0] <= before[-1] + 1, "it went on from its checkpoint"
    assert after[-1] == 150
    done = now(ada, job)
    assert (done["state"], done["options"]["style_weight"]) == ("done", 3.0)
    assert ada.get(f"/api/v1/jobs/{job['id']}/result.png").content.startswith(b"\x89PNG")

    # One worker is left. Nobody waits for all the jobs of somebody else.
    many = [submit(ada, steps=20) for _ in range(8)]
    late = submit(bob, steps=20)
    assert late["position"] <= 2
    wait_until(lambda: all(now(ada, one)["state"] == "done" for one in many))
    with site.store.read() as connection:
        begun = select(jobs.c.id).where(
            jobs.c.id.in_([one["id"] for one in [*many, late]]),
            jobs.c.started > datetime.fromisoformat(late["created"]),
        )
        begun_since = list(connection.scalars(begun.order_by(jobs.c.started)))
    assert begun_since.index(late["id"]) < 3

    # It is told to stop: its job is put back, with a checkpoint, for whoever comes next.
    last = submit(ada, steps=400)
    wait_until(lambda: now(ada, last)["step"] > 10)
    (still_there,) = [worker for worker in site.workers if worker.poll() is None]
    asked = time.monotonic()
    still_there.send_signal(signal.SIGTERM)
    assert still_there.wait(PATIENCE) == 0
    assert time.monotonic() - asked < 10
    assert now(ada, last)["state"] == "interrupted"
    wait_until(lambda: not Leases(site.store).live())  # at the latest when its lease has run out
    site.start_worker("jobs.hasty_worker", "0.0")
    wait_until(lambda: now(ada, last)["state"] == "done")
    with site.store.read() as connection:
        assert connection.scalar(select(jobs.c.crashes).where(jobs.c.id == last["id"])) == 0


def test_without_redis_jobs_are_painted_all_the_same(site: Site, redis_here: Redis) -> None:
    address = site.start_web()
    site.start_worker("jobs.hasty_worker", "0.01")
    ada = site.browser(address)
    wait_until(lambda: is_up(ada))
    wait_until(lambda: ada.get("/readyz").status_code == 200)
    redis_here.stop()
    try:
        job = submit(ada, steps=30)
        with ada.stream("GET", f"/api/v1/jobs/{job['id']}/events") as stream:
            last = list(told(stream.iter_lines()))[-1]
        assert last == ("state", {"state": "done"})
    finally:
        redis_here.start()
    job = submit(ada, steps=5)
    wait_until(lambda: now(ada, job)["state"] == "done")


def test_previews_are_a_workers_and_files_are_in_an_object_store(bucket: str, site: Site) -> None:
    site.environment |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    site.environment["NST_FILES_URL"] = f"s3://{bucket}/studio"
    addresses = [site.start_web() for _ in range(2)]
    ada = site.browser(addresses[0])
    wait_until(lambda: is_up(ada))
    ids = [ada.post("/api/v1/images", files={"file": ("a.png", picture())}).json()["id"] for _ in range(2)]
    asked = {"content": ids[0], "styles": [{"image": ids[1]}], "size": 64}
    nobody = ada.post("/api/v1/preview", json=asked)
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (503, "no_painter")

    site.start_worker("jobs.hasty_worker", "0.0")
    ada_too = site.browser(addresses[1], ada.cookies)
    wait_until(lambda: is_up(ada_too))
    wait_until(lambda: ada_too.post("/api/v1/preview", json=asked).status_code == 200)
    assert ada.post("/api/v1/preview", json=asked).content.startswith(b"\xff\xd8")
    sheet = ada.post("/api/v1/preview/sheet", json={"content": ids[0], "size": 64})
    assert sheet.content.startswith(b"\xff\xd8"), sheet.text

    job = submit(ada, steps=20)
    wait_until(lambda: now(ada_too, job)["state"] == "done")
    result = f"/api/v1/jobs/{job['id']}/result.png"
    assert ada_too.get(result).content == ada.get(result).content
    assert list((site.folder / "data").glob("jobs/*")) == []


def test_a_camera_is_painted_by_a_worker(site: Site) -> None:
    address = site.start_web()
    site.start_worker("jobs.hasty_worker", "0.0")
    ada = site.browser(address)
    wait_until(lambda: is_up(ada))
    wait_until(lambda: ada.get("/readyz").status_code == 200)
    assert "Camera" in ada.get("/camera").text
    red = ada.post("/api/v1/images", files={"file": ("a.png", picture(colour=(200, 0, 0)))}).json()["id"]
    who = {"Cookie": f"nst_client={ada.cookies['nst_client']}"}
    with connect(f"ws{address[4:]}/api/v1/camera", origin=address, additional_headers=who) as camera:
        camera.send(json.dumps({"styles": [{"image": red}]}))
        for size in ((64, 48), (48, 64), (384, 216)):
            camera.send(images.encode_jpeg(np.full((*size[::-1], 3), 100, np.uint8)))
            answer = camera.recv(PATIENCE)
            assert isinstance(answer, bytes), answer
            pixels = images.load(io.BytesIO(answer))
            assert pixels.shape[1::-1] == size
            assert pixels.reshape(-1, 3).mean(0) == pytest.approx((200, 0, 0), abs=4)


def test_a_web_process_does_without_what_only_workers_need(site: Site) -> None:
    visit = """
import sys, app
from fastapi.testclient import TestClient
with TestClient(app.server) as browser:
    for path in ("/", "/api/v1/jobs", "/api/v1/samples", "/camera"):
        browser.get(path).raise_for_status()
    browser.get("/readyz")
print([name for name in ("tensorflow", "keras", "s3fs", "av", "cv2") if name in sys.modules])
"""
    child = subprocess.run(
        [sys.executable, "-c", visit],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (child.returncode, child.stdout.strip()) == (0, "[]"), child.stderr


def test_whoever_runs_it_sees_every_worker(site: Site) -> None:
    site.environment["NST_ADMIN_PASSWORD"] = "correct horse battery"
    address = site.start_web()
    ports = [free_port(), free_port()]
    for port in ports:
        site.environment["NST_WORKER_METRICS_PORT"] = str(port)
        site.start_worker("jobs.hasty_worker", "0.02")
    ada = site.browser(address)
    wait_until(lambda: is_up(ada))
    ada.post("/api/v1/images", files={"file": ("a.png", picture())}).raise_for_status()
    state = lambda: ada.get("/admin/state", auth=("", "correct horse battery")).json()  # noqa: E731
    wait_until(lambda: sum(worker["ready"] for worker in state()["workers"]) == 2)
    job = submit(ada, steps=5000)
    wait_until(lambda: now(ada, job)["step"] > 2)
    seen = state()
    painter = site.painter_of(job)
    assert (seen["wrong"], seen["loading"]) == ({}, False)
    assert sorted(worker["job"] or "" for worker in seen["workers"]) == ["", job["id"]]
    (busy,) = [worker for worker in seen["workers"] if worker["job"]]
    assert str(painter.pid) in busy["name"].split("-")
    assert {worker["machine"] for worker in seen["workers"]} == {platform.node()}
    assert seen["disk"]["used"] > 0
    page = ada.get("/admin", auth=("", "correct horse battery")).text
    assert all(worker["name"] in page for worker in seen["workers"])

    def figures(of: str) -> dict[str, float]:
        text = httpx.get(f"{of}/metrics").text
        families = text_string_to_metric_families(text)
        return {s.name + "".join(s.labels.values()): s.value for family in families for s in family.samples}

    studio = figures(address)
    told = [studio[f"pentimento_workers{what}"] for what in ("", "_ready", "_painting", "_failing")]
    assert told == [2, 2, 1, 0]
    assert studio["pentimento_data_bytes"] > 0
    assert ada.post(f"/api/v1/jobs/{job['id']}/cancel").status_code == 200
    wait_until(lambda: now(ada, job)["state"] == "cancelled")
    done = "pentimento_jobs_totalpicturecancelled"
    wait_until(lambda: sum(figures(f"http://127.0.0.1:{port}").get(done, 0) for port in ports) == 1)


@pytest.mark.parametrize(
    ("lose", "find"), [(Redis.stop, Redis.start), (Redis.freeze, Redis.thaw)], ids=["gone", "silent"]
)
def test_a_worker_told_to_stop_while_redis_is_away_puts_its_job_back(
    site: Site, redis_here: Redis, lose: Callable[[Redis], None], find: Callable[[Redis], None]
) -> None:
    address = site.start_web()
    site.start_worker("jobs.hasty_worker", "0.03")
    ada = site.browser(address)
    wait_until(lambda: is_up(ada))
    wait_until(lambda: ada.get("/readyz").status_code == 200)
    job = submit(ada, steps=400)
    wait_until(lambda: now(ada, job)["step"] > 5)
    lose(redis_here)
    try:
        after = submit(ada, steps=5)  # nobody waits for Redis
        before = now(ada, job)["step"]
        wait_until(lambda: now(ada, job)["step"] > before + 50)  # it goes on, and has noticed
        (worker,) = site.workers
        worker.send_signal(signal.SIGTERM)
        worker.wait(STOP_SECONDS)
        assert now(ada, job)["state"] == "interrupted"
        assert Leases(site.store).live() == []
    finally:
        find(redis_here)
    site.start_worker("jobs.hasty_worker", "0.0")
    wait_until(lambda: now(ada, job)["state"] == "done")
    with site.store.read() as connection:
        assert connection.scalar(select(jobs.c.crashes).where(jobs.c.id == job["id"])) == 0
    steps = [
        event.data["step"] for event in site.store.log(job["id"], 0, 1000).events if event.kind == "step"
    ]
    assert steps == sorted(set(steps)), "no step was painted twice"
    wait_until(lambda: now(ada, after)["state"] == "done")
