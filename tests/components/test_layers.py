import io

import numpy as np
import pytest
from fastapi.testclient import TestClient

from components import layers
from nst import images
from nst.jobs.models import JobSpec, Region, StyleRef

CONTENT = {"id": "photo"}
STYLES = [{"id": "wave"}, {"id": "mosaic"}]
HALVES = {
    "left": np.repeat([[255] * 16 + [0] * 16], 32, 0),
    "right": np.repeat([[0] * 16 + [255] * 16], 32, 0),
    "all": np.full((32, 32), 255),
    "none": np.zeros((32, 32)),
}


def region(key: str, paints: str | None = "wave", covers: str = "all", **more: object) -> dict:
    coarse = np.packbits(HALVES[covers] > 0).tobytes().hex()
    return {
        "key": key,
        "name": f"Region {key.upper()}",
        "id": f"mask-{key}",
        "of": "photo",
        "paints": paints,
        "coarse": coarse,
        "share": 0.5,
        "thumbnail": "/t.jpg",
        "url": "/m",
    } | more


def keys(regions: list[dict]) -> str:
    return "".join(one["key"] for one in regions)


def test_a_new_region_takes_the_first_free_letter_and_a_fifth_finds_none():
    assert layers.free_key(None) == "a"
    assert layers.free_key([region("a"), region("c")]) == "b"
    assert layers.free_key([region(key) for key in "abcd"]) is None


def test_a_new_region_lies_on_top_and_takes_a_painting_that_no_other_has():
    part = {name: value for name, value in region("b").items() if name != "paints"}
    first = layers.with_part(None, part, STYLES)
    assert first[0]["paints"] == "wave"
    second = layers.with_part(first, {**part, "key": "c"}, STYLES)
    assert [one["paints"] for one in second] == ["wave", "mosaic"]
    assert keys(second) == "bc"


def test_painting_a_region_anew_changes_its_mask_and_nothing_else():
    before = [region("a", name="Sky"), region("b", "mosaic")]
    part = {name: value for name, value in region("a", id="new").items() if name != "paints"}
    changed = layers.with_part(before, part, STYLES)
    assert changed == [{**before[0], "id": "new"}, before[1]]


@pytest.mark.parametrize(
    ("action", "key", "order"),
    [
        ("region-up", "a", "bac"),
        ("region-up", "c", "abc"),
        ("region-down", "c", "acb"),
        ("region-down", "a", "abc"),
        ("region-remove", "b", "ac"),
        ("region-remove", "d", "abc"),
    ],
)
def test_regions_move_over_and_under_each_other_and_leave(action, key, order):
    assert keys(layers.after([region(key) for key in "abc"], action, key, 1)) == order


def test_what_a_region_takes_changes_only_by_another_choice():
    before = [region("a", None), region("b")]
    assert layers.after(before, "region-paints", "a", "wave", STYLES) is before  # shown as the first already
    after = layers.after(before, "region-paints", "a", "mosaic", STYLES)
    assert [one["paints"] for one in after] == ["mosaic", "wave"]


@pytest.mark.parametrize(
    ("paints", "place"), [("wave", 0), ("mosaic", 1), (layers.KEEP, None), (None, 0), ("gone", 0)]
)
def test_a_painting_that_left_gives_way_to_the_first(paints, place):
    assert layers.painting(region("a", paints), STYLES) == place


def test_a_job_is_told_the_layers_in_their_order_and_only_those_of_its_photograph():
    regions = [region("a", "mosaic"), region("b", layers.KEEP), region("c", of="another")]
    assert layers.as_asked(regions, CONTENT, STYLES) == [
        Region(mask="mask-a", style=1),
        Region(mask="mask-b", style=None),
    ]
    assert layers.as_asked(regions, None, STYLES) == []


def test_a_region_is_named_where_it_is_seen():
    (left,) = layers.middles([region("a", covers="left")])
    assert left == pytest.approx((0.25, 0.5), abs=0.1)
    whole, above = layers.middles([region("a", covers="all"), region("b", covers="right")])
    assert whole == pytest.approx((0.25, 0.5), abs=0.1)
    assert above == pytest.approx((0.75, 0.5), abs=0.1)


def test_a_region_that_is_hidden_or_empty_is_not_named():
    assert layers.middles([region("a", covers="left"), region("b", covers="all")])[0] is None
    assert layers.middles([region("a", covers="none")]) == [None]


def test_a_job_gives_its_regions_back(server):
    studio = server.state.studio
    pixels = np.zeros((40, 800, 3), np.uint8)  # as narrow as a photograph can be
    pixels[:, :400] = 255
    with TestClient(server):
        mask, _ = studio.add_image("ada", io.BytesIO(images.encode_png(pixels)))
        spec = JobSpec(
            content="photo",
            styles=[StyleRef(image="wave"), StyleRef(image="mosaic")],
            regions=[Region(mask=mask.id, style=1), Region(mask=mask.id, style=None)],
        )
        kept = layers.kept(studio, "ada", spec)
    assert layers.as_asked(kept, CONTENT, STYLES) == spec.regions
    assert keys(kept) == "ab"
    assert kept[0]["share"] == pytest.approx(0.5, abs=0.02)
    assert layers.middles(kept[:1])[0] == pytest.approx((0.25, 0.5), abs=0.1)
