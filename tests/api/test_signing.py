import stat

import pytest

from nst.api import signing
from nst.api.signing import sign, signed, unsigned, verify
from nst.errors import Refusal
from nst.settings import settings


def test_a_token_proves_its_owner() -> None:
    token = sign("ada")
    assert verify(token) == "ada"
    for forged in ("", "ada", token[:-1], token + "x", sign("bob").split(".")[0] + "." + token.split(".")[1]):
        with pytest.raises(Refusal, match="load it again") as caught:
            verify(forged)
        assert caught.value.code == "bad_token"


def test_the_secret_is_kept_and_is_the_studios_alone() -> None:
    token = sign("ada")
    path = settings().data_dir / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret"]
    signing._kept.cache_clear()
    assert verify(token) == "ada"
    path.unlink()
    signing._kept.cache_clear()
    with pytest.raises(Refusal):
        verify(token)


def test_what_is_signed_is_read_and_nothing_else() -> None:
    text = signed("ada")
    assert unsigned(text) == "ada"
    for forged in ("", "ada", "ada.", text[:-1], text + "x", "bob" + text[3:], "é" * 40, "\udc80.x"):
        assert unsigned(forged) is None


def test_a_cookie_is_no_token_and_a_token_no_cookie() -> None:
    assert unsigned(sign("ada")) is None
    with pytest.raises(Refusal):
        verify(signed("ada"))


def test_the_first_key_signs_and_all_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "o" * 32, "n" * 32

    def turn_to(*keys: str) -> None:
        monkeypatch.setenv("NST_SECRET", ",".join(keys))
        settings.cache_clear()

    turn_to(old)
    before = signed("ada"), sign("ada")
    turn_to(new, old)
    after = signed("ada"), sign("ada")
    assert (unsigned(before[0]), verify(before[1])) == ("ada", "ada")
    turn_to(new)
    assert (unsigned(after[0]), verify(after[1])) == ("ada", "ada")
    assert unsigned(before[0]) is None
    assert not (settings().data_dir / "secret").exists()
