"""A studio elsewhere, asked over HTTP."""

import json
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from nst.errors import Refusal
from nst.options import Options

TOKEN = "NST_TOKEN"  # the environment variable
PATIENCE = 120.0  # seconds that a studio may be away before it is given up
_LEAST_TRIES = 3  # a large picture on a slow line may break off after more than that
_ANSWER_SECONDS = 60.0
_SILENCE_SECONDS = 45.0  # of a stream; in three times less a studio says that it is still there
_TEMPORARY = (502, 503, 504)


class Trouble(Exception):
    """The studio cannot do it, through no fault of what was asked: a sentence, and its code."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class RemoteStudio:
    """A studio's API. Where it is away for a moment, it is asked again."""

    def __init__(self, server: str, token: str | None) -> None:
        """Without a token, that in the environment counts. Raises `Refusal` for what is no address."""
        token = token if token is not None else os.environ.get(TOKEN)
        if urlsplit(server).scheme not in ("http", "https") or not urlsplit(server).netloc:
            raise Refusal(
                "bad_usage", f"{server} is not an address such as https://paint.example.", "--server"
            )
        self._api = f"{server.rstrip('/')}/api/v1"
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._kept: list[str] = []
        self._heard: dict[str, str] = {}  # the last event of each stream
        self.has_token = bool(token)

    def keep(self, data: bytes, field: str) -> str:
        """The id of a picture that is sent."""
        try:
            answer = self._asked("POST", "/images", files={"file": ("picture", data)})
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.message, field) from refusal
        image = str(_told(answer)["id"])
        self._kept.append(f"/images/{image}")
        return image

    def change(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        told = _told(self._asked("POST", path, json=body, headers=headers))
        if path == "/jobs" and (kept := f"/jobs/{told['id']}") not in self._kept:
            self._kept.append(kept)
        return told

    def told(self, path: str) -> dict[str, Any]:
        return _told(self._asked("GET", path))

    def fetched(self, path: str) -> bytes:
        return self._asked("GET", path).content

    def tidy(self) -> None:
        """Delete what was sent and made, the last first, as far as that can be done now."""
        for path in reversed(self._kept):
            with suppress(requests.RequestException):
                self._session.delete(self._api + path, timeout=5)

    def left_there(self, output: Path) -> str:
        """Have `tidy` leave a painting there; words that say how to have it. None, if there is none."""
        painting = next((path for path in self._kept if path.startswith("/jobs/")), None)
        if painting is None:
            return ""
        self._kept.clear()
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)
        key = f'-H "Authorization: Bearer ${TOKEN}"' if self.has_token else f"-b {shlex.quote(cookies)}"
        address, file = (shlex.quote(name) for name in (f"{self._api}{painting}/result.png", str(output)))
        command = f"curl --fail {key} -o {file} {address}"
        return f" The painting stays there; once it is done, this fetches it: {command}"

    def events(self, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Kinds and data until there will be no more, each once; where it breaks off, it goes on from there.

        It may be silent for hours, while a painting waits for its turn or rests: that it is asked again and
        answers is enough.
        """
        while True:
            headers = {"Last-Event-ID": self._heard.get(path, "0")}
            with (
                suppress(requests.RequestException),  # broken off: asked again, from the last one heard
                self._asked("GET", path, headers=headers, stream=True) as answer,
            ):
                if answer.status_code == 204:
                    return
                if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                    _refuse(answer)  # it would be asked for ever
                for self._heard[path], kind, data in _parsed(answer):
                    yield kind, data
            time.sleep(0.2)

    def _asked(self, method: str, path: str, *, stream: bool = False, **request: Any) -> requests.Response:
        """The answer, once there is one. Raises `Refusal`, or `Trouble`."""
        deadline, pause, tries = time.monotonic() + PATIENCE, 0.5, 0
        seconds = _SILENCE_SECONDS if stream else _ANSWER_SECONDS
        while True:
            tries += 1
            try:
                answer = self._session.request(
                    method, self._api + path, timeout=(10, seconds), stream=stream, **request
                )
            except requests.ConnectionError as error:
                trouble = Trouble("Nothing answers there.")
                if not self._kept:  # not even once: it is not there
                    raise trouble from error
            except requests.exceptions.ChunkedEncodingError:
                trouble = Trouble("Its answer breaks off.")
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
            if tries >= _LEAST_TRIES and time.monotonic() + pause > deadline:
                raise trouble
            time.sleep(pause)
            pause = min(2 * pause, 10)


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


def _told(answer: requests.Response) -> dict[str, Any]:
    """The thing that the studio tells of; each has an id."""
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or "id" not in told:
        _refuse(answer)
    return told


def _problem(answer: requests.Response) -> dict[str, Any]:
    """The studio's own words; or that these are none."""
    try:
        problem: dict[str, Any] = answer.json()["error"]
        return {"code": str(problem["code"]), "message": str(problem["message"]), "field": problem["field"]}
    except (ValueError, KeyError, TypeError):
        message = f"What answers there ({answer.status_code}) is no studio."
        return {"code": "no_studio", "message": message, "field": None}


def _refuse(answer: requests.Response) -> NoReturn:
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
    raise Trouble(message, code)
