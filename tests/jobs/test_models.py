import math

import pytest
from pydantic import ValidationError

from nst.jobs.models import FINISHED, JobSpec, StyleRef

SPEC = {"content": "a", "styles": [{"image": "b"}]}


def test_a_spec_needs_no_more_than_two_pictures() -> None:
    spec = JobSpec.model_validate(SPEC)
    assert (spec.styles[0].weight, spec.mask, spec.init, spec.options.steps) == (1.0, None, None, 300)


@pytest.mark.parametrize(
    "change", [{"owner": "bob"}, {"styles": []}, {"styles": SPEC["styles"] * 5}, {"content": None}]
)
def test_a_spec_that_asks_for_something_else_is_refused(change: dict) -> None:
    with pytest.raises(ValidationError):
        JobSpec.model_validate(SPEC | change)


@pytest.mark.parametrize("weight", [-1, 1001, math.nan, math.inf])
def test_a_share_is_no_negative_number(weight: float) -> None:
    with pytest.raises(ValidationError):
        StyleRef(image="b", weight=weight)


def test_one_style_may_weigh_nothing_but_not_all() -> None:
    nothing, something = {"image": "b", "weight": 0}, {"image": "c", "weight": 0.5}
    assert len(JobSpec.model_validate(SPEC | {"styles": [nothing, something]}).styles) == 2
    with pytest.raises(ValidationError) as refused:
        JobSpec.model_validate(SPEC | {"styles": [nothing, nothing]})
    assert refused.value.errors()[0]["loc"] == ("styles",)


def test_a_spec_survives_the_database() -> None:
    spec = JobSpec.model_validate(SPEC | {"mask": "c", "options": {"style_weight": 0.1, "seed": 2**32 - 1}})
    assert JobSpec.model_validate(spec.model_dump(mode="json")) == spec


def test_an_interrupted_job_is_not_finished() -> None:
    assert {"done", "failed", "cancelled"} == FINISHED
