from pathlib import Path

import pytest

from bench import audit


def told(*packages: tuple[str, list[dict[str, object]] | None]) -> dict[str, object]:
    """A report as pip-audit writes it; a package without a list was not known to the service."""
    return {
        "dependencies": [
            {"name": name, "version": "1.0", "vulns": holes}
            if holes is not None
            else {"name": name, "version": "1.0", "skip_reason": "not found"}
            for name, holes in packages
        ]
    }


HOLE = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": ["CVE-1"], "description": "bad"}


def test_a_known_hole_is_told_with_what_mends_it() -> None:
    report = audit.read(told(("fine", []), ("leaky", [HOLE]), ("unknown", None)))
    assert report == audit.Report(2, ["  leaky 1.0: PYSEC-1, mended in 1.1"])


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1"])
def test_a_hole_that_was_judged_not_ours_is_left_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(audit.NOT_OURS, name, "only on another system")
    assert audit.read(told(("leaky", [HOLE]))) == audit.Report(1, [])


def test_a_mirror_without_advisories_is_no_clean_bill() -> None:
    assert audit.read(told(("one", None), ("two", None))) == "it knows none of the packages"


def test_where_no_service_answers_it_is_said_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The real tool, with a network that leads nowhere."""
    pinned = tmp_path / "requirements.txt"
    pinned.write_text("wheel==0.40.0\n")
    monkeypatch.setattr(audit, "PINNED", [pinned])
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    assert audit.main() == 0
    said = capsys.readouterr().out
    assert "not audited" in said
    assert "osv: " in said
    assert "pypi: " in said


def test_everything_pinned_is_asked_about() -> None:
    assert {path.name for path in audit.PINNED} == {
        path.name for path in audit.ROOT.glob("requirements*.txt") if "weights" not in path.name
    }
