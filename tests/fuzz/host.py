"""A studio on a real socket, in this process, for those who say strange things to it over the network."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import videos
from api.conftest import serving
from jobs.fake_engine import FakeEngine, picture, wait_until
from jobs.fake_networks import FakeNetworks
from video.painters import Negative

from nst.api import create_api
from nst.jobs.studio import Studio
from nst.settings import settings

MANY = "1000000"


@dataclass
class Host:
    """`known` are ids of what is there, by the names of parameters and fields that take them."""

    browser: httpx.Client
    faults: list[str]
    known: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, int]:
        url = self.browser.base_url
        return url.host, url.port or 80

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())

    def is_well(self) -> None:
        """Raise where the studio has stumbled since."""
        if self.faults:
            print(self.faults[0])
            raise AssertionError(self.faults[0].splitlines()[-1])


@contextmanager
def hosted() -> Iterator[Host]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NST_DATA_DIR", folder)
        for kind in ("REQUESTS", "UPLOADS", "JOBS", "PREVIEWS"):
            patch.setenv(f"NST_{kind}_PER_MINUTE", MANY)
        settings.cache_clear()
        engine = FakeEngine()
        studio = Studio(
            settings(),
            engine.load,
            video_painter=lambda styles, options: Negative(),
            networks=FakeNetworks().load,
        )
        with _overheard() as faults, serving(create_api(studio)) as (browser, _):
            host = Host(browser, faults)
            _furnish(host, Path(folder))
            yield host
            engine.let_go()
    settings.cache_clear()


def _furnish(host: Host, folder: Path) -> None:
    """Something of each kind."""

    def made(path: str, **request: object) -> str:
        answer = host.browser.post(f"/api/v1{path}", **request)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    clip = videos.write(folder / "clip.mp4", videos.moving(4), codec="mpeg4").read_bytes()
    image = made("/images", files={"file": picture()})
    host.known.update(
        dict.fromkeys(("content", "image", "style", "mask", "init", "guide", "image_id"), image)
    )
    host.known["video"] = host.known["video_id"] = made("/videos", files={"file": clip})
    spec = {"styles": [{"image": image}], "options": {"size": 64, "steps": 3}}
    host.known["job_id"] = made("/jobs", json=spec | {"content": image})
    host.known["group_id"] = made("/groups", json=spec | {"contents": [image]})
    host.known["video_job_id"] = made("/video-jobs", json={"video": host.known["video"], "style": image})
    host.known["name"] = "chelsea"
    wait_until(lambda: host.browser.get(f"/api/v1/jobs/{host.known['job_id']}").json()["state"] == "done")


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What the server complains of meanwhile: errors, which no visitor may bring about."""
    faults: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name != "websockets.client":
                faults.append(self.format(record))

    listener = Listener(logging.ERROR)
    logging.getLogger().addHandler(listener)
    try:
        yield faults
    finally:
        logging.getLogger().removeHandler(listener)
