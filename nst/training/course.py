"""How a network learns a painting: it paints photographs, and the engine says what would be better."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nst import fast_weights
from nst.engine.objective import LOSS_NAMES
from nst.engine.transfer import StyleTransfer
from nst.errors import Refusal
from nst.fast import Stylizer
from nst.fast_weights import Constants
from nst.images import Pixels
from nst.options import Options
from nst.runtime import tf
from nst.training.photographs import Photographs
from nst.training.trainee import Trainee

STEP_SIZE = 1e-3  # Adam's, as in the paper
_LONGEST = 1.0  # norm of a step's gradient over all weights: one odd photograph must not undo the others


@dataclass(frozen=True)
class Lesson:
    """What came of one step."""

    index: int
    steps: int
    seconds: float
    losses: dict[str, float]  # the engine's, mean over the batch
    trainee: Trainee


def train(
    style: Pixels,
    photographs: Photographs,
    options: Options,
    *,
    batch: int,
    start: Constants | None = None,
) -> Iterator[Lesson]:
    """Teach a network to paint in the manner of `style`, (H, W, 3) uint8; a `Lesson` after each step.

    The loss is the engine's own, with `options` (their `steps` and weights; `size` is what `photographs` are
    cut to), so that what is learnt is what `stylize` would paint. The network begins as the one that paints
    in any style, or as `start`, which was learnt before.

    Raises `Refusal`, `loss_not_finite`, when the weights are too large to learn with.
    """
    engine = StyleTransfer()
    trainee = Trainee(start or fast_weights.transformer(), Stylizer().vector(style))
    optimizer = tf.optimizers.Adam(STEP_SIZE, global_clipnorm=_LONGEST)
    variables = trainee.trainable_variables
    optimizer.build(variables)

    @tf.function(input_signature=[_PICTURES], autograph=False)
    def paint(photographs: tf.Tensor) -> tf.Tensor:
        return trainee.paint(photographs / 255.0) * 255.0

    @tf.function(input_signature=[_PICTURES, _PICTURES], autograph=False)
    def learn(photographs: tf.Tensor, gradient: tf.Tensor) -> None:
        """Painted once more, now with a tape: the engine stands between, and takes its time anyway."""
        with tf.GradientTape() as tape:
            painted = trainee.paint(photographs / 255.0) * 255.0
        slopes = tape.gradient(painted, variables, output_gradients=gradient)
        optimizer.apply_gradients(zip(slopes, variables, strict=True))

    began = time.perf_counter()
    for index in range(1, options.steps + 1):
        cuts = photographs.batch(batch)
        seen = tf.constant(cuts, tf.float32)
        losses, gradient = _judged(engine, style, cuts, paint(seen), options)
        learn(seen, gradient)
        yield Lesson(index, options.steps, time.perf_counter() - began, losses, trainee)


_PICTURES = tf.TensorSpec((None, None, None, 3))


def _judged(
    engine: StyleTransfer, style: Pixels, cuts: np.ndarray, painted: tf.Tensor, options: Options
) -> tuple[dict[str, float], tf.Tensor]:
    """The mean losses of painted cuts, and their gradient by every pixel, 0..255."""
    evaluations = [
        engine.judge(cut, [style], options)(picture[None])
        for cut, picture in zip(cuts, tf.unstack(painted), strict=True)
    ]
    if not all(evaluation.is_finite for evaluation in evaluations):
        raise Refusal(
            "loss_not_finite", "The network's pictures cannot be judged any more. Try smaller weights."
        )
    mean = np.mean([evaluation.losses for evaluation in evaluations], axis=0)
    gradient = tf.concat([evaluation.gradient for evaluation in evaluations], 0) / len(evaluations)
    return dict(zip(LOSS_NAMES, map(float, mean), strict=True)), gradient
