"""What a camera's websocket is sent by who has no camera: any messages, of any size, in any order."""

import io
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from jobs.fake_engine import PATIENCE
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from fuzz.host import Host
from fuzz.strange import damaged, texts
from nst import images
from nst.api.camera import FRAME_BYTES

ENDINGS = (1007, 1009)  # for what is no text, and for what is too large


class Sent(NamedTuple):
    data: bytes
    is_text: bool

    @property
    def is_an_end(self) -> bool:
        """Whether the studio may break the connection off over it."""
        try:
            self.is_text and self.data.decode()
        except UnicodeDecodeError:
            return True
        return len(self.data) > 2 * FRAME_BYTES

    def __repr__(self) -> str:
        return f"Sent({len(self.data)} bytes, {self.data[:60]!r}, is_text={self.is_text})"


FRAME = images.encode_jpeg(np.full((48, 64, 3), 100, np.uint8))
PICTURES = (
    FRAME,
    images.encode_png(np.full((64, 48), 9, np.uint8)),
    images.encode_jpeg(np.full((40, 1200, 3), 100, np.uint8)),
)


def filming(host: Host) -> Callable[[], None]:
    """A property: whatever is sent, each answer is one of ours, and the next frame is painted."""
    look = {"styles": [{"image": host.known["image"], "weight": 1}], "strength": 1}

    @given(messages=st.lists(_messages(look), max_size=12))
    def film(messages: Sequence[Sent]) -> None:
        check(host, messages, json.dumps(look))

    return film


def check(host: Host, messages: Sequence[Sent], look: str) -> None:
    """Raise where the studio fails, answers in another shape, or paints no more."""
    name, port = host.address
    with connect(
        f"ws://{name}:{port}/api/v1/camera",
        additional_headers={"Cookie": host.cookie},
        open_timeout=PATIENCE,
        close_timeout=PATIENCE,
        compression=None,
    ) as camera:
        try:
            for message in messages:
                camera.send(message.data, text=message.is_text)
            camera.send(look)
            camera.send(FRAME)
            _wait_painted(camera, len(messages))
        except ConnectionClosed as closed:
            # Of a connection that is broken off while more arrives, its last word may be lost.
            is_told = closed.rcvd is None or closed.rcvd.code in ENDINGS
            if not (is_told and any(message.is_an_end for message in messages)):
                host.is_well()
                raise AssertionError(messages) from closed
    host.is_well()


def _messages(look: object) -> st.SearchStrategy[Sent]:
    text = st.one_of(damaged([look]), texts(), st.just(json.dumps(look)))
    picture = st.sampled_from(PICTURES)
    frames = st.one_of(
        picture,
        st.binary(max_size=200),
        st.builds(_struck, picture, st.integers(0, 2000), st.binary(min_size=1, max_size=40)),
        st.builds(lambda picture, end: picture[:end], picture, st.integers(0, 700)),
        st.sampled_from((FRAME_BYTES - 1, FRAME_BYTES + 1, 2 * FRAME_BYTES + 1)).map(bytes),
    )
    return st.one_of(
        st.builds(Sent, text.map(lambda text: text.encode("utf-8", "surrogatepass")), st.just(True)),
        st.builds(Sent, frames, st.booleans()),
        st.builds(Sent, frames, st.just(False)),
    )


def _struck(data: bytes, place: int, other: bytes) -> bytes:
    place = min(place, len(data))
    return data[:place] + other + data[place + len(other) :]


def _wait_painted(camera: ClientConnection, most: int) -> None:
    """Until the last frame is painted: of those before, each may have been answered once."""
    for _ in range(2 * most + 1):
        answer = camera.recv(timeout=PATIENCE)
        if isinstance(answer, bytes):
            with Image.open(io.BytesIO(answer), formats=["JPEG"]) as image:
                image.load()
                if image.size == (64, 48):
                    return
        else:
            problem = json.loads(answer)["error"]
            assert problem.keys() == {"code", "message", "field"}, problem
            assert problem["message"].endswith("."), problem
    raise AssertionError("the last frame was not painted")
