"""A network is taught for real, on a few small cuts."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage import data

from nst import fast_weights
from nst.engine.transfer import StyleTransfer
from nst.errors import Refusal
from nst.fast import Stylizer
from nst.options import Options
from nst.training.course import train
from nst.training.photographs import Photographs
from nst.training.trainee import Trainee

OPTIONS = Options(size=64, steps=12)


@pytest.fixture(scope="module")
def style():
    """Broad stripes of two colours: a style that is soon learnt."""
    stripes = np.zeros((96, 96, 3), np.uint8)
    stripes[:, ::2] = (240, 180, 20)
    stripes[::8] = (10, 30, 120)
    return stripes


@pytest.fixture
def photographs(tmp_path):
    for name in ("chelsea", "coffee"):
        Image.fromarray(getattr(data, name)()).save(tmp_path / f"{name}.png")
    return Photographs(str(tmp_path), OPTIONS.size, seed=0)


def test_it_paints_a_photograph_that_it_never_saw_more_like_the_painting(style, photographs):
    unseen = np.asarray(Image.fromarray(data.astronaut()).resize((64, 64)))
    judge = StyleTransfer().judge(unseen, [style], OPTIONS)

    def loss(trainee: Trainee) -> float:
        painted = trainee.paint(tf.constant(unseen[None] / 255, tf.float32)) * 255
        return judge(painted).total

    before = loss(Trainee(fast_weights.transformer(), Stylizer().vector(style)))
    *_, last = train(style, photographs, OPTIONS, batch=2)
    assert (last.index, last.steps) == (12, 12)
    assert loss(last.trainee) < 0.9 * before


def test_it_goes_on_with_what_was_learnt_before(style, photographs):
    *_, first = train(style, photographs, OPTIONS, batch=1)
    learnt = first.trainee.constants()
    again = next(train(style, photographs, Options(size=64, steps=1), batch=1, start=learnt))
    name = "transformer/contract/conv1/weights"
    apart, far = (
        np.abs(again.trainee.constants()[name] - other[name]).max()
        for other in (learnt, fast_weights.transformer())
    )
    assert 0 < apart <= 0.0011  # one step of Adam
    assert far > 2 * apart


def test_weights_too_large_to_learn_with_are_refused(style, photographs, monkeypatch):
    monkeypatch.setattr(
        "nst.fast_weights.transformer",
        lambda real=fast_weights.transformer: {
            name: array * np.float32("nan") if name.endswith("conv1/weights") else array
            for name, array in real().items()
        },
    )
    with pytest.raises(Refusal) as refusal:
        next(train(style, photographs, OPTIONS, batch=1))
    assert refusal.value.code == "loss_not_finite"
