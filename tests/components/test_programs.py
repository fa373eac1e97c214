from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from components import ids, programs
from nst.jobs.records import tokens
from nst.jobs.records.tokens import Token

API = "/api/v1"


def made(page, name="laptop"):
    return page.fire(ids.TOKEN_MAKE, "n_clicks", 1, token_name=name)


def known(page):
    return page.client.get(f"{API}/tokens").json()["tokens"]


def test_a_token_is_made_shown_and_in_the_list(page):
    told = made(page, "  laptop ")
    assert told[ids.TOKEN_MADE]["data"]["name"] == "laptop"
    token = told[ids.TOKEN_MADE]["data"]["token"]
    assert "laptop" in str(told[ids.TOKENS])
    assert token not in str(told[ids.TOKENS])
    assert told[ids.TOKEN_NAME]["value"] == ""
    assert told[ids.TOKEN_NOTE]["children"] is None
    program = page.client.get(f"{API}/tokens", headers={"Authorization": f"Bearer {token}"})
    assert [one["name"] for one in program.json()["tokens"]] == ["laptop"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, programs.NO_NAME),
        ("  ", programs.NO_NAME),
        ("x" * 101, programs.BAD_NAME),
        ("a\x00b", programs.BAD_NAME),
    ],
)
def test_a_name_that_cannot_be_is_told_in_the_dialog(page, name, words):
    told = made(page, name)
    assert words in str(told[ids.TOKEN_NOTE])
    assert ids.NOTICE not in told
    assert known(page) == []


def test_too_many_are_refused_in_the_dialog(page, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    made(page)
    told = made(page, "server")
    assert "Revoke one first" in str(told[ids.TOKEN_NOTE])
    assert len(known(page)) == 1


def test_the_list_is_read_when_the_dialog_opens(page):
    assert "none yet" in str(page.fire(ids.PROGRAMS, "is_open", True)[ids.TOKENS])
    made(page)
    assert "laptop" in str(page.fire(ids.PROGRAMS, "is_open", True)[ids.TOKENS])
    assert page.fire(ids.PROGRAMS, "is_open", False) == {}


def test_a_revoked_token_leaves_the_list_also_when_another_window_was_first(page):
    token = made(page)[ids.TOKEN_MADE]["data"]["token"]
    [one] = known(page)
    for _ in range(2):
        told = page.choose(ids.token_revoke(one["id"]))
        assert "none yet" in str(told[ids.TOKENS])
    answer = page.client.get(f"{API}/jobs", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_button_that_only_just_appeared_revokes_nothing(page):
    made(page)
    [one] = known(page)
    assert page.choose(ids.token_revoke(one["id"]), clicks=None) == {}
    assert known(page) == [one]


def test_a_token_of_another_visitor_stays(page, server):
    stranger = TestClient(server)
    stranger.post(f"{API}/tokens", json={"name": "theirs"})
    [theirs] = stranger.get(f"{API}/tokens").json()["tokens"]
    assert "none yet" in str(page.choose(ids.token_revoke(theirs["id"]))[ids.TOKENS])
    assert stranger.get(f"{API}/tokens").json()["tokens"] == [theirs]


def test_a_token_is_revoked_only_after_a_question():
    token = Token(id="1" * 32, owner="ada", name="laptop", created=datetime(2030, 5, 1, 12, tzinfo=UTC))
    [row] = programs.listed([token]).children
    question = row.children[-1]
    assert question.hidden
    assert [part.children for part in question.children][1:] == ["Keep", "Revoke"]
    assert getattr(row.children[2], "aria-label") == "Revoke laptop"
    assert "2030-05-01T12:00:00" in str(row)
