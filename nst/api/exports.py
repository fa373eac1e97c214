"""A painting to take home: as PNG, JPEG or WebP, at any strength, and as a film of its stages."""

from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from nst.api.openapi import binary, stored
from nst.api.shared import ASK_AGAIN, FOREVER, Client, TheStudio
from nst.api.stored import StoredFile
from nst.api.turns import TheTurn
from nst.jobs import exports

router = APIRouter(prefix="/jobs", tags=["exports"])

Strength = Annotated[
    float,
    Query(
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="0 is the photograph, 1 the painting, and between them everything between them.",
    ),
]
Quality = Annotated[int, Query(ge=1, le=100, description="Higher is finer and larger.")]
Name = Annotated[str | None, Query(max_length=100, description="Save it under this name.")]


@router.get("/{job_id}/result.png", response_class=Response, responses=stored("image/png"))
async def png(
    studio: TheStudio,
    client: Client,
    turn: TheTurn,
    job_id: str,
    strength: Strength = 1.0,
    download: Name = None,
) -> Response:
    """The painting at full size, with the settings inside that paint it again."""
    if strength == 1:
        headers = {**ASK_AGAIN, **_saved_as(download, job_id, "png")}
        path = await run_in_threadpool(studio.result_file, client, job_id)
        return StoredFile(path, media_type="image/png", headers=headers)
    data = await turn("exports", partial(exports.png, studio, client, job_id, strength))
    return _picture(data, "image/png", download, job_id)


@router.get("/{job_id}/result.jpg", response_class=Response, responses=binary("image/jpeg"))
async def jpeg(
    studio: TheStudio,
    client: Client,
    turn: TheTurn,
    job_id: str,
    strength: Strength = 1.0,
    quality: Quality = 90,
    download: Name = None,
) -> Response:
    """The painting at full size as JPEG."""
    data = await turn("exports", partial(exports.jpeg, studio, client, job_id, strength, quality))
    return _picture(data, "image/jpeg", download, job_id)


@router.get("/{job_id}/result.webp", response_class=Response, responses=binary("image/webp"))
async def webp(
    studio: TheStudio,
    client: Client,
    turn: TheTurn,
    job_id: str,
    strength: Strength = 1.0,
    quality: Quality = 90,
    download: Name = None,
) -> Response:
    """The painting at full size as WebP."""
    data = await turn("exports", partial(exports.webp, studio, client, job_id, strength, quality))
    return _picture(data, "image/webp", download, job_id)


@router.get("/{job_id}/preview-strength.jpg", response_class=Response, responses=binary("image/jpeg"))
async def preview(
    studio: TheStudio, client: Client, turn: TheTurn, job_id: str, strength: Strength = 1.0
) -> Response:
    """The finished painting at a strength, for a slider: long side at most 768 pixels, cacheable."""
    data = await turn("strengths", partial(exports.preview, studio, client, job_id, strength))
    return Response(data, media_type="image/jpeg", headers=FOREVER)


@router.get("/{job_id}/timelapse.webp", response_class=Response, responses=binary("image/webp"))
async def timelapse(
    studio: TheStudio, client: Client, turn: TheTurn, job_id: str, download: Name = None
) -> Response:
    """How the painting came to be: an animated WebP of its stages, long side at most 512 pixels."""
    data = await turn("exports", partial(exports.film, studio, client, job_id))
    return _picture(data, "image/webp", download, job_id)


def _picture(data: bytes, media_type: str, download: str | None, job_id: str) -> Response:
    headers = {**ASK_AGAIN, **_saved_as(download, job_id, media_type.removeprefix("image/"))}
    return Response(data, media_type=media_type, headers=headers)


def _saved_as(wished: str | None, job_id: str, kind: str) -> dict[str, str]:
    """The header that makes a browser save it; none where no name was asked for."""
    if wished is None:
        return {}
    return attachment(wished, f"pentimento-{job_id[:8]}", "jpg" if kind == "jpeg" else kind)


def attachment(wished: str, otherwise: str, suffix: str) -> dict[str, str]:
    """The header that makes a browser save a file under the wished name, or `otherwise` if nothing is left.

    Of a name remains what every system takes: letters, digits, spaces, dots, dashes.
    """
    encoded = quote(f"{exports.plain_name(wished, suffix) or otherwise}.{suffix}")
    value = f"filename*=utf-8''{encoded}" if "%" in encoded else f'filename="{encoded}"'
    return {"Content-Disposition": f"attachment; {value}"}
