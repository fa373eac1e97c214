"""`python -m bench NAME` measures one thing; without a name, all that takes minutes; `all` takes an hour."""

import argparse
import os
from pathlib import Path
from types import ModuleType

from rich.console import Console

from bench import (
    arithmetic,
    camera,
    capacity,
    checkpoint,
    engine,
    fast,
    hostile,
    init,
    load,
    memory,
    page,
    scale_invariance,
    selection,
    sheets,
    start,
    steering,
    step,
    studio,
    video,
    web_start,
    yardstick,
)

# What each has to say is in its first line; it prints its tables by `report(console, **its own arguments)`.
QUICK: dict[str, ModuleType] = {
    "engine": engine,
    "arithmetic": arithmetic,
    "step": step,
    "start": start,
    "fast": fast,
    "studio": studio,
    "page": page,
    "steering": steering,
    "checkpoint": checkpoint,
}
LONG: dict[str, ModuleType] = {
    "memory": memory,
    "scale_invariance": scale_invariance,
    "yardstick": yardstick,
    "selection": selection,
    "video": video,
    "camera": camera,
    "init": init,
    "load": load,
    "hostile": hostile,
    "capacity": capacity,
    "web_start": web_start,
}
TO_LOOK_AT: dict[str, ModuleType] = {"sheets": sheets}
SUITES = {None: QUICK, "all": QUICK | LONG}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    names = parser.add_subparsers(dest="name", metavar="NAME")
    for name, module in (QUICK | LONG | TO_LOOK_AT).items():
        about = module.__doc__ or ""
        own = names.add_parser(
            name,
            help=about.splitlines()[0],
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if hasattr(module, "add_arguments"):
            module.add_arguments(own)
    names.add_parser("all", help="Every table, one after the other.")
    arguments = vars(parser.parse_args())
    suite = SUITES.get(arguments["name"], QUICK | LONG | TO_LOOK_AT)
    wanted = [suite[arguments["name"]]] if arguments["name"] in suite else list(suite.values())
    del arguments["name"]
    console = Console()
    console.print(f"{_processor()}, {os.cpu_count()} cores")
    for module in wanted:
        module.report(console, **arguments)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else "Unknown processor"


main()
