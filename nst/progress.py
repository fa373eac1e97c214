"""How work is shown to who waits for it: a bar on a terminal, JSON lines to a program, or not at all."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

T = TypeVar("T")


class View(NamedTuple):
    """One moment of the work: how far it is, in words for a person, and as a program reads it."""

    done: int
    total: int
    detail: str
    line: Mapping[str, object]


@contextmanager
def shown(
    as_json: bool, total: int, view: Callable[[T], View], *, first: str, then: str = "Painting"
) -> Iterator[Callable[[T], None]]:
    """A function that shows what it is given, through `view`. The bar says `first` until something comes."""
    if as_json:
        yield _json_lines(view)
        return
    console = Console(stderr=True)
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(first, total=total, detail="")

        def show(moment: T) -> None:
            now = view(moment)
            bar.update(task, description=then, completed=now.done, total=now.total, detail=now.detail)

        yield show


def left(seconds: float | None) -> str:
    """Such as `1:05 left`; nothing as long as nobody knows."""
    if seconds is None:
        return ""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} left" if hours else f"{minutes}:{seconds:02} left"


def _json_lines(view: Callable[[T], View]) -> Callable[[T], None]:
    """Prints lines for as long as somebody reads them; the work goes on regardless."""
    is_read = True

    def show(moment: T) -> None:
        nonlocal is_read
        try:
            if is_read:
                print(json.dumps(view(moment).line), flush=True)
        except BrokenPipeError:
            is_read = False
            # Python flushes standard output once more at the end, and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return show
