"""The command line: `python -m nst stylize | preview | video | train | export | serve | worker | migrate |
weights`.

Exit status: 0 done, 2 bad usage or bad input (one line on stderr that names the option or file), 1 anything
else. Everything that can be checked is checked before the network is loaded.
"""

import argparse
import json
import os
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args, get_origin

from pydantic.fields import FieldInfo
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from nst import arguments as understood
from nst import exporting, fast_weights, images, previewing, weights
from nst.errors import Refusal
from nst.frames import Frames
from nst.jobs.troubles import NO_MEMORY, is_out_of_memory
from nst.options import Options, parse_options
from nst.record import record
from nst.training import command as training
from nst.video import command as video

if TYPE_CHECKING:
    from nst.engine.transfer import Step

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130  # what a shell expects after Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = parsed.command
        return command(parsed)
    except Refusal as refusal:
        name = f"{refusal.field}: " if refusal.field and refusal.field not in refusal.message else ""
        _complain(f"{name}{refusal.message}")
        return FAILED if refusal.code.startswith(("weights_", "database_")) else BAD_INPUT
    except KeyboardInterrupt:
        _complain("stopped; nothing was written.")
        return INTERRUPTED
    except OSError as error:
        _complain(f"{error.filename or 'The system'}: {error.strerror or error}.")
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        _complain(NO_MEMORY)
    return FAILED


def _complain(sentence: str) -> None:
    print(f"nst: {sentence}", file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        _complain(f"{message} (see `{self.prog} --help`)")
        sys.exit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="nst", description="Paint a photograph in the manner of a painting.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    stylize = commands.add_parser("stylize", help="paint a picture")
    stylize.set_defaults(command=_stylize)
    stylize.add_argument("content", metavar="CONTENT", help="the photograph")
    stylize.add_argument("styles", metavar="STYLE", nargs="+", help="one painting, or several to mix")
    stylize.add_argument("-o", "--output", required=True, metavar="OUT.png", help="where the picture goes")
    for name, field in Options.model_fields.items():
        _add_option(stylize, name, field)
    stylize.add_argument("--blend", metavar="W,W", help="weight of each style, such as 0.7,0.3")
    stylize.add_argument(
        "--mask",
        metavar="MASK.png",
        nargs="+",
        action="extend",
        default=[],
        help="where the style goes (white); one for all styles, or one a style",
    )
    stylize.add_argument("--progress-json", action="store_true", help="print one JSON object a step")
    stylize.add_argument(
        "--save-every", nargs=2, metavar=("N", "DIR"), help="save every Nth picture as DIR/000NNN.png"
    )

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


def _add_option(parser: argparse.ArgumentParser, name: str, field: FieldInfo) -> None:
    """A flag for one of the `Options`; its limits are checked by the model itself."""
    text = f"{field.description} Default: {field.default}."
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else None
    kind = str if choices else field.annotation
    if name == "init":  # the one option that can also be a file
        choices, text = (
            None,
            f"{field.description} content, noise or a picture file. Default: {field.default}.",
        )
    parser.add_argument(
        f"--{name.replace('_', '-')}",
        type=kind,  # type: ignore[arg-type]
        choices=choices,
        default=argparse.SUPPRESS,
        metavar=None if choices else "FILE" if name == "init" else "N",
        help=text.replace("%", "%%"),
    )


def _stylize(arguments: argparse.Namespace) -> int:
    chosen = {name: value for name, value in vars(arguments).items() if name in Options.model_fields}
    init = None
    if chosen.get("init") not in (None, "content", "noise"):
        init = images.read(chosen.pop("init"), field="--init").pixels
    options = _options(chosen)
    output = understood.png(arguments.output)
    frames = Frames.asked_for(arguments.save_every) if arguments.save_every else None
    blend = understood.blend(arguments.blend, len(arguments.styles))
    if len(arguments.mask) not in (0, 1, len(arguments.styles)):
        raise Refusal("bad_mask", "give one mask, or as many masks as styles.", "--mask")
    content = images.read(arguments.content, field="CONTENT").pixels
    styles = [images.read(path, field="STYLE").pixels for path in arguments.styles]
    masks = [images.read_mask(path, field="--mask").pixels for path in arguments.mask]

    with _progress(arguments.progress_json, options.steps) as show, frames or nullcontext():
        from nst.engine.transfer import StyleTransfer  # only now: it takes seconds

        steps = StyleTransfer().run(content, styles, options, blend=blend, masks=masks, init=init)
        last, stopped = None, False
        try:
            for step in steps:
                last = step
                show(step)
                if frames is not None:
                    frames.add(step)
        except KeyboardInterrupt:
            stopped = True
    if last is None:
        raise KeyboardInterrupt
    settings = record(
        options, blend=blend, masks=len(masks), init_picture=init is not None, steps_done=last.index
    )
    images.write(output, images.encode_png(last.enlarged(), settings=settings))
    if stopped:
        _complain(f"stopped at step {last.index} of {last.steps}; the picture so far is in {output}")
        return INTERRUPTED
    return 0


def _options(chosen: dict[str, Any]) -> Options:
    """The options, with a refusal in the command line's own spelling."""
    try:
        return parse_options(chosen)
    except Refusal as refusal:
        flag = f"--{(refusal.field or '').replace('_', '-')}"
        raise Refusal(refusal.code, refusal.message.split(": ", 1)[-1], flag) from refusal


@contextmanager
def _progress(as_json: bool, steps: int) -> Iterator[Callable[["Step"], None]]:
    """How steps are shown: JSON lines, a bar on a terminal, or not at all."""
    if as_json:
        yield _json_lines()
        return
    console = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Loading the network", total=steps, detail="")

        def show(step: "Step") -> None:
            bar.update(
                task,
                description="Painting",
                completed=step.index,
                detail=f"{step.width}x{step.height}  loss {step.losses['total']:.3g}  {_left(step)}",
            )

        yield show


def _left(step: "Step") -> str:
    if step.seconds_left is None:
        return ""
    minutes, seconds = divmod(round(step.seconds_left), 60)
    return f"{minutes}:{seconds:02} left"


def _json_lines() -> Callable[["Step"], None]:
    """Prints a JSON object a step, for as long as somebody reads them; the painting goes on regardless."""
    is_read = True

    def show(step: "Step") -> None:
        nonlocal is_read
        names = ("index", "steps", "scale", "width", "height", "seconds", "losses")
        line = {name: getattr(step, name) for name in names}
        line = {"step": line.pop("index")} | line | {"seconds": round(step.seconds, 4)}
        try:
            if is_read:
                print(json.dumps(line), flush=True)
        except BrokenPipeError:
            is_read = False
            # Python flushes standard output once more at the end, and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return show


def _serve(_: argparse.Namespace) -> int:
    # The front door stands above this package, so it is run, not imported.
    runpy.run_path(str(Path(__file__).resolve().parents[1] / "app.py"), run_name="__main__")
    return 0


def _worker(_: argparse.Namespace) -> int:
    from nst import logs
    from nst.jobs import forms, worker
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
