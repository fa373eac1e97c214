"""Pictures that come with the studio, to try it with."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from nst.api.images import ImageAnswer
from nst.api.openapi import binary
from nst.api.shared import Client, TheStudio, address

router = APIRouter(prefix="/samples", tags=["samples"])


class SampleAnswer(BaseModel):
    """A photograph or a style picture of the gallery."""

    name: str
    title: str
    kind: Literal["photo", "style"]
    thumbnail: str
    credit: str
    description: str


class SamplesAnswer(BaseModel):
    samples: list[SampleAnswer]


@router.get("")
def samples(studio: TheStudio) -> SamplesAnswer:
    """The gallery."""
    return SamplesAnswer(
        samples=[
            SampleAnswer(
                name=sample.name,
                title=sample.title,
                kind=sample.kind,
                thumbnail=address(f"samples/{sample.name}.jpg"),
                credit=sample.credit,
                description=sample.description,
            )
            for sample in studio.samples()
        ]
    )


@router.get("/{name}.jpg", response_class=Response, responses=binary("image/jpeg"))
def thumbnail(studio: TheStudio, name: str) -> Response:
    """A sample as JPEG, long side at most 512 pixels."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(studio.sample_thumbnail(name), media_type="image/jpeg", headers=headers)


@router.post("/{name}", status_code=201)
def use(studio: TheStudio, client: Client, name: str) -> ImageAnswer:
    """Use a sample as if it had been uploaded. The same image each time."""
    return ImageAnswer.of(studio.add_sample(client, name))
