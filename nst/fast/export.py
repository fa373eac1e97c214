"""The fast networks as files for phones: `.tflite`, with a manifest that says how to feed them.

LiteRT (once TensorFlow Lite) runs these files on Android, on iOS and in browsers. A file has one input size,
as the graphics processors of phones want it; pictures in and out are float32 in 0..1 whatever the weights are
kept as. docs/mobile.md has the measured differences between the files and the networks.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import tensorflow as tf

from nst import fast_weights, images
from nst.errors import Refusal
from nst.fast.packed import PackedTransformer
from nst.fast.predictor import DIMENSIONS, SIZE, Predictor

Dtype = Literal["float32", "float16", "int8"]
DTYPES: tuple[Dtype, ...] = get_args(Dtype)

MANIFEST = "manifest.json"
VERSION = 1  # of the manifest's own form
LICENCE = Path(__file__).with_name("LICENSE.txt")

_WEIGHTS = {
    "float32": "float32",
    "float16": "float16, computed with in float32",
    "int8": "int8, one scale a channel; what flows between is measured as it comes (dynamic range)",
}


@dataclass(frozen=True)
class Tensor:
    """An input or output, float32, by the name it has in the file's signature `serving_default`."""

    name: str
    shape: tuple[int, ...]
    meaning: str
    range: tuple[float, float] | None = None
    dtype: str = "float32"


@dataclass(frozen=True)
class _Network:
    """A network at one size, ready to be converted."""

    name: str
    inputs: tuple[Tensor, ...]
    output: Tensor
    module: tf.Module
    call: Callable[..., tf.Tensor]


def export(folder: Path, *, sizes: Sequence[int], dtypes: Iterable[Dtype] = DTYPES) -> dict[str, Any]:
    """Writes the predictor, and the transformer at each size, in each dtype, and returns the manifest.

    Sizes are sides in pixels, multiples of 4. The folder must exist. All is converted before anything is
    written to it; then each file appears whole, and the manifest last: a folder with a manifest has every
    file that it names. Raises `Refusal`: `bad_output`, `weights_missing` or `weights_damaged`.
    """
    networks = [_predictor(), *(_transformer(size) for size in dict.fromkeys(sizes))]
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        made = Path(name)
        files = [_converted(network, dtype, made) for dtype in dict.fromkeys(dtypes) for network in networks]
        manifest = _manifest(networks, files)
        shutil.copyfile(LICENCE, made / LICENCE.name)
        (made / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        _move(made, folder, [*(file["file"] for file in files), LICENCE.name, MANIFEST])
    return manifest


# --- the networks ----------------------------------------------------------------------------------------


def _predictor() -> _Network:
    network = Predictor(fast_weights.predictor())
    return _Network(
        "predictor",
        (_picture("picture", SIZE, "a painting, squeezed to a square: RGB, sRGB as in the file"),),
        Tensor("vector", (1, DIMENSIONS), "its style, for the transformer; vectors may be mixed"),
        network,
        lambda picture: {"vector": network(picture)},
    )


def _transformer(size: int) -> _Network:
    network = PackedTransformer(fast_weights.transformer())
    return _Network(
        f"transformer-{size}",
        (
            _picture("picture", size, "a photograph: RGB, sRGB as in the file"),
            Tensor("vector", (1, DIMENSIONS), "a style, from the predictor"),
        ),
        _picture("painting", size, "the photograph in that style: RGB, sRGB"),
        network,
        lambda picture, vector: {"painting": network(picture, vector)},
    )


def _picture(name: str, size: int, meaning: str) -> Tensor:
    return Tensor(name, (1, size, size, 3), meaning, (0.0, 1.0))


# --- the files -------------------------------------------------------------------------------------------


def _converted(network: _Network, dtype: Dtype, folder: Path) -> dict[str, Any]:
    """Writes one file, and returns what the manifest says of it."""
    specs = [tf.TensorSpec(tensor.shape, tf.float32, tensor.name) for tensor in network.inputs]
    module = tf.Module()
    module.network = network.module  # the converter keeps what the module owns
    module.call = tf.function(network.call, input_signature=specs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.call.get_concrete_function()], module)
    if dtype != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if dtype == "float16":
        converter.target_spec.supported_types = [tf.float16]
    content = converter.convert()
    name = f"{network.name}-{dtype}.tflite"
    (folder / name).write_bytes(content)
    return {
        "file": name,
        "network": network.name,
        "dtype": dtype,
        "weights": _WEIGHTS[dtype],
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _manifest(networks: Sequence[_Network], files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": "tflite",
        "version": VERSION,
        "about": "Real-time style transfer in any style: Ghiasi et al. 2017, arXiv 1705.06830 (Magenta).",
        "licence": "Apache-2.0",
        "made_from": {file.name: file.digest for file in (fast_weights.PREDICTOR, fast_weights.TRANSFORMER)},
        "converter": f"TensorFlow {tf.__version__}",
        "networks": {
            network.name: {
                "inputs": [asdict(tensor) for tensor in network.inputs],
                "outputs": [asdict(network.output)],
            }
            for network in networks
        },
        "files": list(files),
    }


def _move(source: Path, folder: Path, names: Sequence[str]) -> None:
    """Each file in one step, the last (the manifest) when all others are there."""
    try:
        (folder / names[-1]).unlink(missing_ok=True)
        for name in names:
            images.write(folder / name, (source / name).read_bytes())
    except OSError as error:
        raise Refusal(
            "bad_output", f"{folder / name}: cannot be written ({(error.strerror or '').lower()})."
        ) from error
