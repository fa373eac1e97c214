"""Files as they lie on the disk, whole or in part: `Range` requests (RFC 9110) with our shape of errors."""

from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from nst.api.errors import error_response


class StoredFile(FileResponse):
    """The file, or the part of it that `Range` asks for; what is no range is passed over.

    416 for a part beyond the end. Starlette answers both in plain text.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal: Message | None = None

        async def send_no_refusal(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refusal = message
            if refusal is None:
                await send(message)

        await super().__call__(scope, receive, send_no_refusal)
        if refusal is None:
            return
        if refusal["status"] == 400:
            headers = [header for header in scope["headers"] if header[0] != b"range"]
            await super().__call__({**scope, "headers": headers}, receive, send)
        else:
            size = dict(refusal["headers"])[b"content-range"].decode()
            answer = error_response(
                416, "no_such_range", "The file ends before that.", "Range", {"Content-Range": size}
            )
            await answer(scope, receive, send)
