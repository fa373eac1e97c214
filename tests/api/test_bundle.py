import gzip
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from nst.api.bundle import Bundle


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "a.js").write_text("one")
    (tmp_path / "b.wasm.gz").write_bytes(gzip.compress(b"\0asm"))
    return {"a.js": tmp_path / "a.js", "deep/b.wasm": tmp_path / "b.wasm.gz"}


def served(bundle: Bundle) -> TestClient:
    server = FastAPI()

    @server.get("/kit/{version}/{name:path}")
    async def file(version: str, name: str) -> object:
        return bundle.answer(version, name)

    return TestClient(server)


def test_the_addresses_change_with_the_content_and_with_nothing_else(files: dict[str, Path]) -> None:
    before = Bundle("kit", files)
    assert Bundle("kit", files).addresses() == before.addresses()
    files["a.js"].write_text("two")
    after = Bundle("kit", files)
    assert set(after.addresses()).isdisjoint(before.addresses())
    assert Bundle("kit", {"a2.js": files["a.js"], **files}).version != after.version


def test_a_browser_may_keep_what_it_got_for_ever(files: dict[str, Path]) -> None:
    bundle = Bundle("kit", files)
    answer = served(bundle).get(f"/{bundle.addresses()[0]}")
    assert (answer.text, answer.headers["cache-control"]) == ("one", "public, max-age=31536000, immutable")
    assert answer.headers["content-type"].startswith("text/javascript")


def test_a_page_of_an_earlier_version_gets_what_there_is_but_must_not_keep_it(files: dict[str, Path]) -> None:
    answer = served(Bundle("kit", files)).get("/kit/0123/a.js")
    assert (answer.text, answer.headers["cache-control"]) == ("one", "no-store")


def test_a_packed_file_arrives_unpacked(files: dict[str, Path]) -> None:
    bundle = Bundle("kit", files)
    answer = served(bundle).get(f"/{bundle.base}deep/b.wasm")
    assert answer.content == b"\0asm"
    assert answer.headers["content-type"] == "application/wasm"  # which browsers compile as it arrives


@pytest.mark.parametrize("name", ["c.js", "../a.js", "b.wasm.gz", ""])
def test_nothing_else_is_there(files: dict[str, Path], name: str) -> None:
    with pytest.raises(HTTPException):
        Bundle("kit", files).answer("x", name)
