"""How large a request may be, counted as it arrives: what it says of its own length is not believed."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.api.errors import error_response

JSON_BYTES = 1_000_000
_ENVELOPE_BYTES = 64 * 1024  # what multipart adds around a file
IMAGES, VIDEOS = "/api/v1/images", "/api/v1/videos"


class _TooLarge(HTTPException):
    """More has arrived than is accepted. An `HTTPException`, so that nobody logs it as a failure of ours."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyLimit:
    """ASGI middleware: 413 for a body beyond the limit, however it is sent and whoever reads it."""

    def __init__(self, app: ASGIApp, max_upload_bytes: int, max_video_bytes: int) -> None:
        self._app = app
        self._uploads = {
            IMAGES: max_upload_bytes + _ENVELOPE_BYTES,
            VIDEOS: max_video_bytes + _ENVELOPE_BYTES,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads.get(scope["path"], JSON_BYTES)
        if _declared(scope) > limit:
            await _refuse(limit, scope, receive, send)
            return
        count, exceeded, started = 0, False, False

        async def receive_counted() -> Message:
            nonlocal count, exceeded
            message = await receive()
            if message["type"] == "http.request":
                count += len(message.get("body", b""))
                if count > limit:
                    exceeded = True
                    raise _TooLarge
            return message

        async def send_unless_exceeded(message: Message) -> None:
            nonlocal started
            if exceeded and not started:
                return  # whatever the application makes of its broken-off body, ours is the answer
            started = True
            await send(message)

        try:
            await self._app(scope, receive_counted, send_unless_exceeded)
        except Exception:
            if not exceeded or started:
                raise
        if exceeded and not started:
            await _refuse(limit, scope, receive, send)


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    message = f"The request is larger than {limit / 2**20:.0f} MB, the most that is accepted here."
    field = "file" if scope["path"] in (IMAGES, VIDEOS) else None
    code = "file_too_large" if field else "request_too_large"
    await error_response(413, code, message, field)(scope, receive, send)
