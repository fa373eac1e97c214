import pytest

from nst.api import password
from nst.api.password import Password, hashed
from nst.errors import Refusal


@pytest.mark.parametrize("right", ["eight ch", "Zwölf Boxkämpfer", "with:colons", "🎨" * 8])
def test_the_right_one_opens_and_no_other(right: str) -> None:
    for known in (Password(right), Password(hashed(right))):
        assert known.matches(right)
        assert known.matches(right)
        for wrong in ("", right + " ", right[:-1], right.swapcase() + "x", "\udc80"):
            assert not known.matches(wrong)


def test_a_hash_says_nothing_of_the_password_and_differs_each_time() -> None:
    first, second = hashed("a password"), hashed("a password")
    assert first != second
    assert "password" not in first
    assert not Password(first).matches(first)


def test_a_hash_is_computed_once_for_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Password(hashed("a password"))
    assert known.matches("a password")
    monkeypatch.setattr(password, "_scrypt", None)
    assert known.matches("a password")
    assert not known.matches("another")


@pytest.mark.parametrize(
    "setting", ["short", "scrypt:", "scrypt:1:2:3:4:5", "scrypt:16384:8:1:é:é", "scrypt:16383:8:1:YQ==:YQ=="]
)
def test_a_setting_that_cannot_be_is_refused_and_not_printed(setting: str) -> None:
    with pytest.raises(Refusal) as refused:
        Password(setting)
    assert (refused.value.code, refused.value.field) == ("bad_setting", "NST_PASSWORD")
    assert setting not in refused.value.message


def test_the_command_prints_what_may_stand_in_the_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = iter(["a password", "a password", "a password", "another one", "short"])
    monkeypatch.setattr(password, "getpass", lambda _: next(said))
    password.main()
    assert Password(capsys.readouterr().out.strip()).matches("a password")
    with pytest.raises(SystemExit, match="two different"):
        password.main()
    with pytest.raises(SystemExit, match="at least 8"):
        password.main()
