import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.fake_engine import picture
from nst import images
from nst.errors import Refusal
from nst.jobs.checks import check_change, check_spec
from nst.jobs.filing.files import Folder
from nst.jobs.ids import new_id
from nst.jobs.models import JobSpec, Region, StyleRef
from nst.jobs.pictures import Pictures
from nst.jobs.records.database import open_sqlite
from nst.jobs.records.store import Store
from nst.jobs.steering import Change, Steering

from .conftest import ADA, BOB

Add = Callable[..., str]


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Pictures]:
    store = Store(open_sqlite(tmp_path / "test.db"), lambda job, seq: None)
    yield Pictures(store, Folder(tmp_path), lambda owner, size: None)
    store.close()


@pytest.fixture
def grey(pictures: Pictures) -> Add:
    """A stored mask, white from column `left` to `right`."""

    def add(left: int, right: int, owner: str = ADA) -> str:
        pixels = np.zeros((48, 64), np.uint8)
        pixels[:, left:right] = 255
        return pictures.add(owner, io.BytesIO(images.encode_png(pixels)))[0].id

    return add


@pytest.fixture
def spec(pictures: Pictures) -> JobSpec:
    content, one, two = (pictures.add(ADA, io.BytesIO(picture()))[0].id for _ in range(3))
    return JobSpec(content=content, styles=[StyleRef(image=one), StyleRef(image=two)])


def refused(call: Callable[[], object]) -> tuple[str, str | None, str]:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code, caught.value.field, caught.value.message


def regions(*parts: tuple[str, int | None]) -> list[Region]:
    return [Region(mask=mask, style=style) for mask, style in parts]


def test_regions_guides_and_changes_that_fit_pass(pictures: Pictures, spec: JobSpec, grey: Add) -> None:
    left, right = grey(0, 30), grey(20, 64)
    guided = spec.styles[0].model_copy(update={"guide": left})
    fitting = spec.model_copy(
        update={
            "styles": [guided, spec.styles[1]],
            "mask": grey(10, 64),
            "regions": regions((left, 1), (right, None)),
            "changes": [Change(after=3, weights=[0, 1], regions=regions((right, 0)), mask=None)],
        }
    )
    check_spec(pictures, ADA, fitting)


def test_a_region_that_asks_for_a_painting_too_many_is_named(
    pictures: Pictures, spec: JobSpec, grey: Add
) -> None:
    asked = spec.model_copy(update={"regions": regions((grey(0, 9), 1), (grey(0, 9), 2))})
    assert refused(lambda: check_spec(pictures, ADA, asked)) == (
        "no_such_style",
        "regions.1.style",
        "Region 2 asks for painting 3, but there are only 2.",
    )


@pytest.mark.parametrize("bad", ["black", "theirs", "unknown"])
@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("mask", lambda mask: {"mask": mask}),
        ("regions.0.mask", lambda mask: {"regions": regions((mask, 0))}),
        ("changes.0.mask", lambda mask: {"changes": [Change(after=1, mask=mask)]}),
        ("changes.0.regions.0.mask", lambda mask: {"changes": [Change(after=1, regions=regions((mask, 0)))]}),
        ("changes.0.guides.1", lambda mask: {"changes": [Change(after=1, guides=[None, mask])]}),
        ("styles.0.guide", lambda mask: {"styles": [StyleRef(image="", guide=mask)]}),
    ],
)
def test_a_mask_that_is_black_or_not_there_is_named(
    pictures: Pictures, spec: JobSpec, grey: Add, bad: str, field: str, make: Callable[[str], dict]
) -> None:
    mask = {"black": lambda: grey(0, 0), "theirs": lambda: grey(0, 9, BOB), "unknown": new_id}[bad]()
    asked = make(mask)
    if "styles" in asked:
        asked = {"styles": [spec.styles[0].model_copy(update={"guide": mask})]}
    code, named, message = refused(lambda: check_spec(pictures, ADA, spec.model_copy(update=asked)))
    assert (code, named) == ("empty_mask" if bad == "black" else "not_found", field)
    assert ("black all over" in message) == (bad == "black")


def test_regions_that_leave_nothing_to_paint_are_refused(
    pictures: Pictures, spec: JobSpec, grey: Add
) -> None:
    everything, left, right = grey(0, 64), grey(0, 30), grey(40, 64)
    for parts, bound in (
        (regions((left, 0), (right, 1), (everything, None)), None),
        (regions((everything, None)), None),
        (regions((left, 0), (left, 1)), right),
    ):
        asked = spec.model_copy(update={"regions": parts, "mask": bound})
        assert refused(lambda asked=asked: check_spec(pictures, ADA, asked))[:2] == (
            "nothing_to_paint",
            "regions",
        )
    check_spec(pictures, ADA, spec.model_copy(update={"regions": regions((left, None)), "mask": right}))


def test_a_change_is_checked_against_what_is_in_force(pictures: Pictures, spec: JobSpec, grey: Add) -> None:
    left, right = grey(0, 30), grey(40, 64)
    current = spec.model_copy(update={"regions": regions((left, 0), (right, 1))})
    check_change(pictures, ADA, current, Steering(mask=left))
    between = Steering(mask=grey(32, 38))
    assert refused(lambda: check_change(pictures, ADA, current, between))[:2] == (
        "nothing_to_paint",
        "regions",
    )
    check_change(pictures, ADA, current, between.then(Steering(regions=[])))


@pytest.mark.parametrize(
    ("weights", "words"),
    [([1], "1 weight for 2 paintings"), ([1, 2, 3], "3 weights for 2 paintings")],
)
def test_a_blend_for_other_paintings_is_refused(
    pictures: Pictures, spec: JobSpec, weights: list[float], words: str
) -> None:
    code, field, message = refused(lambda: check_change(pictures, ADA, spec, Steering(weights=weights)))
    assert (code, field) == ("bad_blend", "weights")
    assert words in message


def test_guides_for_other_paintings_are_refused(pictures: Pictures, spec: JobSpec, grey: Add) -> None:
    code, field, message = refused(lambda: check_change(pictures, ADA, spec, Steering(guides=[grey(0, 9)])))
    assert (code, field) == ("bad_guide", "guides")
    assert "There is 1 guide for 2 paintings" in message


def dotted(pictures: Pictures, width: int = 2048, height: int = 1536, dot: int = 8) -> str:
    """A large stored mask, black but for a small dot."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[height // 3 :, width // 3 :][:dot, :dot] = 255
    return pictures.add(ADA, io.BytesIO(images.encode_png(pixels)))[0].id


def test_large_masks_are_looked_at_small_and_a_dot_is_seen(
    pictures: Pictures, spec: JobSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, opened = images.load, []

    def watched(*args: Any, **kwargs: Any) -> images.Pixels:
        pixels = load(*args, **kwargs)
        opened.append(max(pixels.shape))
        return pixels

    mask = dotted(pictures)
    monkeypatch.setattr(images, "load", watched)
    check_spec(pictures, ADA, spec.model_copy(update={"mask": mask, "regions": regions((mask, 0))}))
    assert opened == [512]


def test_more_masks_than_a_run_can_come_to_are_refused(
    pictures: Pictures, spec: JobSpec, grey: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst.jobs.checks._MOST_MASKS", 3)
    again = grey(0, 9)
    changes = [
        Change(after=step, mask=mask) for step, mask in enumerate((again, grey(0, 9), again, grey(0, 9)))
    ]
    check_spec(pictures, ADA, spec.model_copy(update={"changes": changes}))
    changes.append(Change(after=9, regions=regions((grey(0, 9), 0))))
    code, field, message = refused(
        lambda: check_spec(pictures, ADA, spec.model_copy(update={"changes": changes}))
    )
    assert (code, field) == ("too_many_masks", "changes.4.regions.0.mask")
    assert "Leave some changes out" in message
