"""Paintings asked for together: one painting over many photographs, or one photograph with options varied."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from nst.errors import Refusal
from nst.jobs.exports import plain_name
from nst.jobs.models import Axis, Group, Job, JobSpec, StyleRef
from nst.jobs.records.idempotency import Request
from nst.jobs.steering import MOST_STYLES, PLAIN, Partial, Region, Strict
from nst.jobs.studio import Studio
from nst.options import Options

GRID_SIZE = 256  # pixels: small enough that a whole grid is there soon
_MOST_VALUES = 12
_MOST_TITLE = 100


class Vary(Partial):
    """One or two options, each with the values to try; the one that comes first here makes the rows."""

    style_weight: list[float] = Field([], min_length=1, max_length=_MOST_VALUES)
    style_scale: list[float] = Field([], min_length=1, max_length=_MOST_VALUES)
    content_weight: list[float] = Field([], min_length=1, max_length=_MOST_VALUES)
    tv_weight: list[float] = Field([], min_length=1, max_length=_MOST_VALUES)

    @field_validator("*")
    @classmethod
    def _within_the_options_limits(cls, values: list[float], info: ValidationInfo) -> list[float]:
        name = str(info.field_name)
        for index, value in enumerate(values):
            try:
                Options.model_validate({name: value})
            except ValidationError as error:
                first = error.errors()[0]
                detail = InitErrorDetails(
                    type=first["type"], loc=(index,), input=value, ctx=first.get("ctx", {})
                )
                raise ValidationError.from_exception_data(cls.__name__, [detail]) from error
        return values

    @model_validator(mode="after")
    def _one_or_two(self) -> "Vary":
        if not 1 <= len(self.chosen) <= 2:
            raise PydanticCustomError("one_or_two", "must have one or two options")
        return self

    @property
    def axes(self) -> list[Axis]:
        return [Axis(option=name, values=values) for name, values in self.chosen.items()]


class GroupSpec(Strict):
    """Either `contents`, photographs that are all painted alike; or `content`, one photograph, and `vary`.

    Of a varied photograph the long side is 256 pixels if no size is given.
    """

    contents: list[str] | None = Field(None, min_length=1, description="Photographs, one painting each.")
    content: str | None = Field(None, description="The photograph whose options vary.")
    vary: Vary | None = None
    mask: str | None = Field(None, description="Of a varied photograph, as in a job.")
    regions: list[Region] = Field([], max_length=4, description="Of a varied photograph, as in a job.")
    styles: list[StyleRef] = Field(min_length=1, max_length=MOST_STYLES)
    options: Options = Options()
    title: str | None = Field(None, max_length=_MOST_TITLE, pattern=PLAIN)

    @field_validator("styles")
    @classmethod
    def _at_least_one_weighs(cls, styles: list[StyleRef]) -> list[StyleRef]:
        if not any(style.weight for style in styles):
            raise PydanticCustomError("no_weight", "at least one style needs a weight above 0")
        return styles

    @model_validator(mode="after")
    def _batch_or_grid(self) -> "GroupSpec":
        if (self.contents is None) == (self.content is None) or (self.content is None) != (self.vary is None):
            raise PydanticCustomError("batch_or_grid", "must be either a batch or a grid")
        return self

    @model_validator(mode="after")
    def _parts_are_of_one_photograph(self) -> "GroupSpec":
        for name in ("mask", "regions"):
            if self.contents is not None and getattr(self, name):
                error = PydanticCustomError(
                    "of_one_photograph", "belongs to one photograph, and here are several"
                )
                detail = InitErrorDetails(type=error, loc=(name,), input=getattr(self, name))
                raise ValidationError.from_exception_data(type(self).__name__, [detail])
        return self

    @property
    def jobs(self) -> list[JobSpec]:
        """One for each photograph, however often it is named; or one for each cell, row by row."""
        if self.vary is None or self.content is None:
            photographs = dict.fromkeys(self.contents or ())
            return [JobSpec(content=one, styles=self.styles, options=self.options) for one in photographs]
        size = self.options.size if "size" in self.options.model_fields_set else GRID_SIZE
        options = self.options.model_copy(update={"size": size})
        varied = JobSpec(content=self.content, styles=self.styles, mask=self.mask, regions=self.regions)
        return [
            varied.model_copy(update={"options": options.model_copy(update=cell)})
            for cell in cells(self.vary.axes)
        ]


class Archive(NamedTuple):
    """A ZIP as it is made. By its `length` in bytes whoever fetches it knows whether it is whole."""

    name: str
    length: int | None
    parts: Iterator[bytes]


def submit(studio: Studio, owner: str, asked: GroupSpec, request: Request | None = None) -> Group:
    """Put all its paintings in the queue, or refuse as `Studio.submit_group` does."""
    axes = [] if asked.vary is None else asked.vary.axes
    return studio.submit_group(owner, asked.jobs, asked.title, axes, request)


def cells(axes: list[Axis]) -> list[dict[str, float]]:
    """The options of each cell, row by row."""
    names = [axis.option for axis in axes]
    return [dict(zip(names, values, strict=True)) for values in product(*(axis.values for axis in axes))]


def cancel(studio: Studio, owner: str, group_id: str) -> None:
    """Stop and keep every painting of the group that is not finished, the last in line first."""
    for job in reversed(studio.group(owner, group_id)[1]):
        with suppress(Refusal):  # finished or deleted by now
            studio.cancel(owner, job.id)


def archive(studio: Studio, owner: str, group_id: str) -> Archive:
    """The results of a group that are there, as a ZIP of PNGs that are stored as they are.

    Raises:
        Refusal: `no_result` when there is none yet.
    """
    group, jobs = studio.group(owner, group_id)
    sizes: dict[str, int] = {}
    files: dict[str, Callable[[], Path]] = {}
    for job in jobs:
        with suppress(Refusal):  # not there yet, or deleted
            name, file = _file_name(group, job), partial(studio.result_file, owner, job.id)
            sizes[name], files[name] = file().stat().st_size, file
    if not files:
        raise Refusal("no_result", "No painting of this group is finished yet. Wait for the first one.")
    return Archive(plain_name(group.title or "") or f"pentimento-{group.id[:8]}", _length(sizes), _zip(files))


def _file_name(group: Group, job: Job) -> str:
    """Begins with the place in the group, so that no two are alike."""
    place = group.members.index(job.id)
    words = [plain_name(group.title or "")] if group.title else []
    if group.axes:
        cell = cells(group.axes)[place]
        words += [f"{name.replace('_', ' ')} {value:g}" for name, value in cell.items()]
    return " ".join([f"{place + 1:02d}", *filter(None, words)]) + ".png"


def _zip(files: dict[str, Callable[[], Path]]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as packed:
        for name, file in files.items():
            # If one is deleted now, the answer breaks off, and is plainly shorter than was announced.
            packed.writestr(_entry(name), file().read_bytes())
            yield sink.take()
    yield sink.take()


def _length(sizes: dict[str, int]) -> int | None:
    """Bytes of the ZIP: heads, directory and data; unknown where it is so large that heads grow."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as empty:
        for name in sizes:
            empty.writestr(_entry(name), b"")
    length = len(sink.take()) + sum(sizes.values())
    return length if length < zipfile.ZIP64_LIMIT else None


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # at the beginning of ZIP's time: when it was painted is nobody's business
    entry.external_attr = 0o644 << 16
    return entry


class _Sink(io.RawIOBase):
    """What was written and not yet taken. `zipfile` goes back to the head of its entry, and never further."""

    def __init__(self) -> None:
        self._kept = io.BytesIO()
        self._taken = 0

    def take(self) -> bytes:
        data = self._kept.getvalue()
        self._taken += len(data)
        self._kept = io.BytesIO()
        return data

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._taken + self._kept.tell()

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        self._kept.seek(position - self._taken if whence == io.SEEK_SET else position, whence)
        return self.tell()

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        return self._kept.write(data)
