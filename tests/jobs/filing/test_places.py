from pathlib import Path

import pytest

from nst.errors import Refusal
from nst.jobs.filing.places import open_files
from nst.settings import Settings


def test_without_an_address_files_are_in_the_data_folder(tmp_path: Path) -> None:
    open_files(Settings(data_dir=tmp_path)).write("one", b"1")
    assert (tmp_path / "one").read_bytes() == b"1"


def test_an_address_names_another_folder(tmp_path: Path) -> None:
    other = tmp_path / "with space"
    open_files(Settings(data_dir=tmp_path / "data", files_url=other.as_uri())).write("one", b"1")
    assert (other / "one").read_bytes() == b"1"


@pytest.mark.parametrize("url", ["s3://", "file://", "/a/folder", "ftp://host/folder", "file://host/folder"])
def test_an_address_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(Refusal, match="NST_FILES_URL") as refused:
        open_files(Settings(files_url=url))
    assert (refused.value.code, refused.value.field) == ("bad_setting", "NST_FILES_URL")
    assert url in refused.value.message
