"""How TensorFlow is started."""

import subprocess
import sys
from pathlib import Path

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


def python(script: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, timeout=300)


def test_a_gpu_s_memory_is_shared_from_before_the_first_tensor_on() -> None:
    for module in ("nst.engine.transfer", "nst.fast"):
        done = python(GPU.format(module=module))
        assert done.returncode == 0, done.stderr.decode()
