import os
from collections.abc import Callable
from pathlib import Path

import pytest
from jobs.fake_engine import FakeEngine

from nst.errors import Refusal
from nst.jobs.studio import Studio
from nst.settings import Settings


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def test_a_folder_has_one_studio_at_a_time(
    open_studio: Callable[..., Studio], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("nst.jobs.filing.folder.HANDOVER_SECONDS", 0.01)
    first = open_studio()
    second = open_studio(start=False)
    refusal = refused(second.start)
    assert (refusal.code, refusal.field) == ("data_dir_in_use", "NST_DATA_DIR")
    assert str(folder) in refusal.message
    first.close()
    second.start()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, engine: FakeEngine) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "studio.db").write_bytes(b"no database at all" * 100)
    for name in ("file", "folder"):
        refusal = refused(Studio, Settings(data_dir=tmp_path / name), engine.load)
        assert (refusal.code, refusal.field) == ("data_dir_unusable", "NST_DATA_DIR")
        assert str(tmp_path / name) in refusal.message
        assert "\n" not in refusal.message


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # permissions do not bind an administrator
    refusal = refused(Studio, Settings(data_dir=tmp_path), engine.load)
    assert (refusal.code, refusal.field) == ("data_dir_unusable", "NST_DATA_DIR")
    assert "permission denied" in refusal.message
