"""Previews: what is painted, what is remembered, and whose it is."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from jobs.fake_engine import FakeEngine, wait_until
from jobs.fake_networks import FakeNetworks

from nst import images
from nst.errors import Refusal
from nst.jobs.instant.previews import OWN_SECONDS, Preview, PreviewSpec, PreviewStyle, SheetSpec
from nst.jobs.studio import Studio
from nst.settings import Settings

ADA, BOB = "ada", "bob"
RED, BLUE, GREY = (200, 0, 0), (0, 0, 200), (100, 100, 100)


@pytest.fixture
def networks() -> FakeNetworks:
    return FakeNetworks()


@pytest.fixture
def open_studio(tmp_path: Path, networks: FakeNetworks) -> Iterator[Callable[..., Studio]]:
    opened = []

    def make(**more: object) -> Studio:
        studio = Studio(
            Settings(data_dir=tmp_path / "data"), FakeEngine().load, networks=networks.load, **more
        )
        studio.start()
        opened.append(studio)
        return studio

    yield make
    for studio in opened:
        studio.close()


@pytest.fixture
def studio(open_studio: Callable[..., Studio]) -> Studio:
    return open_studio()


def kept(studio: Studio, colour: tuple, size: tuple[int, int] = (120, 80), owner: str = ADA) -> str:
    pixels = np.broadcast_to(np.array(colour, np.uint8), (size[1], size[0], 3))
    return studio.add_image(owner, io.BytesIO(images.encode_png(np.array(pixels))))[0].id


def spec(content: str, *styles: tuple[str, float], **more: object) -> PreviewSpec:
    shares = [PreviewStyle(image=image, weight=weight) for image, weight in styles]
    return PreviewSpec(content=content, styles=shares, **{"size": 64, "format": "png"} | more)


def colour(studio: Studio, wanted: PreviewSpec, owner: str = ADA) -> list[int]:
    painted = images.load(io.BytesIO(studio.previews.paint(owner, wanted)))
    assert max(painted.shape) == wanted.size
    return painted.reshape(-1, 3).mean(0).round().astype(int).tolist()


def test_styles_are_mixed_by_their_weights_and_held_back_by_the_strength(studio: Studio) -> None:
    content, red, blue = kept(studio, GREY), kept(studio, RED), kept(studio, BLUE)
    assert colour(studio, spec(content, (red, 1))) == pytest.approx(RED, abs=2)
    assert colour(studio, spec(content, (red, 3), (blue, 1))) == pytest.approx((150, 0, 50), abs=2)
    assert colour(studio, spec(content, (red, 1), strength=0)) == pytest.approx(GREY, abs=2)
    assert colour(studio, spec(content, (red, 1), strength=0.5)) == pytest.approx((150, 50, 50), abs=2)


@pytest.mark.parametrize("size", [32, 400, 700, 1500])
def test_the_preview_has_the_size_that_was_asked_for(
    studio: Studio, networks: FakeNetworks, size: int
) -> None:
    content = kept(studio, GREY, (1200, 900))
    colour(studio, spec(content, (kept(studio, RED), 1), size=size))
    assert networks.painted == [(round(size * 0.75), size, 3)]


def test_a_style_is_looked_at_once(studio: Studio, networks: FakeNetworks) -> None:
    contents, red = [kept(studio, GREY), kept(studio, BLUE)], kept(studio, RED)
    for content in contents:
        for strength in (1, 0.4, 0.5):
            colour(studio, spec(content, (red, 1), strength=strength))
    assert len(networks.seen) == 3, "the painting and each photograph, once"


def test_a_sample_is_looked_at_once_for_all_visitors(studio: Studio, networks: FakeNetworks) -> None:
    for owner in (ADA, BOB):
        content = kept(studio, GREY, owner=owner)
        colour(studio, spec(content, (studio.add_sample(owner, "wave").id, 1)), owner)
    assert len(networks.seen) == 1


def test_what_is_another_visitor_s_is_not_there(studio: Studio) -> None:
    mine, theirs = kept(studio, GREY), kept(studio, RED, owner=BOB)
    for wanted, field in (
        (spec(theirs, (mine, 1)), "content"),
        (spec(mine, (mine, 1), (theirs, 1)), "styles.1.image"),
        (spec("0" * 32, (mine, 1)), "content"),
    ):
        with pytest.raises(Refusal) as refused:
            studio.previews.paint(ADA, wanted)
        assert (refused.value.code, refused.value.field) == ("not_found", field)
    with pytest.raises(Refusal):
        studio.previews.sheet(ADA, SheetSpec(content=theirs))
    with pytest.raises(Refusal):
        studio.previews.view(ADA, Preview(styles=[PreviewStyle(image=theirs)]))


def test_an_extreme_shape_is_painted_as_well(studio: Studio) -> None:
    content = kept(studio, GREY, (1000, 50))
    assert colour(studio, spec(content, (kept(studio, RED), 1), size=200)) == pytest.approx(RED, abs=2)


def test_the_sheet_shows_the_photograph_in_each_style(studio: Studio) -> None:
    sheet = images.decode(studio.previews.sheet(ADA, SheetSpec(content=kept(studio, GREY), size=96))).pixels
    assert sheet.shape == (128, 96, 3)
    assert sheet[:60].mean() == pytest.approx(100, abs=2)
    assert sheet[68:].mean() == pytest.approx(155, abs=2)


def test_nothing_is_loaded_before_it_is_needed(studio: Studio, networks: FakeNetworks) -> None:
    assert networks.loads == 0
    content = kept(studio, GREY)
    for _ in range(2):
        colour(studio, spec(content, (content, 1)))
    assert networks.loads == 1


def test_a_warm_studio_loads_the_networks_once_its_engine_is_there(
    open_studio: Callable[..., Studio], networks: FakeNetworks
) -> None:
    open_studio(warm=True)
    wait_until(lambda: networks.painted != [])
    assert networks.loads == 1


def test_missing_weights_are_told_and_found_once_they_are_there(
    studio: Studio, networks: FakeNetworks
) -> None:
    networks.trouble = Refusal("weights_missing", "The weights are not here.")
    content = kept(studio, GREY)
    with pytest.raises(Refusal, match="not here"):
        colour(studio, spec(content, (content, 1)))
    networks.trouble = None
    assert colour(studio, spec(content, (content, 1))) == pytest.approx(GREY, abs=2)


def test_the_newest_of_a_visitor_s_previews_wins(
    studio: Studio, networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, begun, leave = kept(studio, GREY), threading.Event(), threading.Event()
    paint = networks.paint

    def slowly(*given: np.ndarray) -> np.ndarray:
        begun.set()
        assert leave.wait(10)
        return paint(*given)

    monkeypatch.setattr(networks, "paint", slowly)
    told: dict[int, object] = {}

    def ask(size: int) -> None:
        try:
            told[size] = len(studio.previews.paint(ADA, spec(content, (content, 1), size=size)))
        except Refusal as refusal:
            told[size] = refusal.code

    asking = []
    for size in (40, 50, 60):
        asking.append(threading.Thread(target=ask, args=(size,)))
        asking[-1].start()
        if size == 40:
            assert begun.wait(10)
        else:
            wait_until(lambda: studio.previews._turns._waiting)
            time.sleep(0.05)
    wait_until(lambda: 50 in told)
    assert told == {50: "superseded"}
    leave.set()
    for thread in asking:
        thread.join(10)
    assert networks.painted == [(27, 40, 3), (40, 60, 3)]


def test_a_camera_s_own_style_is_looked_at_now_and_then(
    studio: Studio, networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("nst.jobs.instant.previews.monotonic", lambda: now[0])
    style = PreviewStyle(image=kept(studio, RED))
    frame = np.full((48, 64, 3), 100, np.uint8)

    def painted(view: object) -> float:
        return float(studio.previews.live_frame(ADA, frame, view).result(10)[..., 0].mean())

    whole = studio.previews.view(ADA, Preview(styles=[style]))
    assert painted(whole) == pytest.approx(200, abs=2)
    assert frame.shape not in networks.seen
    half = studio.previews.view(ADA, Preview(styles=[style], strength=0.5))
    for _ in range(5):
        assert painted(half) == pytest.approx(150, abs=2)
    assert networks.seen.count(frame.shape) == 1
    now[0] += OWN_SECONDS + 0.1
    painted(half)
    assert networks.seen.count(frame.shape) == 2
