"""What an operator sets, and what is said of a value that cannot be."""

from pathlib import Path

import pytest

from nst import images
from nst.errors import Refusal
from nst.settings import settings


def test_a_variable_of_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_PORT", "9000")
    assert settings().port == 9000


@pytest.mark.parametrize(
    ("name", "value"), [("NST_PORT", "abc"), ("NST_PORT", "70000"), ("NST_MAX_PIXELS", "a lot")]
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refusal) as refused:
        settings()
    assert (refused.value.code, refused.value.field) == ("bad_setting", name)
    assert refused.value.message.startswith(f"{name}: ")
    assert refused.value.message.endswith(f"not “{value}”.")
    assert "\n" not in refused.value.message


def test_a_bad_setting_is_not_blamed_on_a_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"")
    monkeypatch.setenv("NST_MAX_PIXELS", "a lot")
    with pytest.raises(Refusal) as refused:
        images.read(tmp_path / "photo.png", field="CONTENT")
    assert (refused.value.code, refused.value.field) == ("bad_setting", "NST_MAX_PIXELS")
    assert "photo" not in refused.value.message


@pytest.mark.parametrize("value", ["short", "x" * 32 + ",short"])
def test_a_secret_that_can_be_guessed_is_refused_and_not_printed(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("NST_SECRET", value)
    with pytest.raises(Refusal) as refused:
        settings()
    assert refused.value.field == "NST_SECRET"
    assert refused.value.message == "NST_SECRET: each key needs at least 32 characters."


def test_a_secret_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_SECRET", f"{'a' * 32}, {'b' * 40}")
    assert settings().secrets == ("a" * 32, "b" * 40)
    assert "aaaa" not in repr(settings())
