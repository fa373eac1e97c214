"""A file of a network that was trained for one painting: written whole, and read with care.

It is NumPy's `.npz`: arrays by the names and in the shapes of the published transformer (see `fast_weights`).
There is no code in it, and none is run in reading.
"""

import io
from pathlib import Path

import numpy as np

from nst import fast_weights, images
from nst.errors import Refusal
from nst.fast_weights import Constants

_MOST_BYTES = 50_000_000  # ten times what such a file has


def write(path: Path, constants: Constants) -> None:
    """Put the network at `path`, whole or not at all. Raises `OSError`."""
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **constants)
    images.write(path, packed.getvalue())


def read(name: str, *, field: str) -> Constants:
    """The network's arrays.

    Raises:
        Refusal: `bad_network` about `field`, for a file that is not there or is no such network.
    """
    wanted = {key: array for key, array in fast_weights.transformer().items() if _is_learnt(key)}
    try:
        if Path(name).stat().st_size > _MOST_BYTES:
            raise Refusal("bad_network", f"{name}: too large to be a network of `nst train`.", field)
        with Path(name).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            found = {key: file[key] for key in file.files if key in wanted}
    except OSError as error:
        raise Refusal("bad_network", f"{name}: {error.strerror or 'cannot be read'}.", field) from error
    except Refusal:
        raise
    except Exception as error:  # of a damaged one NumPy and zipfile raise a dozen kinds
        raise _no_network(name, field) from error
    if found.keys() != wanted.keys():
        raise _no_network(name, field)
    for key, array in found.items():
        if (
            not isinstance(array, np.ndarray)
            or array.shape != wanted[key].shape
            or array.dtype != np.float32
            or not np.isfinite(array).all()
        ):
            raise _no_network(name, field)
    return found


def _is_learnt(key: str) -> bool:
    """Whether the network that learns has it: the published one has a few more, which nothing reads."""
    return key.startswith(("style_params/", "transformer/contract/")) or (
        key.startswith("transformer/") and key.endswith("/weights")
    )


def _no_network(name: str, field: str) -> Refusal:
    return Refusal("bad_network", f"{name}: this is no network that `nst train` wrote.", field)
