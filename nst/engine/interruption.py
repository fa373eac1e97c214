"""Giving up a gradient that is being computed, from another thread.

TensorFlow runs a graph to its end, which may take a second, or at print size a minute. So the graph itself
looks, before each convolution on the way there and on the way back, whether it is still wanted, and fails
where it is not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import tensorflow as tf

from nst.engine.device import has_gpu
from nst.errors import Interrupted


class Interruption:
    """Whether what is computed now is to be given up. What was asked for holds until it is forgotten."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._is_asked = False
        self._is_shielded = False
        with tf.device("CPU:0"):
            self._gives_up = tf.Variable(False, trainable=False)

    def ask(self) -> None:
        """Give up what is being computed, or else what will be next. From any thread."""
        self._change(is_asked=True)

    def forget(self) -> None:
        self._change(is_asked=False)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """What is computed within is not given up; what comes after it may be."""
        self._change(is_shielded=True)
        try:
            yield
        finally:
            self._change(is_shielded=False)

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Raises `Interrupted` where a graph within failed at a gate."""
        try:
            yield
        except tf.errors.InvalidArgumentError as error:
            if self._gives_up.numpy():
                raise Interrupted from error
            raise

    def check(self) -> None:
        """Raise `Interrupted` here, between two graphs, if that was asked for."""
        if self._gives_up.numpy():
            raise Interrupted

    def gate(self, x: tf.Tensor) -> tf.Tensor:
        """The same tensor, in a graph that fails where it or its gradient comes by and is not wanted."""
        if has_gpu():  # a gradient takes milliseconds there, and is one piece to XLA
            return x

        @tf.custom_gradient
        def passed(x: tf.Tensor) -> tuple[tf.Tensor, Any]:
            return self._passed(x), self._passed

        return passed(x)

    def _passed(self, x: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([x]):  # not before: else it would be read when the graph begins
            is_wanted = tf.logical_not(self._gives_up.read_value())
        with tf.control_dependencies([tf.debugging.Assert(is_wanted, ["given up"])]):
            return tf.identity(x)

    def _change(self, *, is_asked: bool | None = None, is_shielded: bool | None = None) -> None:
        with self._changing:
            self._is_asked = self._is_asked if is_asked is None else is_asked
            self._is_shielded = self._is_shielded if is_shielded is None else is_shielded
            self._gives_up.assign(self._is_asked and not self._is_shielded)
