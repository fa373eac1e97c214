"""How a picture moves downhill. State lives on the device as tensors; one scalar a step comes back.

Both optimisers keep the picture inside 0..255 by projection, so what is optimised is what is shown, and
neither goes on from a picture whose loss or gradient is not finite. Every picture was judged before it is
handed out, but for the first of an L-BFGS descent, which is a short step from one that was.
"""

from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from nst.errors import Refusal

PICTURE = tf.TensorSpec((1, None, None, 3), tf.float32)
SCALAR = tf.TensorSpec((), tf.float32)


class Evaluation(NamedTuple):
    """The objective at one picture. `losses[0]` is the total that is minimised."""

    losses: np.ndarray
    gradient: tf.Tensor

    @property
    def total(self) -> float:
        return float(self.losses[0])

    @property
    def is_finite(self) -> bool:
        return bool(np.isfinite(self.losses).all())


Evaluate = Callable[[tf.Tensor], Evaluation]


class Optimizer(Protocol):
    """A descent that owns its picture, (1, H, W, 3) float32 RGB in 0..255."""

    @property
    def picture(self) -> tf.Tensor:
        """The picture to show, save and carry to the next scale."""
        ...

    def step(self) -> np.ndarray:
        """Move once; the losses of the picture that was reached (of a first step: that it began from).

        Where an evaluation raises, the step can be taken again as if nothing had been.
        """
        ...

    def turn(self, evaluate: Evaluate, glance: Evaluate | None = None) -> None:
        """Go on from the picture that is there towards another objective.

        A `glance`, quicker than `evaluate` and less exact, may show the way of the first step.
        """
        ...


class Lbfgs:
    """L-BFGS (Nocedal and Wright 2006, algorithm 7.4) on the box 0..255, safe with rounded gradients.

    A pair of differences without positive curvature is skipped; a step that does not hold the loss is
    halved, and after that the history, which misled, is dropped; a pixel at the edge of its range does
    not push outward.
    """

    HISTORY = 12
    FIRST_MOVE = 4.0  # root mean square of the first step, in 8-bit levels: safe whatever the picture
    LONGEST_MOVE = 30.0  # of any step
    SLACK = 0.02  # relative rise that is let through: bfloat16 rounding must not look like a wrong turn
    HALVINGS = 6

    def __init__(
        self,
        picture: tf.Tensor,
        evaluate: Evaluate,
        history: int = HISTORY,
        remembered: tf.DType = tf.float32,
    ) -> None:
        """`history` pairs of pictures are remembered, of type `remembered`: memory, for a large picture."""
        self.picture = picture
        self._history = history
        self._remembered = remembered
        self._find_direction = _descent_direction(history, remembered)
        self._find_pair = _pair(remembered)
        self.turn(evaluate)

    def turn(self, evaluate: Evaluate, glance: Evaluate | None = None) -> None:
        self._evaluate = evaluate
        self._glance = glance
        self._base = self.picture  # the newest picture that was judged, or will be
        self._here: Evaluation | None = None
        self._forget()

    def _forget(self) -> None:
        none, nothing = tf.zeros_like(self.picture, self._remembered), tf.constant(0.0)
        self._moves = deque([none] * self._history, self._history)
        self._turns = deque([none] * self._history, self._history)
        self._inverse_curvatures = deque([nothing] * self._history, self._history)
        self._scale = nothing

    def step(self) -> np.ndarray:
        """Move once.

        The first move is short enough to be shown before it is judged, which halves the time from Start,
        or from a slider, to a changed picture. The second step judges it, and takes it back if need be.
        After a glance the step is as short, and the next one begins.
        """
        if self._glance is not None:
            seen = finite_evaluation(self._glance, self._base)
            self._glance = None
            self.picture = self._base = _moved(self._base, self._direction(seen), 1.0)
            return seen.losses
        if self._here is None:
            self._here = finite_evaluation(self._evaluate, self._base)
            self.picture = _moved(self._base, self._direction(self._here), 1.0)
            return self._here.losses
        if self.picture is not self._base:
            self._descend(self._here, self.picture)
        return self._descend(self._here, _moved(self._base, self._direction(self._here), 1.0))

    def _descend(self, here: Evaluation, trial: tf.Tensor) -> np.ndarray:
        """Go to the trial, or less far where that does not hold the loss; the losses there."""
        fraction = 1.0
        for _ in range(self.HALVINGS):
            there = self._evaluate(trial)
            if there.is_finite and there.total <= here.total * (1 + self.SLACK):
                if fraction < 1.0:
                    self._forget()
                self._remember(trial, here, there)
                return there.losses
            fraction /= 2
            trial = self._base + (trial - self._base) / 2
        self._forget()
        self.picture = self._base
        return here.losses  # nothing better within reach: stay

    def _direction(self, here: Evaluation) -> tf.Tensor:
        return self._find_direction(
            self._base,
            here.gradient,
            tuple(self._moves),
            tuple(self._turns),
            tuple(self._inverse_curvatures),
            self._scale,
            self.FIRST_MOVE,
            self.LONGEST_MOVE,
        )

    def _remember(self, trial: tf.Tensor, here: Evaluation, there: Evaluation) -> None:
        move, turn, inverse_curvature, self._scale = self._find_pair(
            self._base, trial, here.gradient, there.gradient, self._scale
        )
        self._moves.append(move)
        self._turns.append(turn)
        self._inverse_curvatures.append(inverse_curvature)
        self.picture = self._base = trial
        self._here = there


class Adam:
    """Adam (Kingma and Ba 2015) on the box 0..255; what is shown is the bias-corrected mean of the iterates.

    The mean forgets at rate `SMOOTHING` a step and takes out the grain that single Adam iterates carry.
    """

    STEP_SIZE = 4.0  # 8-bit levels
    DECAY_FIRST, DECAY_SECOND, EPSILON = 0.9, 0.99, 1e-8
    SMOOTHING = 0.9

    def __init__(self, picture: tf.Tensor, evaluate: Evaluate) -> None:
        self.picture = picture
        self.turn(evaluate)

    def turn(self, evaluate: Evaluate, glance: Evaluate | None = None) -> None:
        self._evaluate = evaluate  # a glance would save nothing: its steps take one gradient each anyway
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._here = finite_evaluation(self._evaluate, self.picture)
        self._iterate = self.picture
        self._first = self._second = self._mean = tf.zeros_like(self.picture)
        self._count = 0

    def step(self) -> np.ndarray:
        iterate, first, second, mean, shown = _adam_step(
            self._iterate,
            self._here.gradient,
            self._first,
            self._second,
            self._mean,
            float(self._count + 1),
            self.STEP_SIZE,
        )
        there = self._evaluate(iterate)
        if not there.is_finite:  # back to the last good picture, with a clean slate
            self._begin_anew()
            return self._here.losses
        self._count += 1
        self._iterate, self._first, self._second, self._mean = iterate, first, second, mean
        self._here = there
        self.picture = shown
        return there.losses


def finite_evaluation(evaluate: Evaluate, picture: tf.Tensor) -> Evaluation:
    """The objective at a starting picture, which must have one."""
    evaluation = evaluate(picture)
    if not evaluation.is_finite:
        raise Refusal(
            "loss_not_finite",
            "The loss of this picture cannot be computed with these weights. Try smaller weights.",
        )
    return evaluation


def _dot(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(a * b)


def _root_mean_square(x: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(tf.reduce_mean(tf.square(x)))


def _inward(picture: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """The gradient without the components that would push a pixel out of 0..255."""
    outward = ((picture <= 0.0) & (gradient > 0.0)) | ((picture >= 255.0) & (gradient < 0.0))
    return tf.where(outward, 0.0, gradient)


@cache
def _descent_direction(pairs: int, remembered: tf.DType) -> Any:
    """The two-loop recursion over so many pairs of that type, as one graph for pictures of all sizes."""
    kept = (tf.TensorSpec(PICTURE.shape, remembered),) * pairs

    @tf.function(
        input_signature=[PICTURE, PICTURE, kept, kept, (SCALAR,) * pairs, SCALAR, SCALAR, SCALAR],
        autograph=False,
    )
    def run(
        picture: tf.Tensor,
        gradient: tf.Tensor,
        moves: tuple[tf.Tensor, ...],
        turns: tuple[tf.Tensor, ...],
        inverse_curvatures: tuple[tf.Tensor, ...],
        scale: tf.Tensor,
        first_move: tf.Tensor,
        longest_move: tf.Tensor,
    ) -> tf.Tensor:
        """Oldest pair first; a pair with inverse curvature 0 counts for nothing."""
        downhill = _inward(picture, gradient)
        q = downhill
        projections = []
        history = list(zip(moves, turns, inverse_curvatures, strict=True))
        for move, turn, inverse_curvature in reversed(history):
            projection = inverse_curvature * _dot(tf.cast(move, tf.float32), q)
            q -= projection * tf.cast(turn, tf.float32)
            projections.append(projection)
        first_scale = first_move / (_root_mean_square(downhill) + 1e-30)
        q *= tf.where(scale > 0.0, scale, first_scale)
        for (move, turn, inverse_curvature), projection in zip(history, reversed(projections), strict=True):
            share = projection - inverse_curvature * _dot(tf.cast(turn, tf.float32), q)
            q += share * tf.cast(move, tf.float32)
        # Rounding can turn the recursion uphill: then the plain gradient, at the first step's length.
        q = tf.where(_dot(q, downhill) > 0.0, q, downhill * first_scale)
        return -q * tf.minimum(1.0, longest_move / (_root_mean_square(q) + 1e-30))

    return run


@tf.function(input_signature=[PICTURE, PICTURE, SCALAR], autograph=False)
def _moved(picture: tf.Tensor, direction: tf.Tensor, fraction: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(picture + fraction * direction, 0.0, 255.0)


@cache
def _pair(remembered: tf.DType) -> Any:
    """Differences s and y as they are remembered, 1 / s.y (0 where it is not safely positive), s.y / y.y."""

    @tf.function(input_signature=[PICTURE, PICTURE, PICTURE, PICTURE, SCALAR], autograph=False)
    def run(
        before: tf.Tensor,
        after: tf.Tensor,
        gradient_before: tf.Tensor,
        gradient_after: tf.Tensor,
        scale: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        kept = tf.cast(after - before, remembered), tf.cast(gradient_after - gradient_before, remembered)
        move, turn = (tf.cast(one, tf.float32) for one in kept)  # curvature is that of the rounded pair
        curvature = _dot(move, turn)
        roughness = _dot(turn, turn)
        safe = curvature > 1e-6 * tf.sqrt(_dot(move, move) * roughness)
        inverse_curvature = tf.where(safe, tf.math.divide_no_nan(1.0, curvature), 0.0)
        return *kept, inverse_curvature, tf.where(safe, tf.math.divide_no_nan(curvature, roughness), scale)

    return run


@tf.function(input_signature=[PICTURE, PICTURE, PICTURE, PICTURE, PICTURE, SCALAR, SCALAR], autograph=False)
def _adam_step(
    iterate: tf.Tensor,
    gradient: tf.Tensor,
    first: tf.Tensor,
    second: tf.Tensor,
    mean: tf.Tensor,
    count: tf.Tensor,
    step_size: tf.Tensor,
) -> tuple[tf.Tensor, ...]:
    gradient = _inward(iterate, gradient)
    first = Adam.DECAY_FIRST * first + (1 - Adam.DECAY_FIRST) * gradient
    second = Adam.DECAY_SECOND * second + (1 - Adam.DECAY_SECOND) * tf.square(gradient)
    first_unbiased = first / (1 - tf.pow(Adam.DECAY_FIRST, count))
    second_unbiased = second / (1 - tf.pow(Adam.DECAY_SECOND, count))
    # Losses are ratios of order one spread over every pixel: scale the floor with the gradient itself.
    floor = Adam.EPSILON * tf.reduce_max(tf.abs(gradient)) + 1e-30
    iterate = tf.clip_by_value(
        iterate - step_size * first_unbiased / (tf.sqrt(second_unbiased) + floor), 0.0, 255.0
    )
    mean = Adam.SMOOTHING * mean + (1 - Adam.SMOOTHING) * iterate
    return iterate, first, second, mean, mean / (1 - tf.pow(Adam.SMOOTHING, count))
