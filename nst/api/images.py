"""Pictures: put one in, get it back upright and clean, or small."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import BinaryIO

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from nst.api import uploads
from nst.api.openapi import binary, refusals, stored
from nst.api.shared import FOREVER, Before, Client, Limit, TheStudio, address
from nst.api.stored import StoredFile
from nst.api.turns import TheTurn
from nst.api.uploads import UploadedFile
from nst.images import read_settings
from nst.jobs.models import StoredImage
from nst.jobs.studio import Studio
from nst.record import Recalled, recalled

router = APIRouter(prefix="/images", tags=["images"])


class ImageAnswer(BaseModel):
    """A stored picture. `notes` say what was changed on the way in."""

    id: str
    width: int
    height: int
    created: datetime
    url: str
    thumbnail: str
    notes: list[str] = []
    settings: Recalled | None = Field(
        None, description="Of a painting made here: what made it, to use again."
    )

    @classmethod
    def of(
        cls, image: StoredImage, notes: Sequence[str] = (), settings: Recalled | None = None
    ) -> "ImageAnswer":
        url = address(f"images/{image.id}")
        return cls(
            id=image.id,
            width=image.width,
            height=image.height,
            created=image.created,
            url=url,
            thumbnail=f"{url}/thumbnail.jpg",
            notes=list(notes),
            settings=settings,
        )


class ImagesAnswer(BaseModel):
    """One page; `next` is the `before` of the following one."""

    images: list[ImageAnswer]
    next: str | None


@router.post(
    "",
    status_code=201,
    openapi_extra=uploads.BODY,
    responses=refusals(
        "not_a_picture",
        "file_too_large",
        "image_too_large",
        "image_too_small",
        "bad_aspect",
        "broken_image",
        "too_slow",
        "broken_upload",
        "missing_file",
        "quota_full",
    ),
)
async def upload(studio: TheStudio, client: Client, turn: TheTurn, file: UploadedFile) -> ImageAnswer:
    """Keep a JPEG, PNG or WebP picture. It is turned upright, converted to sRGB and stripped of metadata."""
    return await turn("pictures", partial(_kept, studio, client, file))


@router.get("", responses=refusals("bad_page"))
def uploaded(studio: TheStudio, client: Client, limit: Limit = 20, before: Before = None) -> ImagesAnswer:
    """Your pictures, newest first: uploads, samples that you use, masks that you have selected."""
    found, following = studio.library.images(client, limit, before)
    return ImagesAnswer(images=[ImageAnswer.of(image) for image in found], next=following)


@router.get("/{image_id}", response_class=StoredFile, responses=stored("image/png"))
def picture(studio: TheStudio, client: Client, image_id: str) -> StoredFile:
    """The picture as PNG."""
    return StoredFile(studio.image_file(client, image_id), media_type="image/png", headers=FOREVER)


@router.get("/{image_id}/thumbnail.jpg", response_class=Response, responses=binary("image/jpeg"))
def thumbnail(studio: TheStudio, client: Client, image_id: str) -> Response:
    """The picture as JPEG, long side at most 512 pixels."""
    return Response(studio.thumbnail(client, image_id), media_type="image/jpeg", headers=FOREVER)


@router.get("/{image_id}/info")
def about(studio: TheStudio, client: Client, image_id: str) -> ImageAnswer:
    """Its size, and when it came."""
    return ImageAnswer.of(studio.image(client, image_id))


@router.delete("/{image_id}", status_code=204, responses=refusals("in_use"))
def forget(studio: TheStudio, client: Client, image_id: str) -> None:
    """Delete a picture, unless a painting that is not finished needs it.

    Finished paintings stay as they are. Without their photograph they cannot be shown at another strength,
    and without their pictures they cannot be painted again.
    """
    studio.library.forget_image(client, image_id)


def _kept(studio: Studio, client: str, file: BinaryIO) -> ImageAnswer:
    image, notes = studio.add_image(client, file)
    file.seek(0)
    found = read_settings(file)
    return ImageAnswer.of(image, notes, None if found is None else recalled(found))
