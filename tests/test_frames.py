from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pytest
from PIL import Image

from nst.errors import Refusal
from nst.frames import Frames


@dataclass
class Step:
    """Of the engine's only what a frame needs; `may_be_seen` holds its picture back."""

    index: int
    steps: int = 9
    may_be_seen: Event = field(default_factory=Event)

    def enlarged(self) -> np.ndarray:
        assert self.may_be_seen.wait(10)
        return np.full((4, 5, 3), self.index, np.uint8)


def ready(index: int) -> Step:
    step = Step(index)
    step.may_be_seen.set()
    return step


def test_every_nth_and_the_last_are_there_in_the_end(tmp_path):
    with Frames(4, tmp_path) as frames:
        for index in range(1, 10):
            frames.add(ready(index))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000004.png", "000008.png", "000009.png"]
    assert Image.open(tmp_path / "000008.png").getpixel((0, 0)) == (8, 8, 8)


def test_where_steps_are_passed_over_it_is_the_next_one(tmp_path):
    with Frames(4, tmp_path) as frames:
        due = [index for index in (3, 6, 7, 9, 11, 13) if frames.is_due(index)]
        assert due == [6, 7, 9, 11, 13]  # none was saved
        for index in (3, 6, 7, 9, 11, 13):
            if frames.is_due(index):
                frames.save(index, ready(index).enlarged)
        frames.save(13, Step(13).enlarged)  # is there, and not made again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000006.png", "000009.png", "000013.png"]


def test_painting_goes_on_while_a_frame_is_written_but_only_one(tmp_path):
    slow, frames = Step(1), Frames(1, tmp_path)
    with frames:
        frames.add(slow)  # returns although its picture is not there yet
        slow.may_be_seen.set()
        frames.add(ready(2))
        assert (tmp_path / "000001.png").exists()  # waited for before the next began


@pytest.mark.parametrize("blocked", [2, 4])  # on the way, and as the last one
def test_the_first_that_cannot_be_written_is_complained_of_and_the_run_goes_on(tmp_path, capsys, blocked):
    (tmp_path / f"{blocked:06d}.png").mkdir()
    with Frames(1, tmp_path) as frames:
        for index in range(1, 5):
            frames.add(ready(index))
    assert frames.are_given_up
    assert len(list(tmp_path.iterdir())) == blocked
    [line] = capsys.readouterr().err.splitlines()
    assert str(tmp_path) in line
    assert "directory" in line


def test_an_error_of_the_run_goes_before_one_of_its_frames(tmp_path):
    def stopped() -> None:
        with Frames(1, tmp_path / "nowhere") as frames:
            frames.add(ready(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()


@pytest.mark.parametrize("count", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_steps_that_is_none_is_refused(tmp_path, count):
    with pytest.raises(Refusal) as refusal:
        Frames.asked_for((count, str(tmp_path)))
    assert (refusal.value.code, refusal.value.field) == ("bad_usage", "--save-every")


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Refusal) as refusal:
        Frames.asked_for(("5", str(tmp_path / "file" / "frames")))
    assert refusal.value.code == "bad_output"
