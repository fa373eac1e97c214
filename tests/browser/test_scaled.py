"""The page of a scaled-out studio: a painting begun at one web process is watched and stopped at another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.visitor import SOON, at, choose, pick, wait_state, wait_step
from jobs.site import Site, is_up, scaled_out, wait_until
from servers import Redis

from components import ids

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture
def site(postgres_url: str, redis_here: Redis, tmp_path: Path) -> Iterator[Site]:
    with scaled_out(postgres_url, redis_here.url, tmp_path) as made:
        yield made


def test_a_page_follows_what_another_web_process_began(page: Any, site: Site) -> None:
    here, there = (site.start_web() for _ in range(2))
    site.start_worker("jobs.hasty_worker", "0.3")
    for address in (here, there):
        visitor = site.browser(address)
        wait_until(lambda: is_up(visitor))  # noqa: B023
    page.goto(here)
    pick(page)
    choose(page, 96, 4000)
    page.click(at(ids.START))
    wait_step(page, 3)

    other = page.context.new_page()
    other.set_default_timeout(SOON)
    other.goto(there + page.url.removeprefix(here))
    wait_state(other, "running", timeout=2 * SOON)
    wait_step(other, 5)
    other.wait_for_function("id => document.getElementById(id).naturalWidth > 1", arg=ids.PICTURE)
    other.click(at(ids.STOP))
    for one in (other, page):
        wait_state(one, "cancelled", timeout=2 * SOON)
        one.wait_for_function(
            "id => document.getElementById(id).src.endsWith('/result.png')", arg=ids.PICTURE
        )
