"""TensorFlow, imported without the notes that it writes when it starts, and told to leave room on the GPU."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["tf"]

_STARTUP_NOTES = ("All log messages before absl::InitializeLog", "oneDNN custom operations are on")


@contextmanager
def _without_startup_notes() -> Iterator[None]:
    """Holds stderr back for the while, and lets everything out again but TensorFlow's start-up notes.

    TensorFlow writes them from C++ before any setting of its own can stop them; on a command line they
    would stand where a person looks for one plain sentence.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines():
                if not any(note in line for note in _STARTUP_NOTES):
                    sys.stderr.write(f"{line}\n")  # at once: another thread may be writing a line of its own


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what remains are errors
with _without_startup_notes():
    import tensorflow as tf  # the process's first import of it: whoever imports it later finds it done

for gpu in tf.config.list_physical_devices("GPU"):
    # It takes all of a GPU's memory otherwise. Only now can it be told so: not after its first tensor.
    tf.config.experimental.set_memory_growth(gpu, True)

tf.get_logger().setLevel("ERROR")  # it counts traced functions by name and warns where there is no cause
