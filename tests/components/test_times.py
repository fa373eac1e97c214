import pytest

from components import controls, ids, times
from nst.options import Options

WIDE = {"width": 400, "height": 300}


class Machine:
    """A studio that has painted with L-BFGS only, at a millisecond a step."""

    def expected_seconds(self, width: int, height: int, options: Options) -> float | None:
        self.asked = (width, height)
        return options.steps / 1000 * options.size if options.optimizer == "lbfgs" else None


def values(**chosen: object) -> list[object]:
    options = Options().model_dump() | chosen
    return [options[name] for name in times.MATTERS]


def test_each_preset_and_the_choice_say_how_long_they_take():
    told = times.times(Machine(), WIDE, values(size=100, steps=300))
    assert told["presets"] == ["about 40 s", "about 3 min", "about 10 min"]
    assert told["titles"][0].startswith("256 pixels, 150 epochs: about 40 s, as earlier runs")
    assert told["chosen"] == "It takes about 30 s on this machine."


def test_what_was_never_measured_is_not_guessed():
    told = times.times(Machine(), WIDE, values(optimizer="adam"))
    assert told["presets"] == [None, None, None]
    assert told["titles"] == [controls.title(preset) for preset in controls.PRESETS]
    assert told["chosen"] is None


@pytest.mark.parametrize("wrong", [{"steps": None}, {"size": 7}])
def test_with_an_unusable_number_only_the_presets_are_told(wrong):
    told = times.times(Machine(), WIDE, values(**wrong))
    assert told["chosen"] is None
    assert None not in told["presets"]


def test_without_a_photograph_a_usual_one_is_meant():
    machine = Machine()
    assert times.times(machine, None, values())["chosen"] is None
    assert machine.asked == times.SHAPE


def test_the_page_asks_the_studio(page, engine):
    known = {ids.option(name): value for name, value in controls.values_of(Options()).items()}
    told = page.fire(ids.TIMES_ASKED, "data", 1, **known)
    assert told[ids.TIMES]["data"]["presets"] == [None, None, None]
