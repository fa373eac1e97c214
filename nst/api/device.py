"""The studio on a device of its own: the page that paints there, and what lets a browser install the studio.

`/device` needs the server only once: the service worker keeps the page, the networks and what runs them. All
addresses here are relative, so that they hold under any prefix.
"""

import hashlib
import json
from functools import cache
from html import escape
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from nst import images
from nst.api.bundle import Bundle
from nst.gallery.catalogue import styles

ASSETS = Path(__file__).resolve().parents[2] / "assets"
_HERE = ASSETS / "device"

STYLE_SIDE = 320

# Everybody gets the same, but asks each time: a new version of the studio must be seen at once.
_ASK_AGAIN = {"Cache-Control": "public, no-cache"}

_CODE = (
    "device.css",
    "device.js",
    "camera.js",
    "painter.js",
    "painter-worker.js",
    "keeping.js",
    "offline.js",
)
_ICONS = ("icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png")
_MODELS = ("predictor-int8.tflite", "transformer-256-int8.tflite", "transformer-384-int8.tflite")
_RUNTIME = ("core.js", "wasm-utils.js", "litert_wasm_compat_internal.js")
_PACKED = "litert_wasm_compat_internal.wasm"


def install(server: FastAPI) -> None:
    # Small, and kept from the first visit on.
    shell = Bundle(
        "device/shell",
        {name: _HERE / name for name in _CODE}
        | {name: _HERE / "icons" / name for name in _ICONS}
        | {
            "bootstrap.css": ASSETS / "vendor" / "bootstrap.min.css",
            "studio.css": ASSETS / "studio.css",
            "theme.js": ASSETS / "early" / "theme.js",
        },
    )
    # Large, and kept once the page is opened.
    kit = Bundle(
        "device/kit",
        {f"models/{name}": _HERE / "models" / name for name in _MODELS}
        | {f"litert/{name}": ASSETS / "vendor" / "litert" / name for name in _RUNTIME}
        | {f"litert/{_PACKED}": ASSETS / "vendor" / "litert" / f"{_PACKED}.gz"}
        | {f"styles/{style.name}.jpg": style.path for style in styles()},
    )
    device, offline = (_page(name, shell, kit) for name in ("device.html", "offline.html"))
    worker = _service_worker(shell, kit, device + offline)
    manifest = _manifest(shell)

    @server.get("/device", include_in_schema=False)
    async def on_device() -> HTMLResponse:
        return HTMLResponse(device, headers=_ASK_AGAIN)

    @server.get("/device/offline", include_in_schema=False)
    async def without_the_studio() -> HTMLResponse:
        return HTMLResponse(offline, headers=_ASK_AGAIN)

    @server.get("/device/shell/{version}/{name:path}", include_in_schema=False)
    async def shell_file(version: str, name: str) -> FileResponse:
        return shell.answer(version, name)

    @server.get("/device/kit/{version}/styles/{name}", include_in_schema=False)
    def style(version: str, name: str) -> Response:
        picture = _small(kit.path(f"styles/{name}"))
        return Response(picture, media_type="image/jpeg", headers=kit.headers(version))

    @server.get("/device/kit/{version}/{name:path}", include_in_schema=False)
    async def kit_file(version: str, name: str) -> FileResponse:
        return kit.answer(version, name)

    # At the root, because a service worker sees to nothing above itself.
    @server.get("/service-worker.js", include_in_schema=False)
    async def service_worker() -> Response:
        return Response(worker, media_type="text/javascript", headers=_ASK_AGAIN)

    @server.get("/manifest.webmanifest", include_in_schema=False)
    async def web_app() -> JSONResponse:
        return JSONResponse(manifest, headers=_ASK_AGAIN, media_type="application/manifest+json")


def _page(name: str, shell: Bundle, kit: Bundle) -> str:
    text = (_HERE / name).read_text("utf-8")
    for mark, value in {"SHELL/": shell.base, "KIT/": kit.base, "<!-- STYLES -->": _tiles(kit)}.items():
        text = text.replace(mark, value)
    return text


@cache
def _small(painting: Path) -> bytes:
    """As large as the predictor and a phone's screen can use."""
    pixels = images.read(painting, field="style").pixels
    height, width = pixels.shape[:2]
    return images.encode_jpeg(images.resize(pixels, images.fitted(width, height, STYLE_SIDE)), 85)


def _tiles(kit: Bundle) -> str:
    """The gallery's paintings, to choose one from."""
    return "\n".join(
        f"""\
            <label class="tile" title="{escape(style.description)}">
              <input type="radio" name="style" value="{style.name}"{" checked" if number == 0 else ""}>
              <img src="{kit.base}styles/{style.name}.jpg" alt="" width="96" height="96" loading="lazy">
              <span>{escape(style.title)}</span>
            </label>"""
        for number, style in enumerate(styles())
    )


def _service_worker(shell: Bundle, kit: Bundle, pages: str) -> str:
    """The script, with what it keeps. Anything else to keep makes another script, which browsers take up."""
    kept = {
        # The pages name the versions of all files.
        "version": hashlib.sha256(pages.encode()).hexdigest()[:16],
        "pages": ["device", "device/offline"],
        "shell": shell.addresses(),
        "kit": {"version": kit.version, "files": kit.addresses()},
    }
    return f"const KEPT = {json.dumps(kept)};\n{(_HERE / 'service-worker.js').read_text('utf-8')}"


def _manifest(shell: Bundle) -> dict[str, object]:
    def icon(name: str, side: int, purpose: str) -> dict[str, str]:
        return {
            "src": shell.base + name,
            "sizes": f"{side}x{side}",
            "type": "image/png",
            "purpose": purpose,
        }

    return {
        "id": "./",
        "name": "Pentimento",
        "short_name": "Pentimento",
        "description": "Watch a photograph become a painting",
        "lang": "en",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#ece5d8",
        "theme_color": "#ece5d8",
        "categories": ["photo", "graphics"],
        "icons": [
            icon("icon-192.png", 192, "any"),
            icon("icon-512.png", 512, "any"),
            icon("icon-maskable-512.png", 512, "maskable"),
        ],
        "shortcuts": [
            {
                "name": "Camera on this device",
                "url": "device",
                "icons": [icon("icon-192.png", 192, "any")],
            }
        ],
    }
