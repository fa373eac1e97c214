"""What goes wrong in the studio itself, as those see it who are waiting; through a real server."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from jobs.fake_engine import wait_until
from pictures import flat, saved

from nst.images import read_settings
from nst.jobs.troubles import NO_MEMORY as NO_MEMORY_WORDS

from .conftest import Json, Running, running
from .studio_process import FAILS_AT, NO_MEMORY, NOT_FINITE, NOT_FINITE_WORDS

Paint = Callable[..., Json]
LEFT_OVER = ("checkpoint", "last.npz", ".part")


@pytest.mark.parametrize(("seed", "words"), [(NOT_FINITE, NOT_FINITE_WORDS), (NO_MEMORY, NO_MEMORY_WORDS)])
def test_a_run_that_fails_keeps_its_last_picture_and_says_why(
    studio: Running, visitor: httpx.Client, paint: Paint, seed: int, words: str
) -> None:
    job = paint(seed=seed)
    assert (job["state"], job["error"], job["step"]) == ("failed", words, FAILS_AT - 1)
    result = visitor.get(job["result"])
    assert read_settings(result.content)["steps_done"] == FAILS_AT - 1
    told = visitor.get(f"/api/v1/jobs/{job['id']}/events").text
    assert words in told
    assert "NaN" not in told
    left = job["id"]
    wait_until(lambda: not [name for name in studio.files() if left in name and name.endswith(LEFT_OVER)])
    assert paint()["state"] == "done"  # the next one is painted as if nothing had been
    assert visitor.get("/readyz").status_code == 200


def test_without_weights_the_studio_says_so(tmp_path: Path) -> None:
    empty = str(tmp_path / "cache")
    with running(tmp_path / "data", "weightless", cache_dir=empty) as studio, studio.visitor() as visitor:

        def ready() -> httpx.Response:
            return visitor.get("/readyz")

        wait_until(lambda: ready().json()["checks"]["engine"] != "loading")
        assert ready().status_code == 503
        assert "weights" in ready().json()["checks"]["engine"]
        images = [
            visitor.post("/api/v1/images", files={"file": saved(flat(colour), "PNG")}).json()["id"]
            for colour in ("red", "blue")
        ]
        asked = {"content": images[0], "styles": [{"image": images[1]}], "options": {"size": 64, "steps": 2}}
        job = f"/api/v1/jobs/{visitor.post('/api/v1/jobs', json=asked).json()['id']}"
        wait_until(lambda: visitor.get(job).json()["state"] == "failed")
        assert "weights" in visitor.get(job).json()["error"]
        assert not [name for name in studio.files() if name.startswith("jobs/")]
