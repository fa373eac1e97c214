"""Which processor paints, and in which arithmetic."""

from functools import cache

import tensorflow as tf

from nst.options import Precision
from nst.runtime import CPUINFO


@cache
def has_gpu() -> bool:
    """Whether TensorFlow finds a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def convolution_dtype(precision: Precision) -> tf.DType:
    """The convolutions' arithmetic. Gram matrices, losses and the picture are float32 in any case."""
    if precision == "auto":
        precision = "bfloat16" if _computes_bfloat16() else "float32"
    return tf.bfloat16 if precision == "bfloat16" else tf.float32


def _computes_bfloat16() -> bool:
    """Whether the processor has bfloat16 units; without them bfloat16 is emulated and slower than float32."""
    if has_gpu():
        details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
        return bool(details.get("compute_capability", (0, 0)) >= (8, 0))
    try:
        flags = CPUINFO.read_text(encoding="ascii", errors="ignore")
    except OSError:
        return False
    return any(name in flags for name in (" avx512_bf16", " amx_bf16"))
