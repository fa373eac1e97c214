"""Each gets a turn, for what was asked last; nothing queues up."""

from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as TookTooLong
from threading import Event

import pytest

from nst.errors import Refusal
from nst.jobs.instant.turns import Turns

PATIENCE = 10


class Easel:
    """Work that takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun, self.leave = Event(), Event()
        self.done: list[str] = []

    def work(self, name: str) -> Callable[[], str]:
        def paint() -> str:
            self.begun.set()
            assert self.leave.wait(PATIENCE)
            self.done.append(name)
            return name

        return paint


@pytest.fixture
def easel() -> Easel:
    return Easel()


@pytest.fixture
def turns(easel: Easel) -> Iterator[Turns]:
    made = Turns("test", most_waiting=2)
    made.start(lambda work_within: None)
    yield made
    easel.leave.set()
    made.close(PATIENCE)


def begin(turns: Turns, easel: Easel, who: str = "ada"):
    """Something is under way, so that what comes next has to wait."""
    future = turns.ask(who, easel.work(f"{who}'s first"))
    assert easel.begun.wait(PATIENCE)
    return future


def test_of_what_somebody_asked_meanwhile_only_the_last_is_done(turns: Turns, easel: Easel) -> None:
    first = begin(turns, easel)
    waiting = [turns.ask("ada", easel.work(str(number))) for number in range(20)]
    for older in waiting[:-1]:
        with pytest.raises(Refusal) as refused:
            older.result(PATIENCE)
        assert refused.value.code == "superseded"
    easel.leave.set()
    assert (first.result(PATIENCE), waiting[-1].result(PATIENCE)) == ("ada's first", "19")
    assert easel.done == ["ada's first", "19"]


def test_who_asks_often_does_not_hold_up_the_others(turns: Turns, easel: Easel) -> None:
    begin(turns, easel)
    turns.ask("ada", easel.work("ada"))
    bob = turns.ask("bob", easel.work("bob"))
    last = turns.ask("ada", easel.work("ada again"))
    easel.leave.set()
    bob.result(PATIENCE)
    last.result(PATIENCE)
    assert easel.done == ["ada's first", "ada again", "bob"]


def test_too_many_who_wait_are_told(turns: Turns, easel: Easel) -> None:
    begin(turns, easel)
    turns.ask("bob", easel.work("bob"))
    turns.ask("eve", easel.work("eve"))
    with pytest.raises(Refusal) as refused:
        turns.ask("joe", easel.work("joe"))
    assert refused.value.code == "queue_full"
    turns.ask("eve", easel.work("eve again"))  # takes no more room


def test_a_failure_goes_to_who_asked_and_the_next_is_served(turns: Turns, easel: Easel) -> None:
    easel.leave.set()

    def fail() -> str:
        raise ValueError("no paint")

    with pytest.raises(ValueError, match="no paint"):
        turns.ask("ada", fail).result(PATIENCE)
    assert turns.ask("ada", easel.work("well")).result(PATIENCE) == "well"


def test_what_nobody_waits_for_any_more_is_left_out(turns: Turns, easel: Easel) -> None:
    begin(turns, easel)
    given_up = turns.ask("bob", easel.work("bob"))
    with pytest.raises(TookTooLong):
        given_up.result(0.01)
    given_up.cancel()
    other = turns.ask("eve", easel.work("eve"))
    easel.leave.set()
    other.result(PATIENCE)
    assert easel.done == ["ada's first", "eve"]


def test_at_the_end_who_waits_is_told_and_nobody_comes_in(turns: Turns, easel: Easel) -> None:
    begin(turns, easel)
    waiting = turns.ask("bob", easel.work("bob"))
    assert turns.close(0.01), "the thread is in the middle of something"
    for ask in (lambda: waiting.result(PATIENCE), lambda: turns.ask("eve", easel.work("eve"))):
        with pytest.raises(Refusal) as refused:
            ask()
        assert refused.value.code == "closing"
    easel.leave.set()
    assert not turns.close(PATIENCE)


def test_warming_up_gives_way_to_work(easel: Easel) -> None:
    turns = Turns("test", most_waiting=2)
    seen = []
    turns.start(lambda work_within: seen.append(work_within(PATIENCE)))
    easel.leave.set()
    assert turns.ask("ada", easel.work("ada")).result(PATIENCE) == "ada"
    assert seen == [True]
    turns.close(PATIENCE)


def test_a_failed_warming_up_is_no_end(easel: Easel) -> None:
    turns = Turns("test", most_waiting=2)

    def fail(_work_within: object) -> None:
        raise OSError("no weights")

    turns.start(fail)
    easel.leave.set()
    assert turns.ask("ada", easel.work("ada")).result(PATIENCE) == "ada"
    turns.close(PATIENCE)


def test_several_threads_serve_several_visitors_and_nobody_twice_at_once(easel: Easel) -> None:
    turns = Turns("test", most_waiting=4, threads=3)
    turns.start(lambda work_within: None)
    under_way, both = [], Event()

    def first(name: str) -> Callable[[], None]:
        def paint() -> None:
            under_way.append(name)
            if len(under_way) == 2:
                both.set()
            assert easel.leave.wait(PATIENCE)

        return paint

    futures = [turns.ask("ada", first("ada")), turns.ask("bob", first("bob"))]
    assert both.wait(PATIENCE)
    again = turns.ask("ada", easel.work("ada again"))
    assert turns.ask("eve", lambda: "eve").result(PATIENCE) == "eve", "a thread is free"
    assert not again.running()
    assert not again.done()
    easel.leave.set()
    assert again.result(PATIENCE) == "ada again"
    for future in futures:
        future.result(PATIENCE)
    assert not turns.close(PATIENCE)
