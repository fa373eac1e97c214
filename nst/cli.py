"""The command line: `python -m nst stylize | preview | video | train | export | serve | worker | migrate |
weights`.

Exit status: 0 done, 2 bad usage or bad input (one line on stderr that names the option or file), 1 anything
else. Everything that can be checked is checked before the network is loaded.
"""

import argparse
import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from nst import exporting, fast_weights, previewing, stylizing, weights
from nst.arguments import FAILED, INTERRUPTED, complain
from nst.errors import Refusal
from nst.jobs.troubles import NO_MEMORY, is_out_of_memory
from nst.training import command as training
from nst.video import command as video

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = parsed.command
        return command(parsed)
    except Refusal as refusal:
        name = f"{refusal.field}: " if refusal.field and refusal.field not in refusal.message else ""
        complain(f"{name}{refusal.message}")
        return FAILED if refusal.code.startswith(("weights_", "database_", "unfit_")) else BAD_INPUT
    except KeyboardInterrupt:
        complain("stopped; nothing was written.")
        return INTERRUPTED
    except OSError as error:
        complain(f"{error.filename or 'The system'}: {error.strerror or error}.")
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        complain(NO_MEMORY)
    return FAILED


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see `{self.prog} --help`)")
        sys.exit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="nst", description="Paint a photograph in the manner of a painting.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    stylizing.add_arguments(commands.add_parser("stylize", help="paint a picture"))
    previewing.add_arguments(commands.add_parser("preview", help="paint a picture in a moment"))
    exporting.add_arguments(commands.add_parser("export", help="write the fast networks as files for phones"))
    training.add_arguments(commands.add_parser("train", help="teach a network to paint like one painting"))
    video.add_arguments(commands.add_parser("video", help="paint a video"))
    serve = commands.add_parser("serve", help="start the studio in the browser")
    serve.set_defaults(command=_serve)
    worker = commands.add_parser("worker", help="paint for a scaled-out studio")
    worker.set_defaults(command=_worker)
    bring = commands.add_parser("migrate", help="bring the studio's database up to date")
    bring.set_defaults(command=_migrate)
    fetch = commands.add_parser("weights", help="fetch and verify the network's weights ahead of time")
    fetch.set_defaults(command=_weights)
    return parser


def _serve(_: argparse.Namespace) -> int:
    # The front door stands above this package, so it is run, not imported.
    runpy.run_path(str(Path(__file__).resolve().parents[1] / "app.py"), run_name="__main__")
    return 0


def _worker(_: argparse.Namespace) -> int:
    from nst import logs
    from nst.jobs import forms
    from nst.jobs.painters import worker
    from nst.settings import settings
    from nst.video.painters import painter

    logs.configure(settings())
    return forms.paint(settings(), worker.tensorflow_engine, painter)


def _migrate(_: argparse.Namespace) -> int:
    from nst.jobs.forms import open_store  # which is much to import for a painting
    from nst.settings import settings

    open_store(settings(), lambda job, seq: None).close()
    print("The database is up to date.")
    return 0


def _weights(_: argparse.Namespace) -> int:
    console = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:

        def show(what: str) -> Callable[[int, int], None]:
            task = bar.add_task(f"Fetching {what}", total=None)
            return lambda done, total: bar.update(task, completed=done, total=total)

        vgg19 = weights.fetch(show("VGG19's weights"))
        networks = fast_weights.fetch(show("the preview's networks"))
    print(f"VGG19's weights are ready in {vgg19}")
    print(f"The preview's networks are ready in {networks}")
    return 0
