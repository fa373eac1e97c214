from collections.abc import Callable
from pathlib import Path

import pytest
from jobs.conftest import ADA, BOB

from nst.errors import Refusal
from nst.jobs.records import tokens
from nst.jobs.studio import Studio


def test_a_token_tells_its_owner_until_it_is_revoked(studio: Studio) -> None:
    token, text = studio.tokens.make(ADA, "laptop")
    other, _ = studio.tokens.make(ADA, "server")
    assert studio.tokens.owner_of(text) == ADA
    assert studio.tokens.all(ADA) == [other, token]
    assert studio.tokens.all(BOB) == []
    with pytest.raises(Refusal, match="no such token"):
        studio.tokens.revoke(BOB, token.id)
    studio.tokens.revoke(ADA, token.id)
    assert studio.tokens.owner_of(text) is None
    assert studio.tokens.all(ADA) == [other]
    with pytest.raises(Refusal, match="no such token"):
        studio.tokens.revoke(ADA, token.id)


def test_what_is_no_token_tells_nothing(studio: Studio) -> None:
    token, text = studio.tokens.make(ADA, "laptop")
    _, other = studio.tokens.make(BOB, "laptop")
    swapped = text[:36] + other[36:]
    for wrong in ("", "nst_", text[:-1], text + "x", text[4:], f"nst_{token.id}", swapped, "nst_" + "é" * 75):
        assert studio.tokens.owner_of(wrong) is None, wrong


def test_the_token_itself_is_nowhere_on_disk(studio: Studio, folder: Path) -> None:
    _, text = studio.tokens.make(ADA, "laptop")
    studio.close()
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"laptop" in kept
    assert text[36:].encode() not in kept


def test_it_outlives_the_process(studio: Studio, open_studio: Callable[..., Studio]) -> None:
    _, text = studio.tokens.make(ADA, "laptop")
    studio.close()
    assert open_studio().tokens.owner_of(text) == ADA


def test_a_client_has_no_more_than_can_be_looked_through(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    for name in ("one", "two"):
        studio.tokens.make(ADA, name)
    with pytest.raises(Refusal) as caught:
        studio.tokens.make(ADA, "three")
    assert caught.value.code == "too_many_tokens"
    studio.tokens.make(BOB, "one")
