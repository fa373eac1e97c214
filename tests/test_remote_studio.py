"""What a studio elsewhere answers, and what becomes of an answer that breaks off or is none of a studio's."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nst import remote_studio
from nst.remote_studio import RemoteStudio, Trouble


class Asked(list[str]):
    """The heads of the requests that came."""

    address = ""


@contextmanager
def answering(*answers: bytes) -> Iterator[Asked]:
    """A server that gives each connection one of these answers, as they are, and closes it."""
    asked = Asked()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asked.address = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def serve() -> None:
            for answer in answers:
                connection, _ = listening.accept()
                with connection, connection.makefile("rb") as request:
                    head = b"".join(iter(request.readline, b"\r\n")).decode()
                    length = head.lower().partition("content-length: ")[2].partition("\r")[0]
                    request.read(int(length or 0))
                    asked.append(head)
                    connection.sendall(answer)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield asked
        serving.join(10)
        assert not serving.is_alive(), "it was not asked for all of its answers"


def answer(body: bytes, kind: str = "application/json", status: str = "200 OK") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close"
    return f"HTTP/1.1 {status}\r\n{head}\r\n\r\n".encode() + body


def broken(*chunks: str) -> bytes:
    """An event stream without its end."""
    head = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close"
    body = "".join(f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks)
    return f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}".encode()


def event(number: int) -> str:
    return f'id: {number}\nevent: step\ndata: {{"step": {number}}}\n\n'


def test_an_answer_that_is_not_a_studios_is_told() -> None:
    with answering(answer(b"<html>", status="404 Not Found")) as asked:
        studio = RemoteStudio(asked.address, None)
        with pytest.raises(Trouble, match="no studio"):
            studio.told("/jobs/x")


def test_events_are_followed_for_as_long_as_the_studio_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_studio, "PATIENCE", 0)  # any silence is longer
    silent = broken(": still here\n\n")
    streams = (
        broken(event(3)),
        silent,
        silent,
        broken(event(4), event(5)),
        answer(b"", status="204 No Content"),
    )
    with answering(*streams) as asked:
        found = list(RemoteStudio(asked.address, None).events("/jobs/x/events"))
    assert found == [("step", {"step": number}) for number in (3, 4, 5)]
    assert [head.partition("Last-Event-ID: ")[2][0] for head in asked] == ["0", "3", "3", "3", "5"]


def test_an_answer_that_breaks_off_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_studio, "PATIENCE", 0)  # any download takes longer
    whole = answer(b"picture", "image/png")
    with answering(whole[:-3], whole) as asked:
        assert RemoteStudio(asked.address, None).fetched("/jobs/x/result.png") == b"picture"


def test_one_that_always_breaks_off_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_studio, "PATIENCE", 0)
    with answering(*[answer(b"picture", "image/png")[:-3]] * 3) as asked:
        studio = RemoteStudio(asked.address, None)
        with pytest.raises(Trouble, match="breaks off"):
            studio.fetched("/jobs/x/result.png")


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"{}", b"null"])
def test_what_says_yes_to_everything_is_no_studio(body: bytes) -> None:
    with answering(answer(body)) as asked:
        studio = RemoteStudio(asked.address, None)
        with pytest.raises(Trouble, match="no studio"):
            studio.keep(b"picture", "CONTENT")


def test_a_stream_that_is_not_a_studios_is_told() -> None:
    with answering(answer(b"<html>", "text/html")) as asked:
        studio = RemoteStudio(asked.address, None)
        with pytest.raises(Trouble, match="no studio"):
            next(studio.events("/jobs/x/events"))
