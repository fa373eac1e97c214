"""The command `python -m nst stylize`: a painting, here or in a studio elsewhere."""

import argparse
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from nst import arguments as understood
from nst import images
from nst.arguments import FAILED, INTERRUPTED, complain
from nst.errors import Refusal
from nst.frames import Frames
from nst.options import Options
from nst.progress import View, left, shown
from nst.record import record

if TYPE_CHECKING:
    from nst import remote
    from nst.engine.painting import Step


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the command's arguments, and run it."""
    parser.set_defaults(command=run)
    parser.add_argument("content", metavar="CONTENT", help="the photograph")
    parser.add_argument("styles", metavar="STYLE", nargs="+", help="one painting, or several to mix")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.png", help="where the picture goes")
    fields = dict(Options.model_fields)
    start = fields.pop("init")  # the one option that can also be a file
    understood.add_options(parser, fields)
    parser.add_argument(
        "--init",
        default=argparse.SUPPRESS,
        metavar="FILE",
        help=f"{start.description} content, noise or a picture file. Default: {start.default}.",
    )
    parser.add_argument("--blend", metavar="W,W", help="weight of each style, such as 0.7,0.3")
    parser.add_argument(
        "--mask",
        metavar="MASK.png",
        nargs="+",
        action="extend",
        default=[],
        help="where the style goes (white); one for all styles, or one a style",
    )
    parser.add_argument("--progress-json", action="store_true", help="print one JSON object a step")
    parser.add_argument(
        "--save-every",
        nargs=2,
        metavar=("N", "DIR"),
        help="save every Nth picture as DIR/000NNN.png; with --server those that the studio shows, which is "
        "every few steps, long side at most 768 pixels",
    )
    parser.add_argument(
        "--server",
        metavar="URL",
        help="have a studio elsewhere paint it; of masks that overlap, the later one counts there",
    )
    parser.add_argument("--token", metavar="T", help="of that studio; without one, the variable NST_TOKEN")


def run(arguments: argparse.Namespace) -> int:
    """Everything that can be refused is, before the network is loaded, or a studio asked."""
    chosen = understood.chosen(arguments, Options.model_fields)
    init = None
    if chosen.get("init") not in (None, "content", "noise"):
        init = str(chosen.pop("init"))
    start = None if init is None else images.read(init, field="--init").pixels
    options = understood.options(chosen)
    output = understood.png(arguments.output)
    frames = Frames.asked_for(arguments.save_every) if arguments.save_every else None
    blend = understood.blend(arguments.blend, len(arguments.styles))
    if len(arguments.mask) not in (0, 1, len(arguments.styles)):
        raise Refusal("bad_mask", "give one mask, or as many masks as styles.", "--mask")
    content = images.read(arguments.content, field="CONTENT").pixels
    styles = [images.read(path, field="STYLE").pixels for path in arguments.styles]
    masks = [images.read_mask(path, field="--mask").pixels for path in arguments.mask]
    first = "Loading the network" if arguments.server is None else "Waiting for its turn"
    with shown(arguments.progress_json, options.steps, _view, first=first) as show, frames or nullcontext():
        if arguments.server is not None:
            from nst import remote  # only now: who paints here needs no HTTP

            order = remote.Order(
                content=Path(arguments.content),
                styles=[Path(style) for style in arguments.styles],
                options=options,
                blend=blend,
                masks=masks,
                init=None if init is None else Path(init),
            )
            status = remote.paint(arguments.server, arguments.token, order, output, show, frames)
        else:
            from nst.engine.transfer import StyleTransfer  # only now: it takes seconds

            steps = StyleTransfer().run(content, styles, options, blend=blend, masks=masks, init=start)
            last, stopped = _painted(steps, show, frames)
            settings = record(
                options, blend=blend, masks=len(masks), init_picture=init is not None, steps_done=last.index
            )
            images.write(output, images.encode_png(last.enlarged(), settings=settings))
            status = 0
            if stopped:
                complain(f"stopped at step {last.index} of {last.steps}; the picture so far is in {output}")
                status = INTERRUPTED
    return status or (FAILED if frames is not None and frames.are_given_up else 0)


def _painted(
    steps: Iterable["Step"], show: Callable[["Step"], None], frames: Frames | None
) -> tuple["Step", bool]:
    """The last of the steps, each shown and saved, and whether Ctrl-C made it the last."""
    last = None
    try:
        for step in steps:
            last = step
            show(step)
            if frames is not None:
                frames.add(step)
    except KeyboardInterrupt:
        if last is None:
            raise
        return last, True
    assert last is not None
    return last, False


def _view(step: "Step | remote.Step") -> View:
    line = {
        "step": step.index,
        "steps": step.steps,
        "scale": step.scale,
        "width": step.width,
        "height": step.height,
        "seconds": round(step.seconds, 4),
        "losses": step.losses,
    }
    detail = f"{step.width}x{step.height}  loss {step.losses['total']:.3g}  {left(step.seconds_left)}"
    return View(step.index, step.steps, detail, line)
