import re

from fastapi.testclient import TestClient


def test_the_page_loads_everything_from_here_and_needs_no_inline_script(client: TestClient) -> None:
    page = client.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 3
    for address in addresses:
        assert not address.startswith(("http", "//"))
        assert client.get(f"/{address}").status_code == 200
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == ["", ""]


def test_the_start_names_the_schema(client: TestClient) -> None:
    assert '"openapi.json"' in client.get("/docs/start.js").text
    assert client.get("/openapi.json").json()["info"]["title"] == "Pentimento"
