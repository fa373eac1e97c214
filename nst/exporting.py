"""The command `python -m nst export`: the fast networks as files for phones."""

import argparse
import tempfile
from pathlib import Path

from nst.errors import Refusal

DEFAULT_SIZE = 256
SMALLEST, LARGEST, STEP = 64, 1024, 4  # a phone paints neither more nor less


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=run)
    parser.add_argument("--format", required=True, choices=("tflite",), help="tflite: for LiteRT")
    parser.add_argument(
        "--size",
        type=int,
        nargs="+",
        default=[DEFAULT_SIZE],
        metavar="N",
        help=f"side of the square that is painted, one file each. Default: {DEFAULT_SIZE}.",
    )
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="the folder of the files")


def run(arguments: argparse.Namespace) -> int:
    for size in arguments.size:
        _check_size(size)
    folder = _writable(arguments.output)
    from nst.fast.export import MANIFEST, export  # only now: it imports TensorFlow

    manifest = export(folder, sizes=arguments.size)
    for file in manifest["files"]:
        print(f"{file['bytes']:>10,} bytes  {folder / file['file']}")
    print(f"What goes in and comes out is in {folder / MANIFEST}")
    return 0


def _check_size(size: int) -> None:
    if size % STEP or not SMALLEST <= size <= LARGEST:
        raise Refusal("bad_size", f"a multiple of {STEP} from {SMALLEST} to {LARGEST}, not {size}.", "--size")


def _writable(name: str) -> Path:
    """The folder, made and tried now rather than after the work."""
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Refusal("bad_output", f"{name}: cannot be written to ({reason}).", "--output") from error
    return folder
