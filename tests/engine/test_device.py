"""The choice of arithmetic."""

import pytest
import tensorflow as tf

from nst.engine import device


@pytest.mark.parametrize(
    ("precision", "dtype"), [("float32", tf.float32), ("bfloat16", tf.bfloat16)], ids=["float32", "bfloat16"]
)
def test_an_explicit_wish_is_obeyed(precision, dtype):
    assert device.convolution_dtype(precision) is dtype


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        ("flags : fpu avx512f avx512_bf16 sha_ni\n", tf.bfloat16),
        ("flags : fpu amx_bf16 amx_tile\n", tf.bfloat16),
        ("flags : fpu avx2 avx512f\n", tf.float32),
        (None, tf.float32),
    ],
)
def test_auto_asks_the_processor(monkeypatch, tmp_path, flags, dtype):
    cpuinfo = tmp_path / "cpuinfo"
    if flags:
        cpuinfo.write_text(flags)
    monkeypatch.setattr(device, "CPUINFO", cpuinfo)
    monkeypatch.setattr(device, "has_gpu", lambda: False)
    assert device.convolution_dtype("auto") is dtype
