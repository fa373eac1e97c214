"""The camera, painted by the studio: the page at `/camera`, and the websocket that its frames go through.

The client sends JSON, which says how to paint, and then frames, each a message of its own; every painted
frame comes back as one. What arrives while a frame is painted takes the place of what arrived before it, so a
client that sends faster than the studio paints sees fewer frames, but none that is old.
"""

import asyncio
from contextlib import suppress
from functools import cache
from html import escape
from typing import cast

from fastapi import APIRouter, FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, HTMLResponse
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnected

from nst import images
from nst.api.bundle import ASSETS, Bundle
from nst.api.clients import KNOWN, client_of
from nst.errors import Refusal
from nst.gallery.catalogue import styles
from nst.images import Pixels
from nst.jobs.instant.cameras import Cameras
from nst.jobs.instant.previews import Preview, Previews, View

FRAME_BYTES = 1_000_000
FRAME_SIDE = 768  # pixels
QUALITY = 80
BAD_CLIENT, FULL, REPLACED = 4403, 4429, 4409  # how the websocket is closed: the status of HTTP, and 4000
# The other side is gone: told to whichever part notices first, and to the others.
_GONE = (WebSocketDisconnect, WebSocketDisconnected)

_HERE = ASSETS / "camera"
_ASK_AGAIN = {"Cache-Control": "private, no-cache"}

router = APIRouter()


def install(server: FastAPI) -> None:
    """The page. Its addresses are relative, so that they hold under any prefix."""
    shell = Bundle(
        "camera/shell",
        {
            "page.js": _HERE / "page.js",
            "stream.js": _HERE / "stream.js",
            "camera.js": ASSETS / "device" / "camera.js",
            "live.css": ASSETS / "device" / "device.css",
            "page.css": _HERE / "page.css",
            "icon-192.png": ASSETS / "device" / "icons" / "icon-192.png",
            "bootstrap.css": ASSETS / "vendor" / "bootstrap.min.css",
            "studio.css": ASSETS / "studio.css",
            "theme.js": ASSETS / "early" / "theme.js",
        },
    )
    text = (_HERE / "camera.html").read_text("utf-8").replace("SHELL/", shell.base)
    page = text.replace("<!-- STYLES -->", _tiles())

    @server.get("/camera", include_in_schema=False)
    async def camera_page() -> HTMLResponse:
        return HTMLResponse(page, headers=_ASK_AGAIN)

    @server.get("/camera/shell/{version}/{name}", include_in_schema=False)
    async def shell_file(version: str, name: str) -> FileResponse:
        return shell.answer(version, name)


@cache
def _tiles() -> str:
    """The gallery's paintings, to choose one from."""
    return "\n".join(
        f"""\
            <label class="tile" title="{escape(style.description)}">
              <input type="radio" name="style" value="{style.name}"{" checked" if number == 0 else ""}>
              <img src="api/v1/samples/{style.name}.jpg" alt="" width="96" height="96" loading="lazy">
              <span>{escape(style.title)}</span>
            </label>"""
        for number, style in enumerate(styles())
    )


@router.websocket("/camera")
async def camera(websocket: WebSocket) -> None:
    """Frames in, painted frames out."""
    client = websocket.scope.get(KNOWN) or client_of(websocket.headers)
    if client is None:
        await websocket.close(BAD_CLIENT)  # before it is accepted: a 403
        return
    await websocket.accept()
    await _Session(websocket, client).run()


class _Session:
    """One camera, from its websocket's opening to its end."""

    def __init__(self, websocket: WebSocket, client: str) -> None:
        self._websocket = websocket
        self._client = client
        self._previews: Previews = websocket.app.state.studio.previews
        self._look: Preview | None = None
        self._view: View | None = None  # for the look, once its pictures were found
        self._frame: bytes | None = None
        self._news = asyncio.Event()
        self._replaced = asyncio.Event()

    async def run(self) -> None:
        cameras = _cameras(self._websocket)
        try:
            place = cameras.open(self._client, self._replaced.set)
        except Refusal as refusal:
            with suppress(*_GONE):
                await self._tell(refusal)
                await self._websocket.close(FULL)
            return
        tasks = [asyncio.create_task(part()) for part in (self._read, self._paint, self._leave)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            cameras.close(self._client, place)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            with suppress(asyncio.CancelledError, *_GONE):  # while it was answered
                task.result()

    async def _read(self) -> None:
        """Until the client goes."""
        while (message := await self._websocket.receive())["type"] == "websocket.receive":
            frame = message.get("bytes")
            if frame is None:
                await self._take_look(message.get("text") or "")
            elif len(frame) > FRAME_BYTES:
                await self._tell(_too_large())
            else:
                self._frame = frame
            self._news.set()

    async def _take_look(self, text: str) -> None:
        try:
            self._look, self._view = Preview.model_validate_json(text), None
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"])) or None
            words = "This is not how a camera is told what to paint: send the styles and the strength."
            await self._tell(Refusal("invalid_request", words, where))

    async def _paint(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            frame, self._frame = self._frame, None
            if frame is None or self._look is None:
                continue
            try:
                painted = await self._painted(frame, self._look)
            except Refusal as refusal:
                await self._tell(refusal)
            else:
                await self._websocket.send_bytes(painted)

    async def _painted(self, frame: bytes, look: Preview) -> bytes:
        view = self._view  # another look may come at any time
        if view is None or view.look is not look:
            view = self._view = await asyncio.to_thread(self._previews.view, self._client, look)
        pixels = await asyncio.to_thread(_decoded, frame)
        turn = self._previews.live_frame((self._client, "camera"), pixels, view)
        return await asyncio.to_thread(images.encode_jpeg, await asyncio.wrap_future(turn), QUALITY)

    async def _leave(self) -> None:
        """Once the same visitor has opened another camera."""
        await self._replaced.wait()
        await self._tell(Refusal("replaced", "Your camera is painted in another window now."))
        await self._websocket.close(REPLACED)

    async def _tell(self, refusal: Refusal) -> None:
        problem = {"code": refusal.code, "message": refusal.message, "field": refusal.field}
        await self._websocket.send_json({"error": problem})


def _cameras(websocket: WebSocket) -> Cameras:
    state = websocket.app.state
    if not hasattr(state, "cameras"):
        state.cameras = Cameras(state.studio.settings.cameras)
    return cast(Cameras, state.cameras)


def _decoded(frame: bytes) -> Pixels:
    try:
        return images.decode(frame, field="frame", longest=FRAME_SIDE).pixels
    except Refusal as refusal:
        if refusal.code == "image_too_large":
            raise _too_large() from refusal
        raise


def _too_large() -> Refusal:
    words = (
        f"A camera’s frame has at most {FRAME_SIDE} pixels on its longer side, and {FRAME_BYTES / 1e6:g} MB."
    )
    return Refusal("frame_too_large", words, "frame")
