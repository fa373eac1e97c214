"""Strange bodies and strange cameras, some of each; `make fuzz TARGET=bodies` and `TARGET=camera` go on."""

import pytest

from fuzz.host import hosted
from fuzz.properties import PROPERTIES, some

TRIES = 120


@pytest.mark.parametrize("name", PROPERTIES)
def test_nothing_that_is_sent_makes_it_stumble(name: str) -> None:
    with hosted() as host:
        some(PROPERTIES[name](host), TRIES)()
