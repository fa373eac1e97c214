"""What is in a stranger's video, found out in a process of its own, whose memory and time are bounded.

FFmpeg believes a file that claims a hundred million frames, and makes room for them: a kilobyte can take
gigabytes. It is also much code in C. What it comes to here, nobody else notices.
"""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from nst.errors import Refusal
from nst.video.clip import Clip, probe

MEMORY = 3 * 2**30  # bytes; a video at the limits takes one
SECONDS = 60.0
_ROOT = Path(__file__).resolve().parents[2]
_FRACTIONS = ("seconds", "rate", "time_base", "start")


def probe_apart(path: str | os.PathLike[str], *, field: str = "file") -> Clip:
    """As `probe`, which see for the refusals; further ones are too_slow, and broken_video for a crash."""
    path = Path(path).resolve()
    command = [sys.executable, "-m", "nst.video.apart", str(path), field, str(MEMORY)]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, timeout=SECONDS)
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise Refusal(
            "too_slow",
            f"{path.name}: The video took more than {SECONDS:.0f} seconds to open. "
            "Save it again in an ordinary way, or shorten it, and try again.",
            field,
        ) from error
    except ValueError as error:  # it came to an end before it could say anything
        raise Refusal(
            "broken_video",
            f"{path.name}: The video cannot be read. Save or download it again and retry.",
            field,
        ) from error
    if "refusal" in told:
        code, words = told["refusal"]
        raise Refusal(code, words, field)
    return Clip(**told | {name: Fraction(told[name]) for name in _FRACTIONS}, path=path)


def _tell(path: str, field: str, memory: int) -> None:
    """Print what `probe` says, as JSON, within so many bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told: dict[str, Any]
    try:
        found = vars(probe(path, field=field)).copy()
        del found["path"]
        told = found | {name: str(found[name]) for name in _FRACTIONS}
    except Refusal as refusal:
        told = {"refusal": [refusal.code, refusal.message]}
    print(json.dumps(told))


if __name__ == "__main__":
    _tell(sys.argv[1], sys.argv[2], int(sys.argv[3]))
