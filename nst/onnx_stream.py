"""Reads the constants of an ONNX file with the standard library and NumPy alone.

An ONNX file is one protocol-buffer message: a model with a graph, the graph with nodes and constants. Of all
that only the constants are wanted here, so this reader knows four message types by the numbers of their
fields (onnx.proto3) and steps over everything else. The `onnx` package, 30 MB, would do the same.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

# Numbers of the fields that are read, by message.
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_CONSTANT = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR = 1, 2, 4
_TENSOR_SHAPE, _TENSOR_TYPE, _TENSOR_FLOATS, _TENSOR_NAME, _TENSOR_MEMORY = 1, 2, 4, 8, 9

_DTYPES: dict[int, np.dtype[Any]] = {
    number: np.dtype(name) for number, name in ((1, "<f4"), (3, "i1"), (6, "<i4"), (7, "<i8"))
}
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # how a field's value is written


class OnnxError(ValueError):
    """The bytes are not a whole ONNX file of plain tensors."""


class _Node(NamedTuple):
    operator: str
    inputs: list[str]
    outputs: list[str]


def read(data: bytes) -> dict[str, np.ndarray]:
    """The constants of a model, by name; quantised ones as the float32 numbers that they stand for.

    A quantised constant is the input of a DequantizeLinear node, (value - zero point) * scale with one scale
    for all or one for each output channel (axis 0), and goes by the name of that node's output without its
    "_dequant". Raises `OnnxError`.
    """
    try:
        graph = dict(_fields(memoryview(data)))[_MODEL_GRAPH]
        fields = list(_fields(_message(graph)))
        stored = dict(_tensor(_message(value)) for number, value in fields if number == _GRAPH_CONSTANT)
        nodes = [_node(_message(value)) for number, value in fields if number == _GRAPH_NODE]
        meant = {
            node.outputs[0].removesuffix("_dequant"): _dequantised(*(stored[name] for name in node.inputs))
            for node in nodes
            if node.operator == "DequantizeLinear" and node.inputs[0] in stored
        }
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise OnnxError("it is not a whole ONNX file of plain tensors") from error
    return stored | meant


def _dequantised(values: np.ndarray, scale: np.ndarray, zero: np.ndarray) -> np.ndarray:
    along = (-1,) + (1,) * (values.ndim - 1) if scale.ndim else ()
    steps = values.astype(np.int64) - zero.reshape(along)
    return np.asarray(steps * scale.reshape(along), np.float32)


def _tensor(message: memoryview) -> tuple[str, np.ndarray]:
    name, kind, shape, memory = "", 0, [], memoryview(b"")
    for number, value in _fields(message):
        if number == _TENSOR_SHAPE:
            # A list of numbers comes one by one, or packed into a run of bytes.
            shape += [value] if isinstance(value, int) else list(_varints(value))
        elif number == _TENSOR_TYPE and isinstance(value, int):
            kind = value
        elif number == _TENSOR_NAME:
            name = str(_message(value), "utf-8")
        elif number in (_TENSOR_MEMORY, _TENSOR_FLOATS):  # a run of floats looks like their memory
            memory = _message(value)
    return name, np.frombuffer(memory, _DTYPES[kind]).reshape(shape)


def _node(message: memoryview) -> _Node:
    node = _Node("", [], [])
    for number, value in _fields(message):
        if number == _NODE_OPERATOR:
            node = node._replace(operator=str(_message(value), "utf-8"))
        elif number in (_NODE_INPUT, _NODE_OUTPUT):
            names = node.inputs if number == _NODE_INPUT else node.outputs
            names.append(str(_message(value), "utf-8"))
    return node


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message, in order: number and value, which is a number or a run of bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, form = key >> 3, key & 7
        if form == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        length = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(form)
        if form == _BYTES:
            length, at = _varint(message, at)
        if length is None or at + length > len(message):
            raise ValueError("a field of unknown form or beyond the end")
        yield number, message[at : at + length]
        at += length


def _varints(packed: memoryview) -> Iterator[int]:
    at = 0
    while at < len(packed):
        value, at = _varint(packed, at)
        yield value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number written in groups of seven bits, the lowest first, and where the next field begins."""
    value = 0
    for shift in range(0, 64, 7):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than 64 bits")


def _message(value: Any) -> memoryview:
    if not isinstance(value, memoryview):
        raise ValueError("a number where bytes belong")
    return value
