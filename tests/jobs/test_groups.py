import io
import zipfile
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from jobs.fake_engine import FakeEngine, picture, wait_until
from nst.errors import Refusal
from nst.jobs import groups
from nst.jobs.groups import GroupSpec, Vary
from nst.jobs.ids import new_id
from nst.jobs.models import Group, Region, StyleRef
from nst.jobs.studio import Studio
from nst.options import Options

from .conftest import ADA, BOB, spec_for

OpenStudio = Callable[..., Studio]


def add(studio: Studio, owner: str = ADA) -> str:
    return studio.add_image(owner, io.BytesIO(picture()))[0].id


def batch(studio: Studio, count: int = 3, **more: object) -> GroupSpec:
    contents = [add(studio) for _ in range(count)]
    options = Options(size=64, steps=4)
    return GroupSpec(contents=contents, styles=[StyleRef(image=add(studio))], options=options, **more)


def grid(studio: Studio, **vary: list[float]) -> GroupSpec:
    style = StyleRef(image=add(studio))
    return GroupSpec(content=add(studio), styles=[style], options=Options(steps=2), vary=Vary(**vary))


def done(studio: Studio, group: Group) -> None:
    wait_until(lambda: all(job.is_finished for job in studio.group(ADA, group.id)[1]))


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def unpacked(studio: Studio, group: Group) -> dict[str, bytes]:
    packed = groups.archive(studio, ADA, group.id)
    data = b"".join(packed.parts)
    assert len(data) == packed.length
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert not any(entry.flag_bits & 8 for entry in archive.infolist())  # some unpackers stumble on it
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_batch_paints_each_photograph_once(studio: Studio, engine: FakeEngine) -> None:
    asked = batch(studio, title="Holiday")
    twice = asked.model_copy(update={"contents": [*asked.contents, asked.contents[0]]})
    group = groups.submit(studio, ADA, twice)
    _, jobs = studio.group(ADA, group.id)
    assert [job.spec.content for job in jobs] == asked.contents
    assert [job.id for job in jobs] == group.members
    assert {job.group for job in jobs} == {group.id}
    assert {job.spec.options for job in jobs} == {Options(size=64, steps=4)}
    done(studio, group)
    assert len(engine.calls) == 3


def test_a_grid_goes_through_all_cells_row_by_row_and_small(studio: Studio) -> None:
    group = groups.submit(studio, ADA, grid(studio, style_weight=[0.5, 2], style_scale=[1, 2, 4]))
    _, jobs = studio.group(ADA, group.id)
    options = [job.spec.options for job in jobs]
    expected = [(weight, scale) for weight in (0.5, 2) for scale in (1, 2, 4)]
    assert [(one.style_weight, one.style_scale) for one in options] == expected
    assert {(one.size, one.steps) for one in options} == {(groups.GRID_SIZE, 2)}
    larger = grid(studio, tv_weight=[0, 1])
    larger = larger.model_copy(update={"options": Options(size=320, steps=2)})
    assert {job.options.size for job in larger.jobs} == {320}


def test_each_cell_of_a_grid_has_the_mask_the_regions_and_the_guides(studio: Studio) -> None:
    asked = grid(studio, style_weight=[0.5, 2])
    part = add(studio)
    style = asked.styles[0].model_copy(update={"guide": part})
    asked = asked.model_copy(
        update={"mask": part, "regions": [Region(mask=part, style=0)], "styles": [style]}
    )
    _, jobs = studio.group(ADA, groups.submit(studio, ADA, asked).id)
    assert [job.spec.options.style_weight for job in jobs] == [0.5, 2]
    for job in jobs:
        assert (job.spec.mask, job.spec.regions, job.spec.styles) == (part, asked.regions, [style])


@pytest.mark.parametrize("part", [{"mask": "m"}, {"regions": [{"mask": "m", "style": None}]}])
def test_many_photographs_have_no_mask_and_no_regions(part: dict) -> None:
    with pytest.raises(ValidationError, match="belongs to one photograph") as caught:
        GroupSpec.model_validate({"styles": [{"image": "a"}], "contents": ["a", "b"], **part})
    assert caught.value.errors()[0]["loc"] == tuple(part)


@pytest.mark.parametrize(
    ("vary", "location"),
    [
        ({"style_weight": [1, -1]}, ("style_weight", 1)),
        ({"style_scale": [5]}, ("style_scale", 0)),
        ({"style_weight": [float("nan")]}, ("style_weight", 0)),
        ({"style_weight": []}, ("style_weight",)),
        ({"style_weight": [1] * 13}, ("style_weight",)),
        ({"size": [64]}, ("size",)),
        ({}, ()),
        ({"style_weight": [1], "style_scale": [1], "tv_weight": [1]}, ()),
    ],
)
def test_a_grid_of_impossible_values_is_refused_where_it_is_wrong(vary: dict, location: tuple) -> None:
    with pytest.raises(ValidationError) as caught:
        Vary.model_validate(vary)
    assert caught.value.errors()[0]["loc"] == location


@pytest.mark.parametrize("given", [{}, {"contents": ["a"], "content": "a"}, {"content": "a"}])
def test_a_group_is_a_batch_or_a_grid(given: dict) -> None:
    with pytest.raises(ValidationError, match="either a batch or a grid"):
        GroupSpec.model_validate({"styles": [{"image": "a"}], **given})
    with pytest.raises(ValidationError, match="either a batch or a grid"):
        GroupSpec.model_validate({"styles": [{"image": "a"}], "contents": ["a"], "vary": {"tv_weight": [1]}})


def test_all_of_a_group_or_nothing_is_queued(studio: Studio) -> None:
    asked = batch(studio)
    for bad in (new_id(), add(studio, BOB), "../x"):
        wrong = asked.model_copy(update={"contents": [*asked.contents[:2], bad]})
        refusal = refused(groups.submit, studio, ADA, wrong)
        assert (refusal.code, refusal.field) == ("not_found", "contents.2")
    assert studio.jobs(ADA) == ([], None)


def test_groups_have_limits_of_their_own(open_studio: OpenStudio, engine: FakeEngine) -> None:
    engine.hold()
    studio = open_studio(group_jobs=4, queued_per_client=1, queued_total=4)
    refusal = refused(groups.submit, studio, ADA, batch(studio, 5))
    assert (refusal.code, refusal.field) == ("group_too_large", "contents")
    assert "5 paintings" in refusal.message
    assert "at most 4" in refusal.message
    wide = grid(studio, style_weight=[1, 2, 3, 4, 5])
    assert refused(groups.submit, studio, ADA, wide).field == "vary"
    first = studio.submit(ADA, spec_for(studio))
    wait_until(lambda: studio.job(ADA, first.id).state == "running")
    groups.submit(studio, ADA, batch(studio, 3))
    assert refused(groups.submit, studio, ADA, batch(studio, 2)).code == "queue_full"
    groups.submit(studio, ADA, batch(studio, 1))
    assert "queue" not in studio.health()
    assert studio.submit(ADA, spec_for(studio)).position == 1
    assert refused(studio.submit, ADA, spec_for(studio)).code == "queue_full"
    theirs = GroupSpec(contents=[add(studio, BOB)], styles=[StyleRef(image=add(studio, BOB))])
    assert refused(groups.submit, studio, BOB, theirs).code == "queue_full"


def test_a_single_painting_does_not_wait_for_a_whole_group(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    group = groups.submit(studio, ADA, batch(studio))
    running = group.members[0]
    wait_until(lambda: studio.job(ADA, running).state == "running")
    single = studio.submit(BOB, spec_for(studio, BOB))
    assert single.position == 1
    assert [studio.job(ADA, member).position for member in group.members[1:]] == [2, 3]


def test_a_group_is_stopped_as_a_whole_and_keeps_what_is_there(studio: Studio, engine: FakeEngine) -> None:
    engine.hold()
    group = groups.submit(studio, ADA, batch(studio))
    engine.step(2)
    wait_until(lambda: studio.job(ADA, group.members[0]).step == 2)
    groups.cancel(studio, ADA, group.id)
    engine.let_go()
    done(studio, group)
    jobs = studio.group(ADA, group.id)[1]
    assert [job.state for job in jobs] == ["cancelled"] * 3
    assert [job.has_result for job in jobs] == [True, False, False]
    groups.cancel(studio, ADA, group.id)


def test_the_zip_has_every_result_that_is_there_under_names_of_their_own(studio: Studio) -> None:
    group = groups.submit(studio, ADA, batch(studio, title='Ho/li"day'))
    done(studio, group)
    files = unpacked(studio, group)
    assert list(files) == ["01 Holiday.png", "02 Holiday.png", "03 Holiday.png"]
    assert groups.archive(studio, ADA, group.id).name == "Holiday"
    for member, data in zip(group.members, files.values(), strict=True):
        assert data == studio.result_file(ADA, member).read_bytes()
    studio.delete(ADA, group.members[1])
    assert list(unpacked(studio, group)) == ["01 Holiday.png", "03 Holiday.png"]


def test_the_zip_of_a_grid_says_what_each_is(studio: Studio) -> None:
    group = groups.submit(studio, ADA, grid(studio, style_weight=[0.5, 2], tv_weight=[1]))
    done(studio, group)
    names = ["01 style weight 0.5 tv weight 1.png", "02 style weight 2 tv weight 1.png"]
    assert list(unpacked(studio, group)) == names


def test_a_zip_of_nothing_is_refused_and_a_broken_one_is_never_whole(
    studio: Studio, engine: FakeEngine
) -> None:
    engine.hold()
    group = groups.submit(studio, ADA, batch(studio))
    assert refused(groups.archive, studio, ADA, group.id).code == "no_result"
    engine.let_go()
    done(studio, group)
    packed = groups.archive(studio, ADA, group.id)
    first = next(packed.parts)
    studio.delete(ADA, group.members[2])
    with pytest.raises(Refusal):
        list(packed.parts)
    assert len(first) < packed.length


def test_a_group_is_its_owners_alone(studio: Studio) -> None:
    group = groups.submit(studio, ADA, batch(studio))
    for owner, known in ((BOB, group.id), (ADA, new_id()), (ADA, "../x")):
        for call in (studio.group, studio.delete_group):
            assert refused(call, owner, known).code == "not_found"
        for call in (groups.cancel, groups.archive):
            assert refused(call, studio, owner, known).code == "not_found"


def test_a_deleted_group_leaves_nothing(studio: Studio) -> None:
    group = groups.submit(studio, ADA, batch(studio))
    studio.delete_group(ADA, group.id)
    assert refused(studio.group, ADA, group.id).code == "not_found"
    assert studio.jobs(ADA) == ([], None)


def test_a_group_outlives_the_studio(open_studio: OpenStudio, engine: FakeEngine) -> None:
    studio = open_studio()
    group = groups.submit(studio, ADA, grid(studio, style_weight=[0.5, 2]))
    done(studio, group)
    studio.close()
    again, jobs = open_studio().group(ADA, group.id)
    assert again == group
    assert [job.state for job in jobs] == ["done", "done"]
