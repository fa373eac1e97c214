"""Writes legacy torch.save streams, whole or crafted, without PyTorch."""

import math
import struct
from typing import Any

import numpy as np

STORAGES = {np.dtype("u1"): "ByteStorage", np.dtype("<f4"): "FloatStorage"}
CALL = b"R"


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def value(thing: Any) -> bytes:
    """Pickle instructions that leave `thing` on the stack; bytes are instructions already."""
    match thing:
        case bytes():
            return thing
        case None:
            return b"N"
        case bool():
            return b"\x88" if thing else b"\x89"
        case int():
            raw = thing.to_bytes(thing.bit_length() // 8 + 1, "little", signed=True)
            return b"\x8a" + bytes([len(raw)]) + raw
        case str():
            return b"X" + struct.pack("<I", len(thing.encode())) + thing.encode()
        case tuple():
            return b"(" + b"".join(map(value, thing)) + b"t"
        case list():
            return b"](" + b"".join(map(value, thing)) + b"e"
        case dict():
            return b"}(" + b"".join(value(key) + value(item) for key, item in thing.items()) + b"u"
    raise TypeError(thing)


def pickled(thing: Any) -> bytes:
    return b"\x80\x02" + value(thing) + b"."


def tensor(key: str, array: np.ndarray, **changes: Any) -> bytes:
    """A tensor of the storage `key`; `changes` replace what the stream says of it."""
    strides = tuple(math.prod(array.shape[axis + 1 :]) for axis in range(array.ndim))
    said = {"offset": 0, "shape": array.shape, "strides": strides, "count": array.size, "kind": "storage"}
    said |= changes
    storage = (said["kind"], name("torch", STORAGES[array.dtype]), key, "cpu", said["count"], None)
    hooks = name("collections", "OrderedDict") + b")" + CALL
    arguments = (value(storage) + b"Q", said["offset"], said["shape"], said["strides"], False, hooks)
    return name("torch._utils", "_rebuild_tensor_v2") + value(arguments) + CALL


def stream(arrays: dict[str, np.ndarray], changes: dict[str, Any] | None = None, tail: bytes = b"") -> bytes:
    """A stream of `arrays`, whose storages are named like them; `changes` apply to the first."""
    described: dict[str, bytes] = {}
    for index, (key, array) in enumerate(arrays.items()):
        described[key] = tensor(key, array, **(changes or {} if index == 0 else {}))
    head = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, described, list(arrays)]
    memory = b"".join(struct.pack("<q", array.size) + array.tobytes() for array in arrays.values())
    return b"".join(map(pickled, head)) + memory + tail
