"""Searches for bytes that a target cannot stand: `python -m fuzz SECONDS [TARGET ...]`, all by default.

What is found lies in .cache/fuzz/TARGET/found; once it is mended it belongs into tests/fuzz/corpus/TARGET,
small. How far the search has come is kept beside it and taken up again.
"""

import os
import subprocess
import sys
from pathlib import Path

import atheris

from fuzz import LIMITS

KEPT = Path(".cache/fuzz")
SLOW_SECONDS = 20  # of a single input; more counts as found
MOST_MEMORY = 3000  # MB of the whole process
SEARCH = "--search"


def main() -> int:
    if sys.argv[1:2] == [SEARCH]:
        search(sys.argv[2], int(sys.argv[3]))
    from fuzz.targets import TARGETS

    seconds, names = sys.argv[1], sys.argv[2:] or list(TARGETS)
    if unknown := set(names) - TARGETS.keys():
        sys.exit(f"There is no target {', '.join(unknown)}. They are: {', '.join(TARGETS)}.")
    fallen = []
    for name in names:
        print(f"\n{name}, {seconds} seconds", flush=True)
        done = subprocess.run([sys.executable, "-m", "fuzz", SEARCH, name, seconds])
        if done.returncode:
            fallen.append(name)
    print(f"\nFound something in: {', '.join(fallen)}." if fallen else "\nNothing was found.")
    return bool(fallen)


def search(name: str, seconds: int) -> None:
    """Fuzz one target; ends the process, with a status other than 0 where something was found."""
    os.environ.update(LIMITS)
    with atheris.instrument_imports(include=["nst", "components", "PIL", "pickletools"]):
        from fuzz.mutations import mutate
        from fuzz.targets import TARGETS
    target = TARGETS[name]
    places = {kind: KEPT / name / kind for kind in ("begun", "seeds", "found")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    for kind, data in target.seeds().items():
        (places["seeds"] / kind).write_bytes(data)
    known = Path(__file__).parent / "corpus" / name
    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-timeout={SLOW_SECONDS}",
        f"-rss_limit_mb={MOST_MEMORY}",
        f"-max_len={target.longest}",
        f"-artifact_prefix={places['found']}/",
        "-print_final_stats=1",
        "-verbosity=0",
        *(str(place) for place in (places["begun"], places["seeds"], known) if place.is_dir()),
    ]

    def damaged(data: bytes, longest: int, seed: int) -> bytes:
        return mutate(data, longest, seed, atheris.Mutate)

    atheris.Setup(arguments, target.check, custom_mutator=damaged)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
