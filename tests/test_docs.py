"""What the documents say is what the code does."""

import re
from pathlib import Path

from nst.options import Options
from nst.settings import Settings
from nst.video.options import VideoOptions

ROOT = Path(__file__).resolve().parents[1]


def test_every_setting_is_documented_with_its_default():
    rows = dict(
        re.findall(r"^\| `NST_(\w+)` \| ?`?([^`|]*?)`? ?\|", (ROOT / "docs/settings.md").read_text(), re.M)
    )
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name, default in rows.items():
        assert default.strip() == str(Settings.model_fields[name.lower()].default)


def test_the_readme_s_table_of_controls_has_the_real_defaults():
    text = (ROOT / "README.md").read_text()
    shown = {
        "Size": "size",
        "Epochs": "steps",
        "Style weight": "style_weight",
        "Content weight": "content_weight",
    }
    shown |= {"Smoothness": "tv_weight", "Seed": "seed", "Precision": "precision"}
    for label, name in shown.items():
        default = re.search(rf"^\| {label} \|.*\| (\S+) \|$", text, re.M)[1]
        real = Options.model_fields[name].default
        assert default == (real if isinstance(real, str) else f"{real:g}")


def test_the_flags_of_videos_are_documented_with_their_defaults():
    rows = re.findall(r"^\| `--(\w+)` \|.*\| (\S+) \|$", (ROOT / "docs/video.md").read_text(), re.M)
    fields = VideoOptions.model_fields
    shown = {name: field.default for name, field in fields.items()}
    assert dict(rows) == {name: v if isinstance(v, str) else f"{v:g}" for name, v in shown.items()}


def test_links_between_documents_lead_somewhere():
    documents = [ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md")]
    assert len(documents) >= 4
    for document in documents:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_what_is_said_to_prove_a_defence_is_there():
    named = re.findall(r"`(tests/\S+\.py)`", (ROOT / "SECURITY.md").read_text())
    assert len(named) >= 15
    assert [path for path in named if not (ROOT / path).is_file()] == []
