"""`python -m nst stylize --server URL`: the same painting, painted by a studio elsewhere."""

import io
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from nst import images
from nst.arguments import INTERRUPTED, complain
from nst.errors import Refusal
from nst.frames import Frames
from nst.images import Pixels
from nst.options import Options

TOKEN = "NST_TOKEN"  # the environment variable
PATIENCE = 120.0  # seconds that a studio may be away before it is given up
_ANSWER_SECONDS = 60.0
_SILENCE_SECONDS = 45.0  # of a stream; in three times less a studio says that it is still there
_TEMPORARY = (502, 503, 504)
FAILED = 1
FRAME_SIDE = 768  # pixels of the long side, at most, as studios send them while they paint


@dataclass(frozen=True)
class Order:
    """What is to be painted. `masks` are none, one, or one a style, (H, W) uint8."""

    content: Path
    styles: Sequence[Path]
    options: Options
    blend: Sequence[float]
    masks: Sequence[Pixels]
    init: Path | None


@dataclass(frozen=True)
class Step:
    """A step, as the studio's event tells it."""

    index: int
    steps: int
    scale: int
    width: int
    height: int
    seconds: float
    seconds_left: float | None
    losses: dict[str, float]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Step":
        return cls(data["step"], **{name: data[name] for name in cls.__dataclass_fields__ if name != "index"})


class Trouble(Exception):
    """The studio cannot do it, through no fault of what was asked: a sentence."""


def paint(
    server: str,
    token: str | None,
    order: Order,
    output: Path,
    show: Callable[[Step], None],
    frames: Frames | None = None,
) -> int:
    """Have it painted, and write the result; the exit status. Ctrl-C stops the painting and keeps it.

    `frames` are given the pictures that the studio shows on the way: a few a second, long side at most
    `FRAME_SIDE`. The last one is the result, at that size.

    Without a token, what was sent and painted is deleted there in the end: nobody could see it any more.

    Raises:
        Refusal: about a flag or a file that the studio does not take.
    """
    studio = _Studio(server, token if token is not None else os.environ.get(TOKEN))
    try:
        with frames or nullcontext():
            return _painted(studio, order, output, _Watch(studio, show, frames))
    except Trouble as trouble:
        complain(f"{server}: {trouble}")
        return FAILED
    finally:
        if not studio.has_token:
            studio.tidy()


def _painted(studio: "_Studio", order: Order, output: Path, watch: "_Watch") -> int:
    spec, key = _spec(studio, order), secrets.token_hex(16)
    stopped = False

    def start() -> str:
        return str(studio.change("/jobs", spec, {"Idempotency-Key": key})["id"])

    try:
        job = start()
        watch.follow(job)
    except KeyboardInterrupt:
        stopped = True
        job = start()  # with its key it is the same one, also where the first answer was not heard
        with suppress(Refusal):  # finished in this moment
            studio.change(f"/jobs/{job}/cancel")
        watch.follow(job)
    told = studio.told(f"/jobs/{job}")
    if told["result"] is None:
        if stopped:
            raise KeyboardInterrupt
        raise Trouble(told["error"] or "The painting was stopped before there was a picture of it.")
    result = studio.fetched(f"/jobs/{job}/result.png")
    images.write(output, result)
    if told["state"] == "failed":
        raise Trouble(f"{told['error']} The picture so far is in {output}.")
    if told["state"] == "cancelled":
        complain(f"stopped at step {told['step']} of {told['steps']}; the picture so far is in {output}")
        return INTERRUPTED
    watch.end(told["steps"], result)
    return 0


def _spec(studio: "_Studio", order: Order) -> dict[str, Any]:
    """What is asked of the studio, once it has the pictures."""
    content = studio.keep(order.content.read_bytes(), "CONTENT")
    styles = [studio.keep(path.read_bytes(), "STYLE") for path in order.styles]
    masks = [studio.keep(images.encode_png(mask), "--mask") for mask in order.masks]
    largest = max(order.blend)
    spec: dict[str, Any] = {
        "content": content,
        "styles": [
            {"image": style, "weight": weight / largest}
            for style, weight in zip(styles, order.blend, strict=True)
        ],
        "options": order.options.model_dump(mode="json"),
    }
    if len(masks) == 1:
        spec["mask"] = masks[0]
    elif masks:
        spec["regions"] = [{"mask": mask, "style": style} for style, mask in enumerate(masks)]
    if order.init is not None:
        spec["init"] = studio.keep(order.init.read_bytes(), "--init")
    return spec


class _Watch:
    """What is seen of a painting while it is painted: every step, and some of its pictures."""

    def __init__(self, studio: "_Studio", show: Callable[[Step], None], frames: Frames | None) -> None:
        self._studio = studio
        self._show = show
        self._frames = frames

    def follow(self, job: str) -> None:
        """Until it is finished, one way or another."""
        step = 0
        for kind, data in self._studio.events(f"/jobs/{job}/events"):
            if kind == "step":
                step = data["step"]
                self._show(Step.of(data))
            elif kind == "preview" and self._frames is not None and self._frames.is_due(step):
                self._keep(self._frames, f"/jobs/{job}/preview.jpg?seq={data['seq']}", step)

    def end(self, steps: int, result: bytes) -> None:
        """Keep the last picture."""

        def small() -> Pixels:
            pixels = _pixels(result)
            height, width = pixels.shape[:2]
            size = images.fitted(width, height, min(max(width, height), FRAME_SIDE))
            return images.resize(pixels, size)

        if self._frames is not None:
            self._frames.save(steps, small)

    def _keep(self, frames: Frames, path: str, step: int) -> None:
        """Keep the newest picture, which may be of a later step than the one heard of: it knows."""
        with suppress(Trouble):  # one that cannot be had is no reason to stop
            data = self._studio.fetched(path)
            pixels = _pixels(data)
            told = images.jpeg_comment(data)
            frames.save(int(told) if told.isdecimal() and len(told) < 7 else step, lambda: pixels)


class _Studio:
    """A studio's API. Where it is away for a moment, it is asked again."""

    def __init__(self, server: str, token: str | None) -> None:
        if urlsplit(server).scheme not in ("http", "https") or not urlsplit(server).netloc:
            raise Refusal(
                "bad_usage", f"{server} is not an address such as https://paint.example.", "--server"
            )
        self._api = f"{server.rstrip('/')}/api/v1"
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._kept: list[str] = []
        self.has_token = bool(token)

    def keep(self, data: bytes, field: str) -> str:
        """The id of a picture that is sent."""
        try:
            answer = self._asked("POST", "/images", files={"file": ("picture", data)})
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.message, field) from refusal
        self._kept.append(f"/images/{answer.json()['id']}")
        return str(answer.json()["id"])

    def change(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._asked("POST", path, json=body, headers=headers).json()
        if path == "/jobs" and (kept := f"/jobs/{answer['id']}") not in self._kept:
            self._kept.append(kept)
        return answer

    def told(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._asked("GET", path).json()
        return answer

    def fetched(self, path: str) -> bytes:
        return self._asked("GET", path).content

    def tidy(self) -> None:
        """Delete what was sent and made, the last first, as far as that can be done now."""
        for path in reversed(self._kept):
            with suppress(requests.RequestException):
                self._session.delete(self._api + path, timeout=5)

    def events(self, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Kinds and data until there will be no more; where the stream breaks off, it goes on from there."""
        number, deadline = "0", time.monotonic() + PATIENCE
        while True:
            headers = {"Last-Event-ID": number}
            with (
                suppress(requests.RequestException),  # broken off: asked again, from the last one heard
                self._asked("GET", path, headers=headers, stream=True) as answer,
            ):
                if answer.status_code == 204:
                    return
                for heard, kind, data in _parsed(answer):
                    number, deadline = heard, time.monotonic() + PATIENCE
                    yield kind, data
            if time.monotonic() > deadline:
                raise Trouble("It does not answer any more. The painting may go on there.")
            time.sleep(0.2)

    def _asked(self, method: str, path: str, *, stream: bool = False, **request: Any) -> requests.Response:
        """The answer, once there is one. Raises `Refusal`, or `Trouble`."""
        deadline, pause = time.monotonic() + PATIENCE, 0.5
        seconds = _SILENCE_SECONDS if stream else _ANSWER_SECONDS
        while True:
            try:
                answer = self._session.request(
                    method, self._api + path, timeout=(10, seconds), stream=stream, **request
                )
            except requests.ConnectionError as error:
                trouble = Trouble("Nothing answers there.")
                if not self._kept:  # not even once: it is not there
                    raise trouble from error
            except requests.Timeout:
                trouble = Trouble("It does not answer in time.")
            except requests.RequestException as error:
                raise Trouble(f"It cannot be asked ({type(error).__name__}).") from error
            else:
                if answer.ok:
                    return answer
                problem = _problem(answer)
                trouble = Trouble(problem["message"])
                if answer.status_code not in _TEMPORARY and problem["code"] != "too_many_requests":
                    _refuse(answer)
            if time.monotonic() + pause > deadline:
                raise trouble
            time.sleep(pause)
            pause = min(2 * pause, 10)


def _pixels(data: bytes) -> Pixels:
    try:
        return images.load(io.BytesIO(data))
    except Exception as error:  # Pillow's parsers raise a dozen kinds
        raise Trouble("What it sent is not a picture.") from error


class _Bearer(AuthBase):
    """The token, whatever a .netrc has to say."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _parsed(answer: requests.Response) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Numbers, kinds and data of whole events."""
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.decode().partition(": ")
            event[name] = value
            continue
        if {"id", "event", "data"} <= event.keys():
            yield event["id"], event["event"], json.loads(event["data"])
        event = {}


def _problem(answer: requests.Response) -> dict[str, Any]:
    """The studio's own words; or that these are none."""
    try:
        problem: dict[str, Any] = answer.json()["error"]
        return {"code": str(problem["code"]), "message": str(problem["message"]), "field": problem["field"]}
    except (ValueError, KeyError, TypeError):
        message = f"What answers there ({answer.status_code}) is no studio."
        return {"code": "no_studio", "message": message, "field": None}


def _refuse(answer: requests.Response) -> None:
    """Raise what the answer says: about a flag or a file, or about the studio."""
    problem = _problem(answer)
    code, message, field = problem["code"], problem["message"], str(problem["field"] or "")
    if code == "bad_token":
        raise Refusal(code, f"{message} Give it with --token, or in {TOKEN}.", "--token")
    if answer.status_code in (413, 415, 422):
        option = field if field in Options.model_fields else ""
        flags = {
            "content": "CONTENT",
            "styles": "STYLE",
            "mask": "--mask",
            "regions": "--mask",
            "init": "--init",
        }
        flag = f"--{option.replace('_', '-')}" if option else flags.get(field.partition(".")[0])
        raise Refusal(code, message, flag)
    raise Trouble(message)
