"""The scaled-out studio with nothing faked: TensorFlow in its workers, and its files in an object store."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import videos
from skimage import data

from jobs.site import ROOT, Site, is_up, now, told, wait_until
from nst import images
from nst.video.clip import probe

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


def test_a_painting_outlives_its_worker_and_is_the_same_everywhere(
    bucket: str, site: Site, vgg19_file: Path, tmp_path: Path
) -> None:
    site.environment |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    site.environment["NST_FILES_URL"] = f"s3://{bucket}/studio"
    migrate = [sys.executable, "-m", "nst", "migrate"]
    subprocess.run(migrate, cwd=ROOT, env=site.environment, check=True, stdout=subprocess.DEVNULL)
    for _ in range(2):
        site.start_worker("jobs.hasty_worker")
    addresses = [site.start_web() for _ in range(2)]
    here = site.browser(addresses[0])
    wait_until(lambda: is_up(here))
    photo, style = (upload(here, picture) for picture in (data.chelsea(), data.coffee()))
    there = site.browser(addresses[1], here.cookies)
    wait_until(lambda: is_up(there))

    asked = {"content": photo, "styles": [{"image": style}], "options": {"size": 128, "steps": 150}}
    job = here.post("/api/v1/jobs", json=asked).json()
    address = f"/api/v1/jobs/{job['id']}"
    steered = killed = False
    steps, states, left = [], [], 0
    with there.stream("GET", f"{address}/events") as stream:
        for kind, said in told(stream.iter_lines()):
            if kind == "state":
                states.append(said["state"])
                left = len(steps) if said["state"] == "interrupted" else left
            if kind == "step":
                steps.append(said["step"])
            if kind == "step" and said["step"] > 5 and not steered:
                change = {"options": {"style_weight": 3.0}}
                assert there.patch(address, json=change).status_code == 200
                steered = True
            if kind == "step" and said["step"] > 20 and not killed:
                site.painter_of(job).send_signal(signal.SIGKILL)
                killed = True
    assert states == ["queued", "running", "interrupted", "queued", "running", "done"]
    assert 1 < steps[left] <= steps[left - 1] + 1, "it went on from its checkpoint"
    assert now(there, job)["options"]["style_weight"] == 3.0
    painted = there.get(f"{address}/result.png").content
    assert painted == here.get(f"{address}/result.png").content
    assert max(images.decode(painted).pixels.shape) == 128

    look = {"content": photo, "styles": [{"image": style}], "size": 128}
    previews = [browser.post("/api/v1/preview", json=look) for browser in (here, there)]
    assert [preview.status_code for preview in previews] == [200, 200]

    clip = videos.written(videos.moving(4), codec="mpeg4")
    video = here.post("/api/v1/videos", files={"file": ("clip.mp4", clip)}).json()["id"]
    moving = there.post("/api/v1/video-jobs", json={"video": video, "style": style}).json()
    film = f"/api/v1/video-jobs/{moving['id']}"
    wait_until(lambda: here.get(film).json()["state"] in ("done", "failed"))
    result = tmp_path / "painted.mp4"
    result.write_bytes(here.get(here.get(film).json()["result"]).content)
    assert probe(result).frames == 4


def upload(browser: httpx.Client, pixels: object) -> str:
    """The id of a picture, made small enough to be quick."""
    small = images.encode_png(images.resize(pixels, (192, 128)))
    return str(browser.post("/api/v1/images", files={"file": ("a.png", small)}).json()["id"])
