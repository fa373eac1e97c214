import io
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from nst import fast_weights, own_network
from nst.errors import Refusal


@pytest.fixture(scope="module")
def constants():
    return {
        name: np.asarray(array, np.float32)
        for name, array in fast_weights.transformer().items()
        if own_network._is_learnt(name)
    }


def test_what_was_written_is_read(tmp_path, constants):
    own_network.write(tmp_path / "net.npz", constants)
    found = own_network.read(str(tmp_path / "net.npz"), field="--network")
    assert found.keys() == constants.keys()
    for name, array in found.items():
        np.testing.assert_array_equal(array, constants[name])


def without(constants, name):
    return {key: array for key, array in constants.items() if key != name}


KERNEL = "transformer/contract/conv1/weights"
BIASES = ("transformer/contract/conv1", "style_params/transformer/expand/conv1/conv/StyleNorm/Conv")
SPOILT = {
    "a missing layer": lambda constants: without(constants, KERNEL),
    "a missing bias": lambda constants: without(constants, f"{BIASES[0]}/Conv2D_bias"),
    "a missing shift": lambda constants: without(constants, f"{BIASES[1]}/Conv2D_bias"),
    "another shape": lambda constants: constants | {KERNEL: constants[KERNEL][:1]},
    "another type": lambda constants: constants | {KERNEL: constants[KERNEL].astype(np.float64)},
    "not a number": lambda constants: constants | {KERNEL: constants[KERNEL] * np.float32("nan")},
    "objects": lambda constants: constants | {KERNEL: np.array([{}], object)},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_what_is_no_network_is_refused(tmp_path, constants, spoil):
    packed = io.BytesIO()
    np.savez(packed, **spoil(constants))
    (tmp_path / "net.npz").write_bytes(packed.getvalue())
    with pytest.raises(Refusal) as refusal:
        own_network.read(str(tmp_path / "net.npz"), field="--network")
    assert (refusal.value.code, refusal.value.field) == ("bad_network", "--network")


def _zip_of_words() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(f"{KERNEL}.npy", b"words")
    return packed.getvalue()


@pytest.mark.parametrize("data", [b"", b"words", b"\x80\x04.", _zip_of_words(), _zip_of_words()[:40]])
def test_any_other_file_is_refused(tmp_path, data):
    (tmp_path / "net.npz").write_bytes(data)
    with pytest.raises(Refusal) as refusal:
        own_network.read(str(tmp_path / "net.npz"), field="--network")
    assert refusal.value.code == "bad_network"


@pytest.mark.parametrize("byte", range(4, 46))
def test_a_damaged_one_is_refused_or_read_as_it_was(tmp_path, constants, byte):
    own_network.write(tmp_path / "net.npz", constants)
    data = bytearray((tmp_path / "net.npz").read_bytes())
    data[data.rindex(b"PK\x01\x02") + byte] ^= 0xFF  # of what the archive says of its last array
    (tmp_path / "net.npz").write_bytes(data)
    with suppress(Refusal):
        found = own_network.read(str(tmp_path / "net.npz"), field="--network")
        assert all(np.array_equal(found[name], array) for name, array in constants.items())


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refusal, match="No such file"):
        own_network.read(str(tmp_path / "net.npz"), field="--network")
