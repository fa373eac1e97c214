"""Searches for bytes that a target cannot stand: `python -m fuzz SECONDS [TARGET ...]`, all by default.

What is found lies in .cache/fuzz/TARGET/found; once it is mended it belongs into tests/fuzz/corpus/TARGET,
small. How far the search has come is kept beside it and taken up again.

Over the network the bytes are Hypothesis' choices, of which it makes requests and messages. The failure says
which; those belong into tests/fuzz/test_network.py.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import NoReturn

import atheris

from fuzz import LIMITS

KEPT = Path(".cache/fuzz")
SLOW_SECONDS = 20  # of a single input; more counts as found
MOST_MEMORY = 3000  # MB of the whole process
LONGEST_CHOICES = 4096
SEARCH = "--search"


def main() -> int:
    if sys.argv[1:2] == [SEARCH]:
        search(sys.argv[2], int(sys.argv[3]))
    from fuzz.properties import PROPERTIES
    from fuzz.targets import TARGETS

    known = [*TARGETS, *PROPERTIES]
    seconds, names = sys.argv[1], sys.argv[2:] or known
    if unknown := set(names) - set(known):
        sys.exit(f"There is no target {', '.join(unknown)}. They are: {', '.join(known)}.")
    fallen = []
    for name in names:
        print(f"\n{name}, {seconds} seconds", flush=True)
        with tempfile.TemporaryDirectory() as folder:  # a search ends without tidying up
            command = [sys.executable, "-m", "fuzz", SEARCH, name, seconds]
            done = subprocess.run(command, env=os.environ | {"TMPDIR": folder})
        if done.returncode:
            fallen.append(name)
    print(f"\nFound something in: {', '.join(fallen)}." if fallen else "\nNothing was found.")
    return bool(fallen)


def search(name: str, seconds: int) -> None:
    """Fuzz one target; ends the process, with a status other than 0 where something was found."""
    os.environ.update(LIMITS)
    with atheris.instrument_imports(include=["nst", "components", "PIL", "pickletools"]):
        from fuzz.host import hosted
        from fuzz.mutations import mutate
        from fuzz.properties import PROPERTIES, endless
        from fuzz.targets import TARGETS
    if name in PROPERTIES:
        with hosted() as host:
            arguments = _arguments(name, seconds, _choices(), LONGEST_CHOICES)
            _fuzz([*arguments, "-len_control=0"], endless(PROPERTIES[name](host)))

    def damaged(data: bytes, longest: int, seed: int) -> bytes:
        return mutate(data, longest, seed, atheris.Mutate)

    target = TARGETS[name]
    _fuzz(_arguments(name, seconds, target.seeds(), target.longest), target.check, custom_mutator=damaged)


def _fuzz(arguments: list[str], check: Callable[[bytes], object], **more: Callable[..., bytes]) -> NoReturn:
    atheris.Setup(arguments, check, **more)
    atheris.Fuzz()
    sys.exit()


def _arguments(name: str, seconds: int, seeds: Mapping[str, bytes], longest: int) -> list[str]:
    """What libFuzzer is told; makes its folders, and puts the seeds there."""
    places = {kind: KEPT / name / kind for kind in ("begun", "seeds", "found")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    for kind, data in seeds.items():
        (places["seeds"] / kind).write_bytes(data)
    known = Path(__file__).parent / "corpus" / name
    return [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-timeout={SLOW_SECONDS}",
        f"-rss_limit_mb={MOST_MEMORY}",
        f"-max_len={longest}",
        f"-artifact_prefix={places['found']}/",
        "-print_final_stats=1",
        "-verbosity=0",
        *(str(place) for place in (places["begun"], places["seeds"], known) if place.is_dir()),
    ]


def _choices() -> dict[str, bytes]:
    """Enough for whole requests: from a few bytes Hypothesis makes none."""
    dice = Random(1)
    return {str(number): dice.randbytes(dice.randrange(64, LONGEST_CHOICES)) for number in range(40)}


if __name__ == "__main__":
    sys.exit(main())
