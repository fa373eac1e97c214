"""So many cameras at a time, and one of each visitor."""

import pytest

from nst.errors import Refusal
from nst.jobs.instant.cameras import Cameras


def nobody() -> None:
    raise AssertionError("nobody took its place")


def test_so_many_and_no_more() -> None:
    cameras = Cameras(2)
    ada = cameras.open("ada", nobody)
    cameras.open("bob", nobody)
    with pytest.raises(Refusal) as refused:
        cameras.open("eve", nobody)
    assert refused.value.code == "cameras_full"
    cameras.close("ada", ada)
    cameras.open("eve", nobody)


def test_a_visitor_s_newest_camera_counts() -> None:
    cameras, told = Cameras(1), []
    first = cameras.open("ada", lambda: told.append("first"))
    second = cameras.open("ada", nobody)
    assert told == ["first"]
    cameras.close("ada", first)  # which has no place any more
    with pytest.raises(Refusal):
        cameras.open("bob", nobody)
    cameras.close("ada", second)
    cameras.open("bob", nobody)
