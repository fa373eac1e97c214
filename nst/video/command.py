"""`python -m nst video IN STYLE -o OUT.mp4`: the same video, painted."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from nst import images
from nst.errors import Refusal
from nst.options import refusal_from
from nst.video.options import VideoOptions

if TYPE_CHECKING:
    from nst.video.styling import Progress as Done

INTERRUPTED = 130  # what a shell expects after Ctrl-C


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the command's arguments, and run it."""
    parser.set_defaults(command=run)
    parser.add_argument("clip", metavar="IN", help="the video: MP4, MOV, WebM or GIF")
    parser.add_argument("style", metavar="STYLE", help="the painting")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT.mp4", help="where the video goes: an .mp4 or a .webm"
    )
    for name, field in VideoOptions.model_fields.items():
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else None
        parser.add_argument(
            f"--{name}",
            type=str if choices else field.annotation,  # type: ignore[arg-type]
            choices=choices,
            default=argparse.SUPPRESS,
            metavar=None if choices else "N",
            help=f"{field.description} Default: {field.default}.",
        )
    parser.add_argument("--progress-json", action="store_true", help="print one JSON object a frame")


def run(arguments: argparse.Namespace) -> int:
    chosen = {name: value for name, value in vars(arguments).items() if name in VideoOptions.model_fields}
    options = _options(chosen)
    # Only now: they bring FFmpeg and OpenCV with them.
    from nst.video.clip import probe
    from nst.video.painters import painter
    from nst.video.styling import Styling, writable

    output = writable(Path(arguments.output))
    styles = [images.read(arguments.style, field="STYLE").pixels]
    clip = probe(arguments.clip, field="IN")
    if output.exists() and output.samefile(clip.path):
        raise Refusal("bad_output", f"{output}: this is the clip itself; give the video another name.")
    frames = Styling(clip, output, options, styles, lambda: painter(styles, options))
    last: Done | None = None
    with _progress(arguments.progress_json, clip.frames) as show:
        try:
            for last in frames:
                show(last)
            return 0
        except KeyboardInterrupt:
            frames.close()
            if last is None:
                raise
    told = f"stopped after frame {last.done} of {last.frames}; the same command goes on from there."
    print(f"nst: {told}", file=sys.stderr)
    return INTERRUPTED


def _options(chosen: dict[str, object]) -> VideoOptions:
    """The options, with a refusal in the command line's own spelling."""
    try:
        return VideoOptions.model_validate(chosen)
    except ValidationError as error:
        refusal = refusal_from(error)
        message = refusal.message.split(": ", 1)[-1]
        raise Refusal(refusal.code, message, f"--{refusal.field}") from error


@contextmanager
def _progress(as_json: bool, frames: int) -> Iterator[Callable[["Done"], None]]:
    """How frames are counted: JSON lines, a bar on a terminal, or not at all."""
    if as_json:
        yield _print_json
        return
    console = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Loading the network", total=frames, left="")

        def show(done: "Done") -> None:
            bar.update(task, description="Painting", completed=done.done, total=done.frames, left=_left(done))

        yield show


def _left(done: "Done") -> str:
    if done.seconds_left is None:
        return ""
    minutes, seconds = divmod(round(done.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} left" if hours else f"{minutes}:{seconds:02} left"


def _print_json(done: "Done") -> None:
    """A line for whoever reads them; the painting goes on when nobody does any more."""
    left = None if done.seconds_left is None else round(done.seconds_left, 1)
    line = {
        "frame": done.done,
        "frames": done.frames,
        "seconds": round(done.seconds, 3),
        "seconds_left": left,
    }
    try:
        print(json.dumps(line), flush=True)
    except BrokenPipeError:
        # Python flushes standard output once more at the end, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
