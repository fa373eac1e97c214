"""Reads tensors from a legacy stream of `torch.save` with the standard library and NumPy alone.

Such a stream (the only format before PyTorch 1.6) is five pickles followed by raw memory: a magic number,
the protocol's version, facts about the machine that wrote it, a dictionary of tensors, and the list of
storages' keys; then for each key an element count (int64) and the elements, little-endian.

A pickle is a program. This reader runs one only after every instruction and every name in it is found on a
short list of what a dictionary of tensors needs, and the names stand for records, never for functions of
the writer's choosing.
"""

import io
import math
import pickle
import pickletools
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
SIGNATURE = b"\x80\x02\x8a\x0a" + MAGIC.to_bytes(10, "little") + b"."  # how every such stream begins

# fmt: off
INSTRUCTIONS = frozenset((
    "PROTO", "STOP", "MARK", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET",
    "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE",
    "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
    "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS",
    "GLOBAL", "REDUCE", "BINPERSID",
))
# fmt: on
DTYPES = {"ByteStorage": np.dtype("u1"), "FloatStorage": np.dtype("<f4")}
LARGEST_MEMO = 100_000


class StreamError(ValueError):
    """The bytes are not a whole, plain stream of tensors."""


class Storage(NamedTuple):
    """A run of memory that tensors point into."""

    key: str
    dtype: np.dtype[Any]
    length: int


class Tensor(NamedTuple):
    """What the stream says of a tensor, in the order PyTorch writes it."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    requires_grad: bool
    hooks: object


def read(data: bytes) -> dict[str, np.ndarray]:
    """The stream's tensors by name, as read-only views of `data`; `StreamError` if it is not a whole one."""
    if not data.startswith(SIGNATURE):
        raise StreamError("not a legacy torch.save stream")
    source = io.BytesIO(data)
    source.seek(len(SIGNATURE))
    if _unpickle(source) != PROTOCOL:
        raise StreamError("a torch.save stream of an unknown version")
    _unpickle(source)  # sizes of C types where it was written: storages are little-endian whatever it says
    tensors = _unpickle(source)
    keys = _unpickle(source)
    if not isinstance(tensors, dict) or not isinstance(keys, list):
        raise StreamError("not a dictionary of tensors")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise StreamError("not a dictionary of tensors")
        if not isinstance(tensor.storage, Storage):
            raise StreamError("a tensor without a storage")

    memory = _read_storages(source, keys, {t.storage.key: t.storage for t in tensors.values()})
    return {name: _view(tensor, memory[tensor.storage.key]) for name, tensor in tensors.items()}


def _unpickle(source: io.BytesIO) -> Any:
    start = source.tell()
    _check_instructions(source)
    source.seek(start)
    try:
        return _Unpickler(source).load()
    except Exception as error:  # a crafted pickle can fail in any way; all of them mean the same
        raise StreamError(f"unreadable pickle ({error})") from error


def _check_instructions(source: io.BytesIO) -> None:
    try:
        for opcode, argument, _ in pickletools.genops(source):
            if opcode.name not in INSTRUCTIONS:
                raise StreamError(f"pickle instruction {opcode.name} is not allowed")
            # The unpickler allocates its memo up to the largest index, so one index could take all memory.
            if opcode.name == "LONG_BINPUT" and int(argument or 0) > LARGEST_MEMO:
                raise StreamError("pickle memo is too large")
    except StreamError:
        raise
    except Exception as error:
        raise StreamError(f"broken pickle ({error})") from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        match module, name:
            case "torch._utils", "_rebuild_tensor_v2":
                return Tensor
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch", _ if name in DTYPES:
                return DTYPES[name]
        raise StreamError(f"{module}.{name} is not allowed")

    def persistent_load(self, reference: Any) -> Storage:
        kind, dtype, key, _device, length, view = reference
        if kind != "storage" or view is not None:
            raise StreamError("a reference to something other than a storage")
        if not isinstance(dtype, np.dtype) or not isinstance(key, str) or not _is_count(length):
            raise StreamError("a malformed storage")
        return Storage(key, dtype, length)


def _read_storages(source: io.BytesIO, keys: list[Any], wanted: dict[str, Storage]) -> dict[str, np.ndarray]:
    if not all(isinstance(key, str) for key in keys) or sorted(wanted) != sorted(keys):
        raise StreamError("tensors and storages do not belong together")
    data = source.getbuffer().toreadonly()
    position = source.tell()
    memory = {}
    for key in keys:
        storage = wanted[key]
        end = position + 8 + storage.length * storage.dtype.itemsize
        if end > len(data):
            raise StreamError("the stream ends too early")
        if int.from_bytes(data[position : position + 8], "little") != storage.length:
            raise StreamError("a storage has another size than its tensors say")
        memory[key] = np.frombuffer(data[position + 8 : end], storage.dtype)
        position = end
    if position != len(data):
        raise StreamError("the stream goes on after its last storage")
    return memory


def _view(tensor: Tensor, memory: np.ndarray) -> np.ndarray:
    shape, offset = tensor.shape, tensor.offset
    if not isinstance(shape, tuple) or len(shape) > 8 or not all(map(_is_count, (*shape, offset))):
        raise StreamError("a malformed tensor")
    size = math.prod(shape)
    if tensor.strides != tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape))):
        raise StreamError("a tensor that is not contiguous")
    if offset + size > len(memory):
        raise StreamError("a tensor reaches past its storage")
    return memory[offset : offset + size].reshape(shape)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
