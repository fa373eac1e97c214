"""One loss and its gradient, out of any run: what the engine spends nearly all of its time on."""

from collections.abc import Callable

from bench import pictures
from nst import Options, StyleTransfer
from nst.engine import tf
from nst.engine.objective import weights_of
from nst.engine.optimizers import Evaluation
from nst.options import Precision


def evaluation(size: int, precision: Precision) -> tuple[tf.Tensor, Callable[[tf.Tensor], Evaluation]]:
    """A 4:3 picture, `size` pixels wide, and the default losses of such pictures with their gradient."""
    options = Options(size=size, precision=precision)
    objective = StyleTransfer().objective(options)
    picture = tf.constant(pictures.photograph(size)[None], tf.float32)
    style = objective.style(tf.constant(pictures.painting(size)[None], tf.float32))
    targets = objective.targets(picture, objective.content(picture), [style], [1.0], [])
    weights = weights_of(options)
    return picture, lambda candidate: objective.evaluate(candidate, targets, weights)
