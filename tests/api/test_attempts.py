from nst.api import attempts
from nst.api.attempts import FORGOTTEN, FREE, LONGEST_WAIT, Attempts


def test_waits_grow_with_each_wrong_one() -> None:
    known, now, waits = Attempts(), 0.0, []
    for _ in range(FREE):
        assert known.begin("ada", now) == 0
    for _ in range(15):
        waits.append(known.begin("ada", now))
        now += waits[-1]
        assert known.begin("ada", now) == 0
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT


def test_asking_while_one_waits_makes_it_no_longer() -> None:
    known = Attempts()
    for _ in range(FREE):
        known.begin("ada", 0)
    assert [known.begin("ada", now) for now in (0, 0.5, 0.75)] == [1, 0.5, 0.25]


def test_who_asks_how_long_to_wait_has_not_guessed() -> None:
    known = Attempts()
    for _ in range(FREE):
        assert known.wait("ada", 0) == 0
        assert known.begin("ada", 0) == 0
    assert known.wait("ada", 0.25) == 0.75
    assert known.wait("ada", 1) == 0


def test_nobody_waits_for_another() -> None:
    known = Attempts()
    for _ in range(FREE):
        known.begin("ada", 0)
    assert known.begin("bob", 0) == 0


def test_the_right_one_and_time_make_it_forgotten() -> None:
    known = Attempts()
    for _ in range(FREE):
        known.begin("ada", 0)
    known.right("ada")
    for _ in range(FREE):
        assert known.begin("ada", 0) == 0
    assert known.begin("ada", 0.5) > 0
    for _ in range(FREE):
        assert known.begin("ada", FORGOTTEN + 1) == 0


def test_no_more_addresses_are_kept_than_fit(monkeypatch) -> None:
    monkeypatch.setattr(attempts, "MOST", 3)
    known = Attempts()
    for who in "abcde":
        known.begin(who, 0)
    assert len(known._known) == 3
