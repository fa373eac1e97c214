"""The published files of the fast networks, run by ONNX Runtime: what ours are held against."""

import numpy as np
import onnx
import onnxruntime

from nst.cached import File


def run(model: bytes, *inputs: np.ndarray) -> np.ndarray:
    """What a model makes of its inputs, in their order."""
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, quiet, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs, strict=True)))[0]


def published(file: File) -> bytes:
    """The file as it is: all that it computes is rounded to 8 bits, layer by layer."""
    return file.path.read_bytes()


def unrounded(file: File) -> bytes:
    """The same network with its 8-bit weights, but with every rounding on the way taken out."""
    model = onnx.load_from_string(published(file))
    graph = model.graph
    constants = {constant.name for constant in graph.initializer}
    for node in graph.node:
        on_the_way = node.op_type == "DequantizeLinear" and node.input[0] not in constants
        if on_the_way or node.op_type == "QuantizeLinear":
            node.op_type = "Identity"
            del node.input[1:]
            del node.attribute[:]
    return model.SerializeToString()
