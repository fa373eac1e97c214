"""What page and script of the preview must agree on."""

import re
from pathlib import Path

import pytest
from dash.development.base_component import Component

from components import controls, ids, pictures, preview, result, sheet
from nst.jobs.models import JobSpec, StyleRef

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCRIPT = (ASSETS / "preview.js").read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIZE", preview.SIZE), ("DECADES", controls.DECADES), ("EVEN_SHARE", pictures.EVEN_SHARE)],
)
def test_the_script_has_the_page_s_numbers(name: str, value: int) -> None:
    assert re.search(rf"const {name} = (\d+);", SCRIPT)[1] == str(value)


def test_the_script_has_the_page_s_words() -> None:
    assert f'const WORDS = "{preview.WORDS}";' in SCRIPT


def elements(component: object) -> list[Component]:
    found = [component] if isinstance(component, Component) else []
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list) else [children]:
        found += elements(child) if child is not None else []
    return found


@pytest.mark.parametrize(
    ("script", "panel", "names"),
    [
        ("preview.js", preview.picture(), [ids.PREVIEW_PICTURE]),
        ("preview.js", preview.label(), [ids.PREVIEW_WORDS]),
        ("sheet.js", sheet.layout(), [ids.SHEET, ids.SHEET_NOTE, ids.SHEET_VIEW]),
    ],
)
def test_the_scripts_know_what_is_on_the_page(script: str, panel: Component, names: list[str]) -> None:
    there = {getattr(element, "id", None) for element in elements(panel)}
    for name in names:
        assert name in there
        assert f'at("{name}")' in (ASSETS / script).read_text()


def test_it_is_marked() -> None:
    assert "Preview" in [getattr(element, "children", None) for element in elements(preview.picture())]
    assert "Preview" in [getattr(element, "children", None) for element in elements(preview.label())]


def test_a_painting_tells_its_pair(job) -> None:
    spec = JobSpec(content="photo", styles=[StyleRef(image="one"), StyleRef(image="two", weight=2)])
    assert result.known(job(spec=spec))["pair"] == ["photo", ["one", "two"]]
