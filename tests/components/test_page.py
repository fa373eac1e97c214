import re
from pathlib import Path

import pytest
from dash.development.base_component import Component
from plotly.offline import get_plotlyjs_version

from components import ids, page
from nst.jobs.studio import Studio
from nst.settings import settings

ASSETS = Path(__file__).resolve().parents[2] / "assets"
# These come with a picture, with the first step, or with a group.
LATER = {ids.STYLE_ADD, ids.LOSSES_GRAPH, ids.GROUP_PROGRESS, ids.GROUP_ZIP}


@pytest.fixture
def layout() -> Component:
    studio = Studio(settings(), load=lambda: None)
    try:
        return page.layout(studio, "token")
    finally:
        studio.close()


def named(layout: Component) -> list[str]:
    found = [getattr(part, "id", None) for part in layout._traverse() if isinstance(part, Component)]
    return [layout.id, *(name for name in found if isinstance(name, str))]


def fixed_ids() -> set[str]:
    names = {value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str)}
    return names | set(ids.EXAMPLES)


def test_every_id_is_on_the_page_once_and_has_its_name_in_ids(layout):
    found = named(layout)
    assert len(found) == len(set(found))
    assert fixed_ids() - set(found) <= LATER
    generated = ("option-", "preset-", "title-")
    assert {name for name in found if not name.startswith(generated)} <= fixed_ids()


def test_the_page_begins_empty(layout):
    assert layout.to_plotly_json()["props"]["data-state"] == "empty"


def test_every_image_and_button_has_words(layout):
    for part in layout._traverse():
        if not isinstance(part, Component):
            continue
        props = part.to_plotly_json()["props"]
        if part._type == "Img":
            assert "alt" in props, props
        if part._type == "Button":
            assert props.get("aria-label") or props.get("title") or props.get("children"), props


def test_scripts_and_styles_know_only_ids_that_exist():
    known = fixed_ids()
    names = (
        "live",
        "run",
        "steer",
        "following",
        "rest",
        "options",
        "history",
        "notes",
        "over",
        "strength",
        "filmstrip",
        "restoring",
        "recent",
        "programs",
        "address",
        "early/theme",
    )
    script = "".join((ASSETS / f"{name}.js").read_text() for name in names)
    calls = r"getElementById\(|\bat\(|set_props\??\.?\(|id ?[!=]==? |\? |closest\?\.\("
    used = set(re.findall(rf'(?:{calls})"#?([a-z]+-[a-z-]+)"', script))
    styles = "".join(path.read_text() for path in ASSETS.glob("*.css") if not path.name.startswith("mask"))
    used |= set(re.findall(r"#([a-z]+-[a-z-]+)\b", styles))
    assert {"start-button", "stop-button", "theme-toggle", "compare-slider"} <= used
    assert used <= known


def test_nothing_on_the_page_comes_from_elsewhere(page):
    index = page.client.get("/").text
    links = re.findall(r'(?:src|href)="([^"]+)"', index)
    assert len(links) > 10
    assert all(link.startswith("/") and not link.startswith("//") for link in links)


def test_the_script_that_draws_is_of_the_version_that_dash_knows(page):
    answer = page.client.get("/assets/vendor/plotly-basic.min.js")
    assert answer.status_code == 200
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}".encode() in answer.content[:200]


def test_bootstrap_is_served_by_us_and_comes_before_the_house_style(page):
    links = re.findall(r'rel="stylesheet" href="([^"?]+)', page.client.get("/").text)
    assert links[0] == "/assets/vendor/bootstrap.min.css"
    assert "/assets/studio.css" in links
    answer = page.client.get(links[0])
    assert answer.status_code == 200
    assert b"Bootstrap" in answer.content[:100]
    assert b"http" not in re.sub(
        rb"/\*.*?\*/|http://www\.w3\.org/2000/svg", b"", answer.content, flags=re.DOTALL
    )


def test_the_theme_is_chosen_before_the_first_style_sheet(page):
    index = page.client.get("/").text
    assert index.index("/assets/early/theme.js") < index.index("stylesheet")
    assert index.count("theme.js") == 1


def test_a_painting_has_a_page_of_its_own(page):
    answer = page.client.get("/jobs/" + "0" * 32)
    assert answer.status_code == 200
    assert "Pentimento" in answer.text


def test_the_page_is_small(page):
    assert len(page.client.get("/_dash-layout").content) < 64_000
