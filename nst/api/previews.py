"""A photograph in the style of paintings, in a moment: for a look before a painting is asked for."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from nst.api.openapi import binary, refusals
from nst.api.shared import Client, TheStudio
from nst.jobs.instant.previews import PreviewSpec, SheetSpec

router = APIRouter(prefix="/preview", tags=["previews"])

_ONE = {
    "summary": "One painting",
    "value": {"content": "PHOTOGRAPH_ID", "styles": [{"image": "PAINTING_ID"}]},
}
_MIX = {
    "summary": "Two paintings, at two thirds of their strength",
    "value": {
        "content": "PHOTOGRAPH_ID",
        "styles": [{"image": "PAINTING_ID", "weight": 0.7}, {"image": "OTHER_ID", "weight": 0.3}],
        "strength": 0.67,
        "size": 1024,
        "format": "png",
    },
}
_REFUSED = refusals(
    "not_found",
    "superseded",
    "queue_full",
    "weights_missing",
    "weights_damaged",
    "unfit_processor",
    "no_painter",
    "closing",
)
_NOT_KEPT = {"Cache-Control": "no-store"}


@router.post(
    "",
    response_class=Response,
    responses=binary("image/jpeg", "image/png") | _REFUSED,
)
def preview(
    studio: TheStudio,
    client: Client,
    spec: Annotated[PreviewSpec, Body(openapi_examples={"one": _ONE, "mix": _MIX})],
) -> Response:
    """Paint a photograph in one pass. The answer is the picture itself; it is stored nowhere.

    Of previews that you ask for while one is painted, only the newest is painted.
    """
    return Response(studio.previews.paint(client, spec), media_type=f"image/{spec.format}", headers=_NOT_KEPT)


@router.post(
    "/sheet",
    response_class=Response,
    responses=binary("image/jpeg") | _REFUSED,
)
def sheet(
    studio: TheStudio,
    client: Client,
    spec: Annotated[
        SheetSpec,
        Body(openapi_examples={"one": {"summary": "A sheet", "value": {"content": "PHOTOGRAPH_ID"}}}),
    ],
) -> Response:
    """See a photograph in 26 styles that a network knows by heart: one JPEG, one below the other."""
    return Response(studio.previews.sheet(client, spec), media_type="image/jpeg", headers=_NOT_KEPT)
