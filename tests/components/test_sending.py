import logging

import pytest

from components import ids, sending
from nst.errors import Refusal


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict:
    properties: dict = {}
    monkeypatch.setattr(sending, "set_props", properties.__setitem__)
    return properties


def test_a_refusal_is_shown_in_its_own_words(told):
    sending.explain(Refusal("queue_full", "Three of your paintings are waiting already."))
    assert told[ids.NOTICE] == {"children": "Three of your paintings are waiting already.", "is_open": True}


def test_a_fault_is_logged_and_shown_without_its_insides(told, caplog):
    with caplog.at_level(logging.ERROR):
        sending.explain(KeyError("secret"))
    assert "secret" not in told[ids.NOTICE]["children"]
    assert "KeyError" in caplog.text
