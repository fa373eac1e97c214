import httpx
import pytest
from pydantic import SecretStr
from servers import free_port

from nst.errors import Refusal
from nst.jobs.painters.worker_metrics import serve
from nst.settings import Settings

TOKEN = "s3cret-s3cret-s3cret"


def served(**settings: object) -> str:
    port = free_port()
    serve(Settings(worker_metrics_port=port, **settings))
    return f"http://127.0.0.1:{port}"


def status(address: str, path: str = "/metrics", **headers: str) -> int:
    return httpx.get(f"{address}{path}", headers=headers).status_code


def test_a_program_on_the_machine_reads_the_workers_figures() -> None:
    address = served()
    answer = httpx.get(f"{address}/metrics")
    assert answer.status_code == 200
    assert "pentimento_step_seconds" in answer.text
    assert status(address, "/") == 404


def test_where_a_token_is_asked_for_nobody_else_reads_them() -> None:
    address = served(metrics="token", metrics_token=SecretStr(TOKEN))
    assert status(address, Authorization=f"Bearer {TOKEN}") == 200
    assert status(address, Authorization="Bearer wrong") == 404
    assert status(address) == 404


@pytest.mark.parametrize("metrics", ["off", "token"])
def test_where_nobody_may_read_them_nothing_listens(metrics: str) -> None:
    with pytest.raises(httpx.ConnectError):
        status(served(metrics=metrics))


def test_a_port_that_is_taken_is_told() -> None:
    port = int(served().rpartition(":")[2])
    with pytest.raises(Refusal, match="NST_WORKER_METRICS_PORT"):
        serve(Settings(worker_metrics_port=port))
