"""What several commands take, and refuse, in the same words."""

import argparse
import math
import os
import sys
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from nst.errors import Refusal
from nst.options import Options, parse_options

FAILED = 1  # not for what was asked
INTERRUPTED = 130  # what a shell expects after Ctrl-C


def complain(sentence: str) -> None:
    """A line on stderr."""
    print(f"nst: {sentence}", file=sys.stderr)


def add_options(parser: argparse.ArgumentParser, fields: Mapping[str, FieldInfo]) -> None:
    """A flag for each field of a model, which checks the limits itself. `chosen` has what was given."""
    for name, field in fields.items():
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else None
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=str if choices else field.annotation,  # type: ignore[arg-type]
            choices=choices,
            default=argparse.SUPPRESS,
            metavar=None if choices else "N",
            help=f"{field.description} Default: {field.default}.".replace("%", "%%"),
        )


def chosen(arguments: argparse.Namespace, names: Container[str]) -> dict[str, object]:
    """Those of these options that were given."""
    return {name: value for name, value in vars(arguments).items() if name in names}


def png(name: str) -> Path:
    """The path of a picture, refused now rather than after minutes of painting."""
    return writable(name, ".png", "picture is written as PNG")


def writable(name: str, suffix: str, what: str) -> Path:
    """The output path of a file with this suffix; `what` is such as "picture is written as PNG"."""
    path = Path(name)
    if path.suffix.lower() != suffix:
        raise Refusal("bad_output", f"{name}: the {what}, so the name must end in {suffix}.")
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise Refusal("bad_output", f"{name}: cannot be written; its folder must exist and be writable.")
    return path


def blend(text: str | None, styles: int) -> list[float]:
    """Relative weights of the styles, from a text such as 0.7,0.3; all the same without one."""
    if text is None:
        return [1.0] * styles
    try:
        weights = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise Refusal("bad_blend", f"{text} is not a list of numbers such as 0.7,0.3.", "--blend") from error
    if len(weights) != styles:
        raise Refusal("bad_blend", f"{len(weights)} weights for {styles} style pictures.", "--blend")
    if not all(weight >= 0 for weight in weights) or not 0 < sum(weights) < math.inf:
        raise Refusal("bad_blend", f"{text}: weights must be 0 or more, and one of them more.", "--blend")
    return weights


def options(chosen: dict[str, object]) -> Options:
    """The options, refused in the command line's own spelling."""
    try:
        return parse_options(chosen)
    except Refusal as refusal:
        raise of_flag(refusal) from refusal


def of_flag(refusal: Refusal) -> Refusal:
    """A refusal about an option, with the flag's name in place of the option's."""
    flag = f"--{(refusal.field or '').replace('_', '-')}"
    return Refusal(refusal.code, refusal.message.split(": ", 1)[-1], flag)
