"""The exported files as a phone meets them: run with the LiteRT interpreter, by the names in the manifest."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from nst import fast_weights, images
from nst.errors import Refusal
from nst.fast import export as export_module
from nst.fast.export import DTYPES, MANIFEST, export
from nst.fast.predictor import SIZE, Predictor
from nst.fast.transformer import Transformer
from nst.gallery.catalogue import styles
from nst.images import Pixels

interpreter = pytest.importorskip(
    "ai_edge_litert.interpreter", reason="LiteRT's interpreter is not installed"
)

ROOT = Path(__file__).resolve().parents[2]
SIDE = 64
# Mean absolute difference from the TensorFlow network, at most: of pictures in 0..1, of vectors relative to
# their own mean size.
PICTURES = {"float32": 1e-5, "float16": 1e-3, "int8": 0.015}
VECTORS = {"float32": 1e-5, "float16": 0.015, "int8": 0.015}


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    fast_weights.fetch()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    export(folder, sizes=[SIDE])
    return folder


@pytest.fixture(scope="module")
def manifest(exported: Path) -> dict[str, Any]:
    return json.loads((exported / MANIFEST).read_text())


def run(path: Path, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    """What the file makes of the inputs, by the names in its signature."""
    return interpreter.Interpreter(str(path)).get_signature_runner()(**inputs)


def operations(path: Path) -> set[str]:
    plain = interpreter.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    opened = interpreter.Interpreter(str(path), experimental_op_resolver_type=plain)
    return {operation["op_name"] for operation in opened._get_ops_details()}


def square(picture: Pixels, side: int) -> np.ndarray:
    """As a phone would feed it: squeezed to a square, 0..1."""
    return images.resize(picture, (side, side))[None].astype(np.float32) / 255


@pytest.fixture(scope="module")
def paintings() -> list[np.ndarray]:
    return [square(images.read(str(style.path), field="style").pixels, SIZE) for style in styles()[:4]]


@pytest.fixture(scope="module")
def vectors(paintings: list[np.ndarray]) -> list[np.ndarray]:
    """As the TensorFlow network sees them."""
    network = Predictor(fast_weights.predictor())
    return [np.asarray(network(painting)) for painting in paintings]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_exported_predictor_sees_the_same_styles(
    exported: Path, paintings: list[np.ndarray], vectors: list[np.ndarray], dtype: str
) -> None:
    path = exported / f"predictor-{dtype}.tflite"
    differences = [
        np.abs(run(path, picture=painting)["vector"] - vector).mean() / np.abs(vector).mean()
        for painting, vector in zip(paintings, vectors, strict=True)
    ]
    report("predictor", dtype, path, differences, "of a vector's mean size")
    assert max(differences) < VECTORS[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_exported_transformer_paints_the_same_pictures(
    exported: Path, vectors: list[np.ndarray], dtype: str
) -> None:
    network = Transformer(fast_weights.transformer())
    photograph = square(data.astronaut(), SIDE)
    path = exported / f"transformer-{SIDE}-{dtype}.tflite"
    differences = [
        np.abs(
            run(path, picture=photograph, vector=vector)["painting"] - np.asarray(network(photograph, vector))
        ).mean()
        for vector in vectors
    ]
    report("transformer", dtype, path, differences, "of the range 0..1")
    assert max(differences) < PICTURES[dtype]


def report(network: str, dtype: str, path: Path, differences: list[float], unit: str) -> None:
    """A row of the table in docs/mobile.md; `pytest -s` shows it."""
    print(
        f"\n| {network} | {dtype} | {path.stat().st_size:,} | "
        f"{np.mean(differences):.2e} (worst {np.max(differences):.2e}) {unit} |"
    )


def test_the_manifest_says_what_goes_in_and_comes_out(exported: Path, manifest: dict[str, Any]) -> None:
    assert {(file["network"], file["dtype"]) for file in manifest["files"]} == {
        (network, dtype) for network in ("predictor", f"transformer-{SIDE}") for dtype in DTYPES
    }
    for file in manifest["files"]:
        described = manifest["networks"][file["network"]]
        runner = interpreter.Interpreter(str(exported / file["file"])).get_signature_runner()
        for told, real in (
            (described["inputs"], runner.get_input_details()),
            (described["outputs"], runner.get_output_details()),
        ):
            assert {tensor["name"]: tensor["shape"] for tensor in told} == {
                name: real[name]["shape"].tolist() for name in real
            }
            assert {real[tensor["name"]]["dtype"].__name__ for tensor in told} == {"float32"}
            assert {tensor["dtype"] for tensor in told} == {"float32"}


def test_the_manifest_has_the_size_and_checksum_of_every_file(
    exported: Path, manifest: dict[str, Any]
) -> None:
    for file in manifest["files"]:
        content = (exported / file["file"]).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert {path.name for path in exported.iterdir()} == {
        MANIFEST,
        "LICENSE.txt",
        *(file["file"] for file in manifest["files"]),
    }
    assert manifest["licence"] == "Apache-2.0"
    assert "Apache License" in (exported / "LICENSE.txt").read_text()


def test_smaller_weights_make_smaller_files(exported: Path) -> None:
    for network in ("predictor", f"transformer-{SIDE}"):
        sizes = [(exported / f"{network}-{dtype}.tflite").stat().st_size for dtype in DTYPES]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[2] < 0.35 * sizes[0]


def test_graphics_processors_know_every_operation(exported: Path) -> None:
    """Those of phones know neither tensors of five dimensions nor how to gather."""
    path = exported / f"transformer-{SIDE}-float32.tflite"
    assert operations(path).isdisjoint(
        {"GATHER", "GATHER_ND", "PACK", "UNPACK", "SHAPE", "TRANSPOSE", "WHILE"}
    )
    assert (
        max(len(tensor["shape"]) for tensor in interpreter.Interpreter(str(path)).get_tensor_details()) == 4
    )


@pytest.mark.parametrize("side", [256, 384])
def test_the_page_on_the_device_has_files_of_these_networks(
    vectors: list[np.ndarray], paintings: list[np.ndarray], side: int
) -> None:
    models = ROOT / "assets" / "device" / "models"
    network = Transformer(fast_weights.transformer())
    photograph = square(data.chelsea(), side)
    vector = run(models / "predictor-int8.tflite", picture=paintings[0])["vector"]
    assert np.abs(vector - vectors[0]).mean() < VECTORS["int8"] * np.abs(vectors[0]).mean()
    painted = run(models / f"transformer-{side}-int8.tflite", picture=photograph, vector=vectors[0])
    assert np.abs(painted["painting"] - np.asarray(network(photograph, vectors[0]))).mean() < PICTURES["int8"]


def test_a_full_disk_leaves_no_half_written_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = images.write
    (tmp_path / MANIFEST).write_text("of an earlier export")

    def full(path: Path, content: bytes) -> None:
        if path.name.startswith("transformer"):
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(export_module.images, "write", full)
    with pytest.raises(Refusal, match="no space left") as refused:
        export(tmp_path, sizes=[SIDE], dtypes=["float16"])
    assert refused.value.code == "bad_output"
    assert {path.name for path in tmp_path.iterdir()} == {
        "predictor-float16.tflite"
    }  # whole, and no manifest


def nst(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nst", "export", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_writes_the_files_and_lists_them(tmp_path: Path) -> None:
    done = nst("--format", "tflite", "-o", tmp_path / "new" / "folder", "--size", SIDE)
    assert (done.returncode, done.stderr) == (0, "")
    manifest = json.loads((tmp_path / "new" / "folder" / MANIFEST).read_text())
    assert all(file["file"] in done.stdout for file in manifest["files"])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--format", "onnx", "-o", "out"], "--format"),
        (["-o", "out"], "--format"),
        (["--format", "tflite"], "--output"),
        (["--format", "tflite", "-o", "out", "--size", "255"], "--size: a multiple of 4"),
        (["--format", "tflite", "-o", "out", "--size", "8"], "--size"),
        (["--format", "tflite", "-o", "out", "--size", "huge"], "--size"),
        (["--format", "tflite", "-o", "/proc/here"], "/proc/here: cannot be written"),
        (["--format", "tflite", "-o", str(ROOT / "README.md")], "README.md: cannot be written"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: list[str], named: str) -> None:
    done = nst(*arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not (ROOT / "out").exists()
