"""What the product runs on is under permissive licences, or has a row with a reason in docs/licences.md."""

import re
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PINNED = [ROOT / f"requirements{which}.txt" for which in ("", "-scale", "-gpu")]
PERMISSIVE = re.compile(
    r"0?BSD|[23]-Clause|Apache|MIT|MIT-0|MIT-CMU|HPND|ISC|PSF|Python Software Foundation|Zlib|CC0|Unlicense"
)
# Words of licences that ask for more, even beside one of the above.
DEMANDING = re.compile(
    r"GPL|General Public|MPL|Mozilla|EPL|Eclipse|CDDL|Proprietary|Commons|non-commercial", re.I
)


def packages() -> list[str]:
    lines = (line for path in PINNED for line in path.read_text().splitlines())
    return sorted({found[1] for line in lines if (found := re.match(r"([\w.-]+)==", line))})


def stated(package: metadata.PackageMetadata) -> str:
    """What its metadata say of its licence, in one line."""
    expression, text = package.get("License-Expression"), package.get("License") or ""
    classes = [one for one in package.get_all("Classifier") or [] if one.startswith("License ::")]
    # Some put the whole text there, which speaks of other licences as well: then the class has to do.
    told = [expression] if expression else [*classes, *([text] if len(text) < 200 else [])]
    return " ".join(told)


def is_permissive(licence: str) -> bool:
    return bool(PERMISSIVE.search(licence)) and not DEMANDING.search(licence)


def excepted() -> dict[str, str]:
    """Package, or a pattern of several -> its row."""
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", (ROOT / "docs" / "licences.md").read_text(), re.M)
    return dict(rows)


def test_every_package_is_permissive_or_has_a_reason() -> None:
    listed = packages()
    assert len(listed) > 80
    rows = excepted()
    unexplained, looked_at = {}, 0
    for name in listed:
        if any(fnmatch(name, pattern) for pattern in rows):
            continue
        try:
            licence = stated(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            continue  # for another system, or another build of TensorFlow
        looked_at += 1
        if not is_permissive(licence):
            unexplained[name] = licence
    assert unexplained == {}
    assert looked_at > 80


def test_every_row_is_about_a_package_that_is_pinned() -> None:
    assert [row for row in excepted() if not any(fnmatch(name, row) for name in packages())] == []


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("License :: OSI Approved :: BSD License", True),
        ("GPL-3.0-only", False),
        ("MIT AND LGPL-2.1", False),
        ("License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_licences_are_told_apart(licence: str, permissive: bool) -> None:
    assert is_permissive(licence) is permissive
