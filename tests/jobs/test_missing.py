from collections.abc import Callable
from typing import get_args

import pytest

from nst.errors import Refusal
from nst.jobs.missing import Thing, missing, no_page, none_yet


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("thing", get_args(Thing))
def test_what_happened_is_followed_by_what_to_do(thing: Thing) -> None:
    refusal = refused(lambda: missing(thing, "field"))
    happened, to_do, end = refusal.message.split(".")
    assert happened == f"There is no such {thing} here, or not any more"
    assert (bool(to_do), end) == (True, "")
    assert (refusal.code, refusal.field) == ("not_found", "field")


def test_pages_and_what_is_still_to_come_have_words_too() -> None:
    page = refused(lambda: no_page("videos"))
    assert (page.code, page.field) == ("bad_page", "before")
    assert "page of videos. Leave `before` away" in page.message
    assert "Wait" in refused(lambda: none_yet("painting", "result picture")).message
