"""What /openapi.json says is what the API does: schemathesis asks a real server process all it can think of.

No guess hits the name of a picture or a job: real ones are put in the place of most guesses. For longer, by
hand: `make contract`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import videos
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from jobs.fake_engine import PATIENCE, picture, wait_until
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from .host import hosted

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "4"))
CHECKS = [
    checks.not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]
SMALL = {"size": 96, "steps": 12}  # so that what is asked for is painted in a moment

real: dict[str, str] = {}  # names of what is there, by the parameters and fields that take them


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return videos.write(path, videos.moving(4), codec="mpeg4").read_bytes()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("studio")
    with hosted(folder) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=PATIENCE) as client:
        yield client


def prepare(studio: httpx.Client, clip: bytes) -> None:
    """See that what may be asked for is there: the operation before may have deleted it."""

    def there(path: str, known: str, **request: Any) -> str:
        name = real.get(known)
        if name and studio.get(f"{path}/{name}{'/info' if known == 'image_id' else ''}").is_success:
            return name
        answer = studio.post(path, **request)
        assert answer.is_success, answer.text
        real[known] = str(answer.json()["id"])
        if path.endswith("jobs"):
            wait_until(lambda: studio.get(f"{path}/{real[known]}").json()["state"] == "done")
        return real[known]

    for path in ("/jobs", "/video-jobs"):  # what was asked for at random need not be painted
        for job in studio.get(path, params={"limit": 100}).json()["jobs"]:
            if job["finished"] is None:
                studio.delete(f"{path}/{job['id']}")
    image = there("/images", "image_id", files={"file": picture()})
    real.update(dict.fromkeys(("content", "image", "style", "mask", "init", "guide"), image))
    real["video"] = there("/videos", "video_id", files={"file": clip})
    spec = {"styles": [{"image": image}], "options": SMALL}
    real["onward"] = there("/jobs", "job_id", json=spec | {"content": image})
    there("/groups", "group_id", json=spec | {"contents": [image]})
    there(
        "/video-jobs", "video_job_id", json={"video": real["video"], "style": image, "options": {"size": 64}}
    )
    for token in studio.get("/tokens").json()["tokens"]:
        studio.delete(f"/tokens/{token['id']}")
    real["token_id"] = studio.post("/tokens", json={"name": "contract"}).json()["id"]
    real.update(name="chelsea", step=str(SMALL["steps"]))


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any]) -> dict[str, Any]:
    is_video = context.operation is not None and "video-jobs" in context.operation.path
    return {
        name: real["video_job_id" if is_video else name] if is_replaced(value) and name in real else value
        for name, value in (path_parameters or {}).items()
    }


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    return with_real_names(body)


def with_real_names(value: Any, field: str = "") -> Any:
    if isinstance(value, dict):
        return {name: with_real_names(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [with_real_names(one, {"contents": "content"}.get(field, field)) for one in value]
    if field in SMALL and isinstance(value, int):
        return min(value, SMALL[field])
    return real[field] if isinstance(value, str) and field in real and is_replaced(value) else value


def is_replaced(value: object) -> bool:
    return sum(repr(value).encode()) % 4 > 0


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_documented(studio: httpx.Client, clip: bytes, mode: GenerationMode) -> None:
    """One test for all, as what there is to ask is read from the server."""
    schema = schemathesis.openapi.from_url(str(studio.base_url.join("/openapi.json")))
    found = []
    for operation in (result.ok() for result in schema.get_all_operations()):
        prepare(studio, clip)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, cookies=dict(studio.cookies))

        try:
            ask()
        except Unsatisfiable:  # nothing that it takes could be wrong
            continue
        except (Exception, FailureGroup) as error:
            found.append(f"{operation.label}: {error}")
    for one in found:
        print(one)
    assert not found, f"{len(found)} operations are not as they are told"
