"""How TensorFlow is started."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]

GPU = """
import tensorflow as tf
from tensorflow.python.eager import context
said = []
def grow(gpu, on):
    assert context.context()._context_handle is None, "TensorFlow has begun: on a GPU this call would raise"
    said.append((gpu, on))
tf.config.list_physical_devices = lambda kind=None: ["a GPU"] if kind == "GPU" else []
tf.config.experimental.set_memory_growth = grow
import {module}
assert said == [("a GPU", True)], said
assert context.context()._context_handle is None, "{module} makes tensors when it is imported"
"""


def python(script: str, folder: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    paths = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=paths, capture_output=True, timeout=300
    )


def test_a_gpu_s_memory_is_shared_from_before_the_first_tensor_on() -> None:
    for module in ("nst.engine.transfer", "nst.fast"):
        done = python(GPU.format(module=module))
        assert done.returncode == 0, done.stderr.decode()


OLD = """
import pathlib, sys
read = pathlib.Path.read_text
told = "processor : 0\\nflags : fpu sse4_1 sse4_2\\n"
pathlib.Path.read_text = lambda path, *how, **more: (
    told if str(path) == "/proc/cpuinfo" else read(path, *how, **more)
)
from nst.cli import main
status = main(["preview", "photo.png", "painting.png", "-o", "out.png"])
assert "tensorflow" not in sys.modules
sys.exit(status)
"""


def test_a_processor_that_tensorflow_ends_on_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for name in ("photo.png", "painting.png"):
        Image.new("RGB", (64, 64)).save(tmp_path / name)
    done = python(OLD, tmp_path)
    assert done.returncode == 1
    (sentence,) = done.stderr.decode().splitlines()
    assert "AVX" in sentence


def test_it_starts_where_stderr_is_closed() -> None:
    command = f"exec {shlex.quote(sys.executable)} -c 'import nst.runtime' 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=ROOT, timeout=300).returncode == 0
