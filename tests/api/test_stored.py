"""Files in parts, as players and downloads that go on ask for them."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from .conftest import Json, problem


@pytest.fixture
def url(upload: Callable[..., Json]) -> str:
    return upload()["url"]


def test_a_part_is_answered_with_where_it_lies(client: TestClient, url: str) -> None:
    whole = client.get(url)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    size = len(whole.content)
    for asked, first, last in (("10-19", 10, 19), ("-5", size - 5, size - 1), ("10-", 10, size - 1)):
        part = client.get(url, headers={"Range": f"bytes={asked}"})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert part.headers["content-type"] == "image/png"
        assert part.content == whole.content[first : last + 1]


def test_several_parts_come_together(client: TestClient, url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=0-3,20-23"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges; boundary=")
    whole = client.get(url).content
    assert whole[:4] in answer.content
    assert whole[20:24] in answer.content


def test_a_part_beyond_the_end_is_a_416_in_our_shape(client: TestClient, url: str) -> None:
    size = len(client.get(url).content)
    answer = client.get(url, headers={"Range": f"bytes={size}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{size}"
    assert (problem(answer)["code"], problem(answer)["field"]) == ("no_such_range", "Range")


@pytest.mark.parametrize("header", ["pages=1-2", "bytes", "bytes=", "bytes=x-y", "bytes=9-3", "bytes=-", "é"])
def test_what_is_no_range_is_passed_over(client: TestClient, url: str, header: str) -> None:
    whole = client.get(url)
    answer = client.get(url, headers={"Range": header.encode()})
    assert (answer.status_code, answer.content) == (200, whole.content)


def test_a_part_only_of_what_is_still_the_same(client: TestClient, url: str) -> None:
    known = client.get(url).headers["etag"]
    for etag, status in ((known, 206), ('"another"', 200)):
        answer = client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag})
        assert answer.status_code == status


def test_a_result_comes_in_parts_too(client: TestClient, create: Callable, until: Callable) -> None:
    done = until(create(), state="done")
    whole = client.get(done["result"]).content
    part = client.get(done["result"], headers={"Range": "bytes=8-15"})
    assert (part.status_code, part.content) == (206, whole[8:16])
    other = client.get(done["result"], params={"strength": 0.5}, headers={"Range": "bytes=8-15"})
    assert other.status_code == 200  # made for the occasion
