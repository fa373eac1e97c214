"""`python -m bench [engine | studio ...]`."""

import os
import sys
from pathlib import Path

from rich.console import Console

from bench import engine, studio

MEASUREMENTS = {"engine": engine.report, "studio": studio.report}


def main() -> int:
    chosen = sys.argv[1:] or list(MEASUREMENTS)
    unknown = set(chosen) - set(MEASUREMENTS)
    if unknown:
        print(
            f"bench: no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}.",
            file=sys.stderr,
        )
        return 2
    console = Console()
    console.print(f"{_processor()}, {os.cpu_count()} cores")
    for name in chosen:
        MEASUREMENTS[name](console)
    return 0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else "Unknown processor"


sys.exit(main())
