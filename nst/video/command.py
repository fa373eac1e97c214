"""`python -m nst video IN STYLE -o OUT.mp4`: the same video, painted."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from nst import arguments as understood
from nst import images
from nst.arguments import INTERRUPTED, complain
from nst.errors import Refusal
from nst.options import refusal_from
from nst.progress import View, left, shown
from nst.video.options import VideoOptions

if TYPE_CHECKING:
    from nst.video.styling import Progress as Done


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the command's arguments, and run it."""
    parser.set_defaults(command=run)
    parser.add_argument("clip", metavar="IN", help="the video: MP4, MOV, WebM or GIF")
    parser.add_argument("style", metavar="STYLE", help="the painting")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT.mp4", help="where the video goes: an .mp4 or a .webm"
    )
    understood.add_options(parser, VideoOptions.model_fields)
    parser.add_argument("--progress-json", action="store_true", help="print one JSON object a frame")


def run(arguments: argparse.Namespace) -> int:
    options = _options(understood.chosen(arguments, VideoOptions.model_fields))
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
    with shown(arguments.progress_json, clip.frames, _view, first="Loading the network") as show:
        try:
            for last in frames:
                show(last)
            return 0
        except KeyboardInterrupt:
            frames.close()
            if last is None:
                raise
    told = f"stopped after frame {last.done} of {last.frames}; the same command goes on from there."
    complain(told)
    return INTERRUPTED


def _options(chosen: dict[str, object]) -> VideoOptions:
    """The options, with a refusal in the command line's own spelling."""
    try:
        return VideoOptions.model_validate(chosen)
    except ValidationError as error:
        raise understood.of_flag(refusal_from(error)) from error


def _view(done: "Done") -> View:
    line = {
        "frame": done.done,
        "frames": done.frames,
        "seconds": round(done.seconds, 3),
        "seconds_left": None if done.seconds_left is None else round(done.seconds_left, 1),
    }
    return View(done.done, done.frames, left(done.seconds_left), line)
