import io
from collections.abc import Callable
from pathlib import Path

import pytest
from jobs.conftest import ADA, BOB, spec_for
from jobs.fake_engine import FakeEngine, picture, wait_until

from nst.errors import Refusal
from nst.jobs.filing.files import image_key
from nst.jobs.models import JobSpec, Region, StyleRef
from nst.jobs.steering import Steering
from nst.jobs.studio import Studio


def add(studio: Studio, owner: str = ADA) -> str:
    return studio.add_image(owner, io.BytesIO(picture()))[0].id


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_pictures_come_page_by_page_newest_first(studio: Studio) -> None:
    ids = [add(studio) for _ in range(5)]
    add(studio, BOB)
    pages, before = [], None
    while True:
        page, before = studio.library.images(ADA, 2, before)
        pages.append([image.id for image in page])
        if before is None:
            break
    assert pages == [ids[:-3:-1], [ids[2], ids[1]], [ids[0]]]


def test_a_page_goes_on_although_its_last_picture_is_gone(studio: Studio) -> None:
    ids = [add(studio) for _ in range(4)]
    _, before = studio.library.images(ADA, 2, None)
    studio.library.forget_image(ADA, ids[2])
    assert [image.id for image in studio.library.images(ADA, 2, before)[0]] == [ids[1], ids[0]]


@pytest.mark.parametrize(
    "before", ["", "x", "1", "1-", f"-1-{'a' * 32}", f"{'9' * 18}-{'a' * 32}", "1-" + "g" * 32]
)
def test_a_page_that_cannot_be_is_refused(studio: Studio, before: str) -> None:
    assert code_of(lambda: studio.library.images(ADA, 2, before)) == "bad_page"


def test_a_page_long_after_everything_is_the_first(studio: Studio) -> None:
    image = add(studio)
    assert studio.library.images(ADA, 2, f"{'9' * 17}-{'a' * 32}")[0][0].id == image


def test_groups_come_with_their_own_paintings(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    first = studio.submit_group(ADA, [spec_for(studio), spec_for(studio)], "first")
    second = studio.submit_group(ADA, [spec_for(studio)])
    studio.submit_group(BOB, [spec_for(studio, BOB)])
    (found,), before = studio.library.groups(ADA, 1, None)
    assert (found.group, [job.id for job in found.jobs]) == (second, second.members)
    (found,), before = studio.library.groups(ADA, 1, before)
    assert (found.group, [job.id for job in found.jobs], before) == (first, first.members, None)


def test_a_forgotten_picture_is_gone_with_its_file(studio: Studio, folder: Path) -> None:
    image = add(studio)
    assert code_of(lambda: studio.library.forget_image(BOB, image)) == "not_found"
    assert (folder / image_key(image)).exists()
    studio.library.forget_image(ADA, image)
    assert list((folder / "images").iterdir()) == []
    assert code_of(lambda: studio.image(ADA, image)) == "not_found"
    for unknown in (image, "x", "../x"):
        assert code_of(lambda name=unknown: studio.library.forget_image(ADA, name)) == "not_found"


def test_a_sample_is_forgotten_by_one_client_alone(studio: Studio) -> None:
    mine, theirs = studio.add_sample(ADA, "chelsea"), studio.add_sample(BOB, "chelsea")
    studio.library.forget_image(ADA, mine.id)
    assert studio.image_file(BOB, theirs.id).is_file()
    assert studio.add_sample(ADA, "chelsea").id != mine.id


def test_what_an_unfinished_painting_needs_cannot_be_forgotten(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    spec = spec_for(studio)
    names = ("mask", "init", "guide", "region", "later", "wanted")
    extra = {name: add(studio) for name in names}
    style = StyleRef(image=spec.styles[0].image, guide=extra["guide"])
    job = studio.submit(
        ADA,
        JobSpec(
            content=spec.content,
            styles=[style],
            mask=extra["mask"],
            init=extra["init"],
            regions=[Region(mask=extra["region"], style=0)],
            options=spec.options,
            changes=[Steering(mask=extra["later"]).at(2)],
        ),
    )
    wait_until(lambda: engine.calls)
    studio.steer(ADA, job.id, Steering(mask=extra["wanted"]))
    needed = [spec.content, style.image, *extra.values()]
    for image in needed:
        assert code_of(lambda image=image: studio.library.forget_image(ADA, image)) == "in_use"
    engine.let_go()
    wait_until(lambda: studio.job(ADA, job.id).is_finished)
    for image in needed:
        studio.library.forget_image(ADA, image)
    assert studio.result_file(ADA, job.id).is_file()
