"""Files that a browser may keep for ever, because their address changes with what is in them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

ASSETS = Path(__file__).resolve().parents[2] / "assets"
FOR_EVER = "public, max-age=31536000, immutable"
_NEVER = "no-store"

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".wasm": "application/wasm",
}


class Bundle:
    """A set of files that belong together: `folder`, then their common version, then their own names.

    A file that lies packed as `NAME.gz` is sent as it lies, under its own name.
    """

    def __init__(self, folder: str, files: Mapping[str, Path]) -> None:
        self._files = dict(files)
        digest = hashlib.sha256()
        for name, path in sorted(self._files.items()):
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        self.version = digest.hexdigest()[:16]
        self.base = f"{folder}/{self.version}/"

    def addresses(self) -> list[str]:
        """Where its files are, relative to the studio's root."""
        return [self.base + name for name in self._files]

    def answer(self, version: str, name: str) -> FileResponse:
        """The file of that name. Raises `HTTPException`, 404."""
        path, headers = self.path(name), self.headers(version)
        if path.suffix == ".gz":
            headers["Content-Encoding"] = "gzip"
        kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
        return FileResponse(path, media_type=kind, headers=headers)

    def path(self, name: str) -> Path:
        """Where the file of that name lies. Raises `HTTPException`, 404."""
        try:
            return self._files[name]
        except KeyError:
            raise HTTPException(404) from None

    def headers(self, version: str) -> dict[str, str]:
        """A page of an earlier version gets what there is now, not to be kept."""
        return {"Cache-Control": FOR_EVER if version == self.version else _NEVER}
