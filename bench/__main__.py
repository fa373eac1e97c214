"""`python -m bench [engine | studio | yardstick [CONTENT STYLE]]`; the first two when nothing is named."""

import argparse
import os
from pathlib import Path

from rich.console import Console

from bench import engine, studio, yardstick


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("engine", "studio", "yardstick"))
    parser.add_argument("pictures", nargs="*", help="for the yardstick: a photograph and a painting")
    chosen = parser.parse_args()
    if len(chosen.pictures) not in (0, 2):
        parser.error("the yardstick takes a photograph and a painting")
    console = Console()
    console.print(f"{_processor()}, {os.cpu_count()} cores")
    if chosen.what in (None, "engine"):
        engine.report(console)
    if chosen.what in (None, "studio"):
        studio.report(console)
    if chosen.what == "yardstick":
        yardstick.report(console, chosen.pictures)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else "Unknown processor"


main()
