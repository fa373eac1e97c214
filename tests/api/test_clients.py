import stat

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nst.api import clients
from nst.api.clients import current_client, sign, verify
from nst.errors import Refusal
from nst.settings import settings

from .conftest import Json


@pytest.fixture
def who(server: FastAPI) -> TestClient:
    @server.get("/who")
    def answer() -> str:
        return current_client()

    return TestClient(server)


def test_a_client_gets_its_cookie_once(who: TestClient) -> None:
    first = who.get("/who")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"nst_client={first.json()};")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    second = who.get("/who")
    assert second.json() == first.json()
    assert "set-cookie" not in second.headers


def test_over_https_the_cookie_stays_there(server: FastAPI) -> None:
    answer = TestClient(server, base_url="https://paint.example").get("/api/v1/nope")
    assert "; Secure" in answer.headers["set-cookie"]


def test_clients_differ(who: TestClient) -> None:
    names = set()
    for _ in range(10):
        who.cookies.clear()
        names.add(who.get("/who").json())
    assert len(names) == 10


@pytest.mark.parametrize(
    "cookie", ["", "short", "a" * 65, "a" * 31 + "/", "../" * 12, '"' + "a" * 40, "é" * 40]
)
def test_a_cookie_that_we_cannot_have_given_is_replaced(who: TestClient, cookie: str) -> None:
    answer = who.get("/who", headers={"cookie": f"nst_client={cookie}".encode()})
    assert answer.json() != cookie
    assert len(answer.json()) == 43
    assert "set-cookie" in answer.headers


def test_other_cookies_do_not_disturb(who: TestClient) -> None:
    name = who.get("/who").json()
    who.cookies.clear()
    odd = f"_ga=GA1.2.3; weird={{json: 1}}; nst_client={name}; x=y"
    assert who.get("/who", headers={"cookie": odd}).json() == name


@pytest.mark.parametrize(
    "path", ["/assets/a.css", "/_dash-component-suites/x.js", "/healthz", "/docs/start.js"]
)
def test_what_is_the_same_for_all_brings_no_cookie(server: FastAPI, path: str) -> None:
    assert "set-cookie" not in TestClient(server).get(path).headers


def test_outside_of_a_request_there_is_no_client() -> None:
    with pytest.raises(LookupError):
        current_client()


def test_a_token_proves_its_owner(server: FastAPI) -> None:
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
    clients._serializer.cache_clear()
    assert verify(token) == "ada"
    path.unlink()
    clients._serializer.cache_clear()
    with pytest.raises(Refusal):
        verify(token)


def test_the_client_of_a_threaded_handler_is_its_own(client: TestClient, stranger: TestClient) -> None:
    def jobs(by: TestClient) -> Json:
        return by.get("/api/v1/jobs").json()

    assert jobs(client) == jobs(stranger) == {"jobs": [], "next": None}
    assert client.cookies["nst_client"] != stranger.cookies["nst_client"]
