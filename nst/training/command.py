"""The command `python -m nst train`: a network of one's own for a single painting."""

import argparse
import time
from typing import TYPE_CHECKING

from nst import arguments as understood
from nst import images, own_network
from nst.arguments import INTERRUPTED, complain
from nst.errors import Refusal
from nst.options import Options
from nst.progress import View, left, shown

if TYPE_CHECKING:
    from nst.training.course import Lesson

SIZE, STEPS, BATCH = 256, 2000, 4
SMALLEST, LARGEST, MULTIPLE = 64, 1024, 4  # sides that can be learnt at
_MOST_BATCH = 64
_KEEP_SECONDS = 60.0
_WEIGHTS = ("style_weight", "content_weight", "tv_weight", "style_scale")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the command's arguments, and run it."""
    parser.set_defaults(command=run)
    parser.add_argument("style", metavar="STYLE", help="the painting")
    parser.add_argument("--photos", required=True, metavar="DIR", help="a folder of photographs to learn on")
    parser.add_argument("-o", "--output", required=True, metavar="NET.npz", help="where the network goes")
    numbers = (
        ("size", SIZE, "side of the cuts it learns on, in pixels"),
        ("steps", STEPS, "steps of learning"),
        ("batch", BATCH, "photographs a step"),
        ("seed", 0, "decides the cuts"),
    )
    for name, default, text in numbers:
        parser.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=f"{text}. Default: {default}."
        )
    understood.add_options(parser, {name: Options.model_fields[name] for name in _WEIGHTS})
    parser.add_argument("--start", metavar="NET.npz", help="a network to go on with")
    parser.add_argument("--progress-json", action="store_true", help="print one JSON object a step")


def run(arguments: argparse.Namespace) -> int:
    """Everything that can be refused is, before the networks are loaded. Ctrl-C stops and keeps."""
    options = _options(arguments)
    if not 1 <= arguments.batch <= _MOST_BATCH:
        raise Refusal("bad_batch", f"a number from 1 to {_MOST_BATCH}, not {arguments.batch}.", "--batch")
    output = understood.writable(arguments.output, ".npz", "network is kept as NumPy arrays")
    style = images.read(arguments.style, field="STYLE").pixels
    start = own_network.read(arguments.start, field="--start") if arguments.start else None
    # Only now: they take seconds.
    from nst.training.course import train
    from nst.training.photographs import Photographs

    photographs = Photographs(arguments.photos, options.size, options.seed)
    lessons = train(style, photographs, options, batch=arguments.batch, start=start)
    last, stopped, kept = None, False, time.monotonic()
    first = "Loading the networks"
    with shown(arguments.progress_json, options.steps, _view, first=first, then="Learning") as show:
        try:
            for last in lessons:
                show(last)
                if time.monotonic() - kept > _KEEP_SECONDS:
                    own_network.write(output, last.trainee.constants())
                    kept = time.monotonic()
        except KeyboardInterrupt:
            stopped = True
    if last is None:
        raise KeyboardInterrupt
    own_network.write(output, last.trainee.constants())
    for reason in photographs.refused.values():
        complain(f"passed over: {reason}")
    if stopped:
        complain(f"stopped after step {last.index}; what was learnt is in {output}")
        return INTERRUPTED
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    """The options, with a refusal in the command line's own spelling."""
    options = understood.options(understood.chosen(arguments, ("size", "steps", "seed", *_WEIGHTS)))
    if options.size % MULTIPLE or not SMALLEST <= options.size <= LARGEST:
        raise Refusal(
            "bad_size",
            f"a multiple of {MULTIPLE} from {SMALLEST} to {LARGEST}, not {options.size}.",
            "--size",
        )
    return options


def _view(lesson: "Lesson") -> View:
    line = {
        "step": lesson.index,
        "steps": lesson.steps,
        "seconds": round(lesson.seconds, 3),
        "losses": lesson.losses,
    }
    seconds_left = lesson.seconds / lesson.index * (lesson.steps - lesson.index)
    return View(lesson.index, lesson.steps, f"loss {lesson.losses['total']:.3g}  {left(seconds_left)}", line)
