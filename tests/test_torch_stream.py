"""The reader of legacy torch.save streams: exact on whole ones, deaf to everything else."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch_legacy
from torch_legacy import CALL, name, pickled, value

from nst import torch_stream
from nst.torch_stream import StreamError

INDEX = np.arange(24, dtype="u1").reshape(2, 3, 4)
TABLE = np.linspace(-1, 1, 5, dtype="<f4")


def test_tensors_come_back_exactly() -> None:
    tensors = torch_stream.read(torch_legacy.stream({"index": INDEX, "table": TABLE}))
    assert list(tensors) == ["index", "table"]
    assert tensors["index"].dtype == np.uint8
    assert tensors["table"].dtype == np.float32
    np.testing.assert_array_equal(tensors["index"], INDEX)
    np.testing.assert_array_equal(tensors["table"], TABLE)


def test_a_tensor_may_be_a_part_of_its_storage() -> None:
    part = {"offset": 6, "shape": (3, 4), "strides": (4, 1)}
    tensors = torch_stream.read(torch_legacy.stream({"index": INDEX}, part))
    np.testing.assert_array_equal(tensors["index"], INDEX.ravel()[6:18].reshape(3, 4))


def test_every_truncation_is_refused() -> None:
    whole = torch_legacy.stream({"index": INDEX, "table": TABLE})
    for length in range(len(whole)):
        with pytest.raises(StreamError):
            torch_stream.read(whole[:length])


@pytest.mark.parametrize(
    "changes",
    [
        {"offset": 1},
        {"offset": -1},
        {"offset": None},
        {"shape": (2, 3, 5), "strides": (15, 5, 1)},
        {"shape": (-2, -3, 4)},
        {"shape": 24, "strides": (1,)},
        {"shape": (1,) * 99 + (24,), "strides": (24,) * 99 + (1,)},
        {"shape": (2**40, 2**40), "strides": (2**40, 1)},
        {"strides": (1, 2, 6)},
        {"strides": (0, 0, 0)},
        {"count": 25},
        {"count": 2**62},
        {"count": -24},
        {"count": "24"},
        {"kind": "module"},
    ],
)
def test_a_tensor_must_fit_its_storage_and_the_file(changes: dict[str, object]) -> None:
    with pytest.raises(StreamError):
        torch_stream.read(torch_legacy.stream({"index": INDEX, "table": TABLE}, changes))


def test_nothing_may_follow_the_last_storage() -> None:
    with pytest.raises(StreamError, match="goes on"):
        torch_stream.read(torch_legacy.stream({"index": INDEX}, tail=b"\0"))


class Touch:
    """Pickled plainly, this creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
def test_a_pickle_that_calls_anything_is_refused_and_does_nothing(
    tmp_path: Path, protocol: int, place: int
) -> None:
    mark = tmp_path / "owned"
    head = [pickled(part) for part in (torch_stream.MAGIC, torch_stream.PROTOCOL, {}, {}, [])]
    head[place] = pickle.dumps(Touch(mark), protocol)
    with pytest.raises(StreamError):
        torch_stream.read(b"".join(head))
    assert not mark.exists()
    pickle.loads(head[place])
    assert mark.exists(), "the pickle was harmless, so this test proved nothing"


@pytest.mark.parametrize(
    ("module", "attribute"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("__builtin__", "eval"),
        ("torch", "load"),
        ("torch", "hub.load"),
        ("torch._utils", "_rebuild_tensor"),
        ("collections", "namedtuple"),
    ],
)
def test_only_the_names_of_tensors_are_known(module: str, attribute: str) -> None:
    call = name(module, attribute) + value(("true",)) + CALL
    head = [torch_stream.MAGIC, torch_stream.PROTOCOL, {}, {"index": call}, []]
    with pytest.raises(StreamError, match=f"{module}.{attribute} is not allowed"):
        torch_stream.read(b"".join(map(pickled, head)))


@pytest.mark.parametrize(
    "instructions",
    [
        b"Nr\xff\xff\xff\xff",  # remember at index 2^32 - 1: 32 GiB of memo
        b"N\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",  # a string of 2^63 - 1 bytes
        b"Nb",  # sets attributes
        b"\x82\x01",  # a name from the interpreter's registry of extensions
        b"R",  # nothing to call
        b"h\x07",  # recalls what was never remembered
    ],
)
def test_crafted_instructions_are_refused(instructions: bytes) -> None:
    head = [torch_stream.MAGIC, torch_stream.PROTOCOL, {}, instructions, []]
    with pytest.raises(StreamError):
        torch_stream.read(b"".join(map(pickled, head)))


@pytest.mark.parametrize("described", [[], {"index": 1}, {1: 2}, "tensors", None])
def test_it_must_be_a_dictionary_of_tensors(described: object) -> None:
    head = [torch_stream.MAGIC, torch_stream.PROTOCOL, {}, described, []]
    with pytest.raises(StreamError, match="dictionary"):
        torch_stream.read(b"".join(map(pickled, head)))


@pytest.mark.parametrize("data", [b"", b"\0" * 64, b"PK\x03\x04" + b"\0" * 60, b"<html>no such file</html>"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(StreamError):
        torch_stream.read(data)
