"""TensorFlow, imported without the notes that it writes when it starts, and told to leave room on the GPU."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst.errors import Refusal

__all__ = ["CPUINFO", "tf"]

CPUINFO = Path("/proc/cpuinfo")
_STARTUP_NOTES = ("All log messages before absl::InitializeLog", "oneDNN custom operations are on")


def _refuse_a_processor_without_avx() -> None:
    """Raises a `Refusal`. TensorFlow would end the process, and its last words would be held back with it."""
    try:
        lines = CPUINFO.read_text(encoding="ascii", errors="ignore").splitlines()
    except OSError:
        return
    flags = next((line.split() for line in lines if line.startswith("flags")), None)
    if flags is not None and "avx" not in flags:  # an ARM's line has another name
        raise Refusal(
            "unfit_processor",
            "This processor cannot paint: TensorFlow needs the instructions called AVX, which it lacks. "
            "Use a newer one; in a virtual machine, pass the host's processor through.",
        )


@contextmanager
def _without_startup_notes() -> Iterator[None]:
    """Holds stderr back for the while, and lets everything out again but TensorFlow's start-up notes.

    TensorFlow writes them from C++ before any setting of its own can stop them; on a command line they
    would stand where a person looks for one plain sentence.
    """
    if sys.stderr is None:  # closed by whoever started the process
        yield
        return
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


_refuse_a_processor_without_avx()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what remains are errors
with _without_startup_notes():
    import tensorflow as tf  # the process's first import of it: whoever imports it later finds it done

for gpu in tf.config.list_physical_devices("GPU"):
    # It takes all of a GPU's memory otherwise. Only now can it be told so: not after its first tensor.
    tf.config.experimental.set_memory_growth(gpu, True)

tf.get_logger().setLevel("ERROR")  # it counts traced functions by name and warns where there is no cause
