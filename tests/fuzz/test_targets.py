"""Each target on its seeds, on what was ever found, and on some fresh damage; `make fuzz` goes on."""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from pictures import SIGNATURE, gradient, saved
from PIL import Image

from fuzz import LIMITS
from fuzz.mutations import mutate
from fuzz.targets import TARGETS
from nst.settings import settings

CORPUS = Path(__file__).parent / "corpus"
TRIES = 150  # of each target


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in LIMITS.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow comments on what it finds odd
        yield


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_taken(name: str) -> None:
    for data in TARGETS[name].seeds().values():
        TARGETS[name].check(data)


@pytest.mark.parametrize(
    "path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name} {path.name}"
)
def test_what_was_found_once_is_mended(path: Path) -> None:
    TARGETS[path.parent.name].check(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_damage_of_every_kind_is_withstood(name: str) -> None:
    target, dice = TARGETS[name], Random(name)
    seeds = list(target.seeds().values())
    for seed in range(TRIES):
        data = seeds[seed % len(seeds)]
        for _ in range(dice.randrange(1, 4)):
            data = mutate(data, target.longest, dice.randrange(2**32), lambda old, _: struck(old, dice))
        target.check(data)


def struck(data: bytes, dice: Random) -> bytes:
    """Other bytes in three places, or less of them."""
    found = bytearray(data)
    for _ in range(3):
        if found:
            found[dice.randrange(len(found))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
    return bytes(found[: dice.randrange(len(found) + 1)] if dice.random() < 0.1 else found)


def test_damage_gets_past_checksums_and_packing() -> None:
    """Without, nearly every try at a PNG would end at its first checksum."""
    data = saved(Image.fromarray(gradient()), "PNG")
    dice = Random(3)
    opened = 0
    for seed in range(60):
        damaged = mutate(data, 2**16, seed, lambda old, _: struck(old, dice))
        assert damaged.startswith(SIGNATURE) or seed
        try:
            with Image.open(io.BytesIO(damaged)) as image:
                image.load()
            opened += damaged != data
        except Exception:
            continue
    assert opened > 10
