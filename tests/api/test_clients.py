from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nst.api.clients import current_client
from nst.api.signing import signed, unsigned
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
    assert cookie.startswith(f"nst_client={signed(first.json())};")
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
    "cookie",
    ["", "short", "a" * 32, "a" * 43, "a" * 32 + "." + "b" * 43, ".", "../" * 12, '"' + "a" * 40, "é" * 40],
)
def test_a_cookie_that_we_did_not_give_is_replaced(who: TestClient, cookie: str) -> None:
    answer = who.get("/who", headers={"cookie": f"nst_client={cookie}".encode()})
    assert answer.json() not in cookie
    assert len(answer.json()) == 32
    assert "set-cookie" in answer.headers


def test_a_cookie_signed_for_another_proves_nothing(who: TestClient) -> None:
    mine, theirs = "m" * 32, "t" * 32
    forged = f"{theirs}.{signed(mine).rpartition('.')[2]}"
    assert who.get("/who", headers={"cookie": f"nst_client={forged}"}).json() not in (mine, theirs)


def test_an_unsigned_cookie_of_before_is_taken_from_its_owner_alone_and_replaced(
    client: TestClient, stranger: TestClient, server: FastAPI
) -> None:
    owner, nobody = "o" * 43, "n" * 43
    image = server.state.studio.add_sample(owner, "chelsea").id
    answer = client.get(f"/api/v1/images/{image}", headers={"cookie": f"nst_client={owner}"})
    assert answer.status_code == 200
    assert unsigned(client.cookies["nst_client"]) == owner
    assert client.get(f"/api/v1/images/{image}").status_code == 200
    stranger.get("/api/v1/jobs", headers={"cookie": f"nst_client={nobody}"})
    assert unsigned(stranger.cookies["nst_client"]) not in (owner, nobody, None)


def test_an_id_of_today_is_worth_nothing_without_its_signature(
    client: TestClient, stranger: TestClient, upload: Callable[..., Json]
) -> None:
    image = upload()["id"]
    owner = unsigned(client.cookies["nst_client"])
    answer = stranger.get(f"/api/v1/images/{image}", headers={"cookie": f"nst_client={owner}"})
    assert answer.status_code == 404


def test_a_cookie_signed_with_an_older_key_is_signed_anew(
    who: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "o" * 32, "n" * 32
    monkeypatch.setenv("NST_SECRET", old)
    settings.cache_clear()
    name = who.get("/who").json()
    monkeypatch.setenv("NST_SECRET", f"{new}, {old}")
    settings.cache_clear()
    again = who.get("/who")
    assert again.json() == name
    assert "set-cookie" in again.headers
    monkeypatch.setenv("NST_SECRET", new)
    settings.cache_clear()
    third = who.get("/who")
    assert third.json() == name
    assert "set-cookie" not in third.headers


def test_other_cookies_do_not_disturb(who: TestClient) -> None:
    name = who.get("/who").json()
    who.cookies.clear()
    odd = f"_ga=GA1.2.3; weird={{json: 1}}; nst_client={signed(name)}; x=y"
    assert who.get("/who", headers={"cookie": odd}).json() == name


@pytest.mark.parametrize(
    "path", ["/assets/a.css", "/_dash-component-suites/x.js", "/healthz", "/docs/start.js"]
)
def test_what_is_the_same_for_all_brings_no_cookie(server: FastAPI, path: str) -> None:
    assert "set-cookie" not in TestClient(server).get(path).headers


def test_outside_of_a_request_there_is_no_client() -> None:
    with pytest.raises(LookupError):
        current_client()


def test_the_client_of_a_threaded_handler_is_its_own(client: TestClient, stranger: TestClient) -> None:
    def jobs(by: TestClient) -> Json:
        return by.get("/api/v1/jobs").json()

    assert jobs(client) == jobs(stranger) == {"jobs": [], "next": None}
    assert client.cookies["nst_client"] != stranger.cookies["nst_client"]
