import pytest

from nst.jobs.ids import is_id, new_id


def test_ids_are_of_the_pattern_and_differ() -> None:
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(is_id(one) for one in made)


@pytest.mark.parametrize(
    "text", ["", "../x", "0" * 31, "0" * 33, "0" * 32 + "\n", "G" * 32, "0" * 31 + "/", "٠" * 32, "A" * 32]
)
def test_nothing_else_is_an_id(text: str) -> None:
    assert not is_id(text)
