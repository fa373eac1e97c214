"""The file of a multipart form, taken from the stream as it arrives."""

import logging
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from nst.errors import Refusal
from nst.jobs.filing.files import Unreachable

# It warns of each form that is not well made; whoever sent it is told, and nobody else can mend it.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

FIELD = "file"
_MEMORY_BYTES = 2**20  # beyond it, the file waits on disk
_HEADER_BYTES = 32 * 1024

# What OpenAPI says of a request whose body a handler reads by itself.
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class _FilePart:
    """Picks out of a form the bytes of the first part called `file`; its file name is not even kept.

    FastAPI's own `UploadFile` is not used because it refuses names of more than four thousand letters.
    """

    def __init__(self, boundary: bytes) -> None:
        self.is_whole = False
        self._blocks: list[bytes] = []
        self._name, self._value = b"", b""
        self._disposition = b""
        self._is_ours = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
            max_header_size=_HEADER_BYTES,
        )

    def feed(self, block: bytes) -> bytes:
        """What of the file is in this block of the request."""
        self._parser.write(block)
        found = b"".join(self._blocks)
        self._blocks.clear()
        return found

    def _begin(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._is_ours = not self.is_whole and options.get(b"name") == FIELD.encode()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_ours:
            self._blocks.append(data[start:end])

    def _end(self) -> None:
        self.is_whole = self.is_whole or self._is_ours
        self._is_ours = False


async def _uploaded_file(request: Request) -> AsyncIterator[BinaryIO]:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise Refusal("missing_file", "Send the file as the field “file” of a multipart form.", FIELD)
    # On the disk that it is for: a system's own place for such files is often memory.
    place = request.app.state.studio.settings.data_dir.expanduser()
    with SpooledTemporaryFile(max_size=_MEMORY_BYTES, dir=place) as file:
        try:
            part = _FilePart(options.get(b"boundary", b""))
            async for block in request.stream():
                if found := part.feed(block):
                    await run_in_threadpool(file.write, found)
        except FileNotFoundError as error:
            raise Unreachable("the data folder is not there") from error
        except FormParserError as error:
            raise Refusal("broken_upload", "The upload is not a valid multipart form.", FIELD) from error
        except ClientDisconnect as error:
            raise Refusal("broken_upload", "The upload was broken off.", FIELD) from error
        if not part.is_whole:
            raise Refusal("missing_file", "The upload has no whole field “file”.", FIELD)
        file.seek(0)
        yield cast(BinaryIO, file)


UploadedFile = Annotated[BinaryIO, Depends(_uploaded_file)]
