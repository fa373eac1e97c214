"""A painting under way: the loop over scales and steps, and a hand that may steer it."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import tensorflow as tf

from nst import images, schedule
from nst.engine import subject
from nst.engine.anchor import Anchor
from nst.engine.checkpoint import Checkpoint
from nst.engine.finish import Finish, enlarged
from nst.engine.objective import Objective
from nst.engine.optimizers import Adam, Lbfgs, Optimizer
from nst.engine.stage import Course, Stage, finish
from nst.engine.styles import StyleMemory
from nst.engine.subject import Mask, Pixels, Subject, tensor
from nst.errors import Interrupted, Refusal
from nst.options import LIVE, parse_options
from nst.pace import Pace

STRIPS_HISTORY = 4  # pairs of L-BFGS for a picture that is evaluated in strips: memory again


@dataclass(frozen=True)
class Step:
    """One optimisation step, as it is handed out. The picture is computed when it is asked for."""

    index: int  # 1 to steps, over all scales
    steps: int
    scale: int  # 0 is the coarsest
    scales: int
    ends_scale: bool  # the next one is at a larger size, or there is none
    width: int
    height: int
    seconds: float  # since the run began
    seconds_left: float | None  # until it ends, by estimate; None in its first steps
    losses: dict[str, float]  # each times its weight; "total" is their sum
    _picture: tf.Tensor = field(repr=False)
    _finish: Finish = field(repr=False)
    _enlarge: Callable[[tf.Tensor, int | None], Pixels | None] = field(repr=False)

    @cached_property
    def image(self) -> Pixels:
        """The painting so far, (height, width, 3) uint8 sRGB."""
        return self._finish(self._picture)

    def enlarged(self, long_side: int | None = None) -> Pixels:
        """The painting so far as if it went to a larger size at once: the run's own, or one in between.

        Its own forms, and the photograph's detail beyond them; `image` where that is as large already.
        """
        larger = self._enlarge(self._picture, long_side)
        return self.image if larger is None else larger

    def checkpoint(self) -> Checkpoint:
        """What `StyleTransfer.run(resume=...)` needs to go on after this step."""
        return Checkpoint(self.index, self._picture[0].numpy())


class Painting(Iterator[Step]):
    """A run: iterating paints, one optimisation step at a time.

    >>> painting = engine.run(photograph, [painting_by_somebody])
    >>> for step in painting:
    ...     if step.index == 100:
    ...         painting.steer(style_weight=2.0)
    """

    def __init__(
        self,
        objective: Objective,
        memory: StyleMemory,
        pictures: Subject,
        course: Course,
        resume: Checkpoint | None,
        anchor: Anchor | None = None,
    ) -> None:
        self._anchor = anchor
        self._objective = objective
        objective.interruption.forget()  # what was asked of the run before
        self._memory = memory
        self._subject = pictures
        self._course = course
        options = course.options
        self._sizes = (
            schedule.sizes(options.size, options.steps) if pictures.onward is None else [options.size]
        )
        self._index = resume.index if resume else 0
        self._place = 0 if resume is None else self._place_of(resume)
        self._ends = schedule.ends(len(self._sizes), options.steps, self._place, self._index)
        self._last_touch: tuple[int, Course, Finish] | None = None
        self._steps = self._paint(None if resume is None else tf.constant(resume.picture[None]))

    def __next__(self) -> Step:
        """Raises `Interrupted` when the step was given up; the next one is begun anew."""
        step = next(self._steps)
        if step is None:
            raise Interrupted
        return step

    def interrupt(self) -> None:
        """Give up the step under way, or else the next one. From any thread.

        The first one of a scale is finished, and the first one after a change; and one that was given up is
        given up once: whoever changes something again and again sees something all the same.
        """
        self._objective.interruption.ask()

    def close(self) -> None:
        """Give back what the run holds; there is no next step then."""
        self._steps.close()

    def steer(
        self,
        *,
        blend: Sequence[float] | None = None,
        masks: Sequence[Mask] | None = None,
        guides: Sequence[Mask | None] | None = None,
        **options: object,
    ) -> None:
        """Change what the painting heads for, from its next step on.

        blend, masks, guides: as `StyleTransfer.run` takes them; `masks=()` takes all masks off, `guides=()`
            all guides.
        options: any of `nst.options.LIVE`. Fewer `steps` than are done mean: finish as soon as every scale
            that is still to come has had a step.

        Raises a `Refusal` for a value that does not fit, and nothing changes.
        """
        fixed = next((name for name in options if name not in LIVE), None)
        if fixed is not None:
            raise Refusal("not_live", f"{fixed} cannot change while a painting is under way.", fixed)
        was = self._course
        styles = [style.pixels for style in was.styles]
        self._course = Course(
            parse_options(was.options.model_dump() | options),
            was.styles if guides is None else subject.painted(styles, guides),
            was.shares if blend is None else subject.shares(blend, len(styles)),
            was.masks if masks is None else subject.masks(masks, len(styles)),
        )
        if "steps" in options:
            steps = self._course.options.steps
            self._ends = schedule.ends(len(self._sizes), steps, self._place, self._index)

    def _paint(self, picture: tf.Tensor | None) -> Generator[Step | None]:
        """None is a step that was given up."""
        interruption = self._objective.interruption
        began = time.perf_counter()
        photograph = self._subject.content
        pace = Pace(self._sizes, min(photograph.shape[:2]) / max(photograph.shape[:2]))
        if picture is None and self._subject.onward is not None:
            picture = tensor(self._subject.onward)
        while self._place < len(self._sizes):
            if self._index < self._ends[self._place]:
                course = self._course
                size = self._sizes[self._place]
                stage = Stage(self._objective, self._memory, self._subject, size, course, self._anchor)
                picture = self._begun(picture, stage)
                with interruption.shielded():
                    optimizer = self._optimizer(picture, stage)
                # A scale that was begun is one that had a step: so the run counts, and is repeated.
                must_end = True
                while self._index < self._ends[self._place]:
                    turns = self._heads_elsewhere(course)
                    course = self._course
                    losses = None
                    with (
                        suppress(Interrupted),
                        interruption.shielded() if turns or must_end else nullcontext(),
                    ):
                        if turns:
                            stage.head_for(course)
                            optimizer.turn(stage.evaluate, stage.glance)
                        losses = optimizer.step()
                    # What was given up once is finished the next time, whatever is wanted: the run comes on.
                    must_end = losses is None
                    if losses is None:
                        interruption.forget()
                        yield None
                        continue
                    picture = optimizer.picture
                    self._index += 1
                    seconds = time.perf_counter() - began
                    yield Step(
                        self._index,
                        self._ends[-1],
                        self._place,
                        len(self._sizes),
                        self._index == self._ends[self._place],
                        stage.content.shape[1],
                        stage.content.shape[0],
                        seconds,
                        pace.left(self._place, self._steps_left(), seconds),
                        {name: float(loss) for name, loss in zip(stage.loss_names, losses, strict=True)},
                        picture,
                        stage.finish,
                        self._enlarged,
                    )
            self._place += 1

    def _place_of(self, resume: Checkpoint) -> int:
        """The scale that a checkpoint was taken from, whatever the steps were then."""
        long_side = max(resume.picture.shape[:2])
        return next((n for n, size in enumerate(self._sizes) if size >= long_side), len(self._sizes) - 1)

    def _steps_left(self) -> list[int]:
        """Of this scale and of each one after it."""
        ends = [self._index, *self._ends[self._place :]]
        return [max(after - before, 0) for before, after in pairwise(ends)]

    def _heads_elsewhere(self, course: Course) -> bool:
        """Whether what the optimiser descends has changed; more or fewer steps change nothing of that."""
        now = self._course
        same_pull = now.options.model_copy(update={"steps": course.options.steps}) == course.options
        same_styles = now.styles is course.styles and now.shares == course.shares
        return not (same_pull and same_styles and now.masks is course.masks)

    def _begun(self, picture: tf.Tensor | None, stage: Stage) -> tf.Tensor:
        """The picture that a scale begins with."""
        if picture is not None:
            return enlarged(picture, stage.detail)
        start = stage.start(self._course.options)
        return start if self._subject.init is not None else _with_grain(start, self._course.options.seed)

    def _enlarged(self, picture: tf.Tensor, long_side: int | None) -> Pixels | None:
        """The picture with the last touch at a size that the run has not reached; None if it has."""
        long_side = min(long_side or self._sizes[-1], self._sizes[-1])
        if max(picture.shape[1:3]) >= long_side:
            return None
        course, kept = self._course, self._last_touch
        if kept is None or kept[0] != long_side or kept[1] is not course:
            photograph = self._subject.content
            size = images.fitted(photograph.shape[1], photograph.shape[0], long_side)
            touch = finish(self._subject, images.resize(photograph, size), course)
            kept = self._last_touch = long_side, course, touch
        return kept[2](picture)

    def _optimizer(self, picture: tf.Tensor, stage: Stage) -> Optimizer:
        if self._course.options.optimizer == "adam":
            return Adam(picture, stage.evaluate)
        if self._objective.goes_in_strips(picture):
            return Lbfgs(picture, stage.evaluate, STRIPS_HISTORY, tf.bfloat16)
        return Lbfgs(picture, stage.evaluate)


def _with_grain(picture: tf.Tensor, seed: int) -> tf.Tensor:
    """The picture with noise too fine to see: a flat one has no gradient that could tell its pixels apart."""
    grain = np.random.default_rng(seed).normal(0.0, 1.0, picture.shape)
    return tf.clip_by_value(picture + tf.constant(grain, tf.float32), 0.0, 255.0)
