"""Steps that are given up from another thread."""

from functools import partial
from threading import Thread
from time import sleep

import numpy as np
import pytest
import tensorflow as tf
from skimage import data

from nst import Options
from nst.engine import memory
from nst.engine.interruption import Interruption
from nst.errors import Interrupted

OPTIONS = Options(size=128, steps=24, precision="float32")


def steps_of(painting):
    """All steps of a run, those that are given up as None."""
    while True:
        try:
            yield next(painting)
        except Interrupted:
            yield None
        except StopIteration:
            return


@pytest.mark.parametrize("way", ["on the way there", "on the way back"])
def test_a_graph_fails_at_the_gate_where_it_is_given_up(way):
    interruption = Interruption()
    reached = []

    def now(where):
        def run(x):
            reached.append(where)
            if where == way:
                interruption.ask()
            return x

        return lambda x: tf.ensure_shape(tf.numpy_function(run, [x], tf.float32), ())

    @tf.custom_gradient
    def turning(x):
        return now("on the way there")(x), now("on the way back")

    @tf.function(autograph=False)
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = interruption.gate(turning(interruption.gate(x)))
        slope = tape.gradient(y, x)
        return tf.numpy_function(lambda x: reached.append("the end") or x, [slope], tf.float32)

    with pytest.raises(Interrupted), interruption.heeded():
        gradient(tf.constant(1.0))
    assert reached == ["on the way there", "on the way back"][: reached.index(way) + 1]


def test_a_shield_puts_it_off():
    interruption = Interruption()
    with interruption.shielded():
        interruption.ask()
        interruption.check()
    with pytest.raises(Interrupted):
        interruption.check()
    interruption.forget()
    interruption.check()


def test_a_fault_that_is_another_one_is_told_as_it_is():
    interruption = Interruption()
    with pytest.raises(tf.errors.InvalidArgumentError), interruption.heeded():
        tf.debugging.assert_equal(tf.constant(1), 2)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("way", ["whole", "in strips"])
def test_what_was_given_up_leaves_no_trace(engine, cat, monkeypatch, optimizer, way):
    if way == "in strips":
        monkeypatch.setattr(memory, "WHOLE_PIXELS", 0)
    options = OPTIONS.model_copy(update={"optimizer": optimizer, "steps": 12})
    calm = list(engine.run(cat, [data.coffee()], options))
    disturbed = []
    while None not in disturbed:  # unless the other thread did not get to it
        painting = engine.run(cat, [data.coffee()], options)
        asked = partial(lambda run: [sleep(0.02 * n) or run.interrupt() for n in range(1, 13)], painting)
        disturbing = Thread(target=asked)
        disturbing.start()
        disturbed = list(steps_of(painting))
        disturbing.join()
    finished = [step for step in disturbed if step is not None]
    assert [step.losses for step in finished] == [step.losses for step in calm]
    np.testing.assert_array_equal(finished[-1].image, calm[-1].image)


def test_the_first_step_and_the_first_after_a_change_are_finished(engine, cat):
    painting = engine.run(cat, [data.coffee()], OPTIONS)
    painting.interrupt()
    steps = steps_of(painting)
    assert next(steps).index == 1
    assert next(steps) is None
    painting.steer(style_weight=3.0)
    painting.interrupt()
    changed = next(steps)
    assert changed.index == 2
    assert next(steps) is None
    assert next(steps).index == 3


def test_the_first_step_of_each_scale_is_finished_and_no_step_is_given_up_twice(engine, cat):
    painting = engine.run(cat, [data.coffee()], OPTIONS)
    steps, found, begins = steps_of(painting), [], True
    for _ in range(100):
        painting.interrupt()
        step = next(steps, "the end")
        if step == "the end":
            break
        found.append(step)
        assert step is not None or (not begins and found[-2] is not None)
        begins = step is not None and step.ends_scale
    assert [step.index for step in found if step] == list(range(1, 25))
    assert found.count(None) == 24 - step_scales(found)


def step_scales(found):
    return next(step.scales for step in found if step)


def test_what_was_asked_of_one_run_is_not_asked_of_the_next(engine, cat):
    engine.run(cat, [data.coffee()], OPTIONS).interrupt()
    assert None not in list(steps_of(engine.run(cat, [data.coffee()], OPTIONS)))
