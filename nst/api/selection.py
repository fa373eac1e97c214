"""Suggested regions: clicks on a picture become a mask, and some masks are proposed without a click."""

from functools import partial
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from nst.api.shared import Client, address
from nst.api.turns import TheTurn
from nst.jobs.models import StoredImage
from nst.jobs.selection import Place, Selections
from nst.jobs.steering import Strict

MOST_CLICKS = 64
Level = Annotated[float, Field(ge=0, le=1)]

router = APIRouter(prefix="/images", tags=["images"])


class ClickBody(Strict):
    """A click, from the picture's left and top as shares of its width and height.

    `add` false takes away. `level` is how much of what is there: 0 least, 1 most, none what looks like one
    thing.
    """

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    add: bool = True
    level: Level | None = None


class SelectBody(Strict):
    """Clicks in their order; `level` is the last one's."""

    clicks: list[ClickBody] = Field(min_length=1, max_length=MOST_CLICKS)
    level: Level | None = None


class MaskAnswer(BaseModel):
    """A mask that is stored like an uploaded picture: white is selected. `area` is its share."""

    mask: str
    url: str
    thumbnail: str
    area: float


class SelectAnswer(MaskAnswer):
    """`levels` are the areas to choose from, growing; level k / (n - 1) is the k-th of n, from 0."""

    level: float
    levels: list[float]


class ProposalAnswer(MaskAnswer):
    name: Literal["subject", "background", "sky"]


async def _selections(request: Request) -> Selections:
    state = request.app.state
    if not hasattr(state, "selections"):
        state.selections = Selections(state.studio)
    return cast(Selections, state.selections)


TheSelections = Annotated[Selections, Depends(_selections)]


@router.post("/{image_id}/select")
async def select(
    selections: TheSelections, client: Client, turn: TheTurn, image_id: str, body: SelectBody
) -> SelectAnswer:
    """Select what was clicked. Each click adds or takes away; an answer is never empty."""
    places = [Place(click.x, click.y, click.add, click.level) for click in body.clicks]
    selected = await turn("selections", partial(selections.select, client, image_id, places, body.level))
    return SelectAnswer(
        **_where(selected.mask), area=selected.area, level=selected.level, levels=list(selected.levels)
    )


@router.get("/{image_id}/proposals")
async def proposals(
    selections: TheSelections, client: Client, turn: TheTurn, image_id: str
) -> list[ProposalAnswer]:
    """Subject, background and sky: those that are credible in this picture, perhaps none."""
    return [
        ProposalAnswer.model_validate({"name": one.name, "area": one.area, **_where(one.mask)})
        for one in await turn("selections", partial(selections.proposals, client, image_id))
    ]


def _where(mask: StoredImage) -> dict[str, str]:
    url = address(f"images/{mask.id}")
    return {"mask": mask.id, "url": url, "thumbnail": f"{url}/thumbnail.jpg"}
