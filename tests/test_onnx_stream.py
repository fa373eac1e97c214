"""Constants of ONNX files: as the `onnx` package reads them, and only from whole files."""

import contextlib

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from nst import fast_weights, onnx_stream
from nst.onnx_stream import OnnxError


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    fast_weights.fetch()
    every = (fast_weights.PREDICTOR, fast_weights.TRANSFORMER, fast_weights.MULTISTYLE)
    return {file.name: file.path.read_bytes() for file in every}


def test_constants_are_what_the_onnx_package_reads(files: dict[str, bytes]) -> None:
    for data in files.values():
        constants = onnx_stream.read(data)
        graph = onnx.load_from_string(data).graph
        stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        meant = {}
        for node in graph.node:
            if node.op_type == "DequantizeLinear" and node.input[0] in stored:
                values, scale, zero = (stored[name].astype(np.float64) for name in node.input)
                along = (-1,) + (1,) * (values.ndim - 1) if scale.ndim else ()
                meant[node.output[0].removesuffix("_dequant")] = (
                    values - zero.reshape(along)
                ) * scale.reshape(along)
        assert constants.keys() == stored.keys() | meant.keys()
        for name, values in constants.items():
            expected = meant.get(name, stored.get(name))
            np.testing.assert_allclose(values, expected, rtol=1e-6)
            assert values.shape == expected.shape


def test_quantised_weights_come_as_what_they_stand_for() -> None:
    values = numpy_helper.from_array(np.array([[-128, 0], [5, 127]], np.int8), "values")
    scale = numpy_helper.from_array(np.array([0.5, 2], np.float32), "scale")
    zero = numpy_helper.from_array(np.array([0, 1], np.int8), "zero")
    node = onnx.helper.make_node("DequantizeLinear", ["values", "scale", "zero"], ["kernel_dequant"], axis=0)
    graph = onnx.helper.make_graph([node], "g", [], [], [values, scale, zero])
    constants = onnx_stream.read(onnx.helper.make_model(graph).SerializeToString())
    np.testing.assert_array_equal(constants["kernel"], [[-64, 0], [8, 252]])
    assert constants["kernel"].dtype == np.float32


def test_what_is_not_a_whole_file_is_refused(files: dict[str, bytes]) -> None:
    whole = files["arbitrary_transform.onnx"]
    rng = np.random.default_rng(2)
    for broken in (b"", b"words", whole[:-1], whole[: len(whole) // 2], b"\xff" * 100, bytes(50)):
        with pytest.raises(OnnxError):
            onnx_stream.read(broken)
    for _ in range(20):  # damage anywhere ends in an answer or a refusal, never in another error
        damaged = bytearray(whole)
        damaged[rng.integers(2000)] ^= 1 << rng.integers(8)
        with contextlib.suppress(OnnxError):
            onnx_stream.read(bytes(damaged))
