import json
from pathlib import Path

import pytest
from jobs.fake_engine import FakeStep

from nst import images, schedule
from nst.jobs.filing.files import Folder
from nst.jobs.painters.speed import Laps, Speed
from nst.options import Options
from nst.pace import UNSTEADY, cost

PER_COST = 2e-6  # seconds


@pytest.fixture
def files(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def run(
    options: Options, per_cost: float = PER_COST, photo: tuple[int, int] = (400, 300)
) -> tuple[Laps, float]:
    """A run on a machine of this speed: its laps and seconds. A scale's first steps take twice as long."""
    sizes = schedule.sizes(options.size, options.steps)
    ends = schedule.ends(len(sizes), options.steps)
    laps, seconds, index = Laps(), 0.0, 0
    for scale, (size, end) in enumerate(zip(sizes, ends, strict=True)):
        width, height = images.fitted(*photo, size)
        for taken in range(1, end - index + 1):
            seconds += (
                per_cost * cost(max(width, height), min(width, height)) * (2 if taken <= UNSTEADY else 1)
            )
            index += 1
            laps.add(FakeStep(index, options.steps, width, height, 1.0, scale, len(sizes), seconds))
    return laps, seconds


def test_nothing_is_said_before_anything_was_painted(files):
    assert Speed(files).expected(400, 300, Options()) is None
    assert not Speed(files).knows(Options())


def test_a_run_tells_how_long_the_same_takes_again(files):
    options = Options(size=256, steps=100)
    laps, seconds = run(options)
    speed = Speed(files)
    speed.learn(options, laps)
    assert speed.knows(options)
    assert speed.expected(400, 300, options) == pytest.approx(seconds, rel=0.01)


@pytest.mark.parametrize("options", [Options(size=512, steps=300), Options(size=1024, steps=600)])
def test_a_small_run_tells_how_long_a_large_one_takes(files, options):
    small = Options(size=256, steps=18)
    speed = Speed(files)
    speed.learn(small, run(small)[0])
    assert speed.expected(400, 300, options) == pytest.approx(run(options)[1], rel=0.01)


def test_other_shapes_and_sizes_are_told_by_their_pixels(files):
    options = Options(size=256, steps=100)
    speed = Speed(files)
    speed.learn(options, run(options)[0])
    assert speed.expected(300, 400, options) == pytest.approx(speed.expected(400, 300, options))
    assert speed.expected(400, 100, options) < 0.6 * speed.expected(400, 300, options)


def test_newer_runs_count_for_more(files):
    options = Options(size=256, steps=100)
    speed = Speed(files)
    for per_cost in (PER_COST, *[3 * PER_COST] * 5):
        speed.learn(options, run(options, per_cost)[0])
    assert speed.expected(400, 300, options) == pytest.approx(run(options, 3 * PER_COST)[1], rel=0.1)


def test_another_kind_of_run_has_a_speed_of_its_own(files):
    options = Options(size=256, steps=100)
    speed = Speed(files)
    speed.learn(options, run(options)[0])
    for other in ({"optimizer": "adam"}, {"style_loss": "wasserstein"}, {"precision": "float32"}):
        assert speed.expected(400, 300, options.model_copy(update=other)) is None


def test_it_is_remembered(files):
    options = Options(size=256, steps=100)
    speed = Speed(files)
    speed.learn(options, run(options)[0])
    assert Speed(files).expected(400, 300, options) == speed.expected(400, 300, options)


def test_what_another_machine_learnt_is_not_used(files, tmp_path):
    options = Options(size=256, steps=100)
    Speed(files).learn(options, run(options)[0])
    kept = json.loads((tmp_path / "speed.json").read_text())
    files.write("speed.json", json.dumps(kept | {"machine": "another"}).encode())
    assert not Speed(files).knows(options)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"machine": 1, "rates": 2}', b"\xff"])
def test_a_damaged_record_is_measured_anew(files, damage):
    files.write("speed.json", damage)
    assert not Speed(files).knows(Options())


def test_a_rest_is_no_measure_of_speed():
    options = Options(size=64, steps=20)
    laps, _ = run(options)
    before = laps.typical
    laps.rest()
    for index, seconds in ((21, 900.0), (22, 1000.0), (23, 1000.1)):
        laps.add(FakeStep(index, 23, 64, 48, 1.0, 0, 1, seconds))
    assert laps.typical == pytest.approx(before)
