"""How much of the machine's arithmetic one gradient uses, and where the rest of its time goes.

The yardstick is the fastest large convolution that TensorFlow manages here in the same precision and with
the same threads. Only the convolutions of VGG19, up to relu5_1 and back to the picture, count as work; what
else a gradient needs (Gram matrices, pooling, the losses) counts as time alone.
"""

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from rich.console import Console
from rich.table import Table

from bench.children import measured
from nst.options import Precision

if TYPE_CHECKING:
    from nst.engine import tf

SIZE = 512
TARGET = 0.75
REPEATS = 9
PRECISIONS = ("bfloat16", "float32")
# Height, width and channels of convolutions large enough to be the machine's best.
LARGE = ((384, 512, 64), (192, 256, 128), (192, 256, 256), (96, 128, 256), (96, 128, 512), (48, 64, 512))


class Layer(NamedTuple):
    """One 3x3 convolution at its size in a picture's network."""

    name: str
    height: int
    width: int
    channels_in: int
    channels_out: int

    @property
    def work(self) -> float:
        """GFLOP of one way, forward or back to its input: a multiplication and an addition a weight."""
        return 2 * 9 * self.channels_in * self.channels_out * self.height * self.width / 1e9


def layers(height: int, width: int) -> list[Layer]:
    """VGG19's convolutions from conv1_1 to conv5_1, for a picture of this size."""
    found, channels = [], 3
    for block, (count, wide) in enumerate(zip((2, 2, 4, 4, 1), (64, 128, 256, 512, 512), strict=True), 1):
        for number in range(1, count + 1):
            found.append(Layer(f"conv{block}_{number}", height, width, channels, wide))
            channels = wide
        height, width = -(-height // 2), -(-width // 2)
    return found


def report(console: Console) -> None:
    """Prints the share of the best convolution's speed, and a profile of the gradient, in each precision."""
    summary = Table(title=f"Arithmetic of one loss and gradient at {SIZE}x{SIZE * 3 // 4}")
    for column in ("precision", "GFLOP", "s", "GFLOP/s", "best convolution, GFLOP/s", "share", "target"):
        summary.add_column(column, justify="right")
    profiles = []
    for precision in PRECISIONS:
        found = measured("bench.arithmetic", "speed", precision)
        speed = found["work"] / found["seconds"]
        best = max(found["convolutions"].values())
        summary.add_row(
            precision,
            f"{found['work']:.1f}",
            f"{found['seconds']:.3f}",
            f"{speed:.0f}",
            f"{best:.0f} ({max(found['convolutions'], key=found['convolutions'].get)})",
            f"{speed / best:.0%}",
            f"{TARGET:.0%}",
        )
        profiles.append(_profile_table(precision, measured("bench.arithmetic", "profile", precision)))
    console.print(summary)
    for profile in profiles:
        console.print(profile)


def _profile_table(precision: str, found: dict[str, Any]) -> Table:
    """Milliseconds by layer, forward and back, and those of everything between them."""
    table = Table(title=f"Where a gradient's time goes, {precision}, one operation after the other")
    for column in ("", "forward, ms", "GFLOP/s", "back, ms", "GFLOP/s", "share of all"):
        table.add_column(column, justify="left" if not column else "right")
    total = found["milliseconds"]
    forward, back, other = found["forward"], found["back"], found["other"]
    for layer in layers(SIZE * 3 // 4, SIZE):
        there, again = forward.get(layer.name, 0.0), back.get(layer.name, 0.0)
        table.add_row(
            layer.name,
            *(f"{there:.1f}", _speed(layer.work, there), f"{again:.1f}", _speed(layer.work, again)),
            f"{(there + again) / total:.1%}",
        )
    table.add_section()
    for name, milliseconds in sorted(other.items(), key=lambda item: -item[1]):
        if milliseconds >= total / 500:
            table.add_row(name, f"{milliseconds:.1f}", "", "", "", f"{milliseconds / total:.1%}")
    table.add_section()
    unseen = total - found["convolving"] - sum(other.values())
    table.add_row("between operations", f"{unseen:.1f}", "", "", "", f"{unseen / total:.1%}")
    table.add_row("all", f"{total:.1f}", "", "", "", "100%")
    return table


def _speed(work: float, milliseconds: float) -> str:
    return f"{work / milliseconds * 1e3:.0f}" if milliseconds else ""


def _measure_speed(precision: Precision) -> dict[str, Any]:
    """Seconds of a gradient, and GFLOP/s of large convolutions, taken by turns."""
    from bench.gradient import evaluation

    picture, evaluate = evaluation(SIZE, precision)
    convolutions = {f"{h}x{w}, {c} channels": _convolution(h, w, c, precision) for h, w, c in LARGE}
    for run in (lambda: evaluate(picture), *convolutions.values()):
        run()
    laps: list[float] = []
    speeds: dict[str, list[float]] = {name: [] for name in convolutions}
    for _ in range(REPEATS):
        laps.append(_seconds(lambda: evaluate(picture)))
        for (name, run), (h, w, c) in zip(convolutions.items(), LARGE, strict=True):
            speeds[name].append(4 * Layer(name, h, w, c, c).work / _seconds(run))
    return {
        "seconds": median(laps),
        "work": 2 * sum(layer.work for layer in layers(*picture.shape[1:3])),
        "convolutions": {name: median(values) for name, values in speeds.items()},
    }


def _convolution(height: int, width: int, channels: int, precision: Precision) -> Any:
    """Four 3x3 convolutions in a row, as one graph; nothing else in it takes time."""
    from nst.engine import tf

    x = tf.random.normal((1, height, width, channels))
    kernel = tf.random.normal((3, 3, channels, channels)) / (9 * channels) ** 0.5

    @tf.function(autograph=False)
    def run(x: "tf.Tensor", kernel: "tf.Tensor") -> "tf.Tensor":
        for _ in range(4):
            x = tf.nn.conv2d(x, kernel, 1, "SAME")
        return x

    x, kernel = tf.cast(x, precision), tf.cast(kernel, precision)
    return lambda: run(x, kernel)


def _seconds(run: Any) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _measure_profile(precision: Precision) -> dict[str, Any]:
    """Milliseconds of every operation of a gradient, by TensorFlow's own profiler."""
    from nst.engine import tf

    # By itself TensorFlow runs independent operations side by side, and each would be charged for both.
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from bench.gradient import evaluation

    picture, evaluate = evaluation(SIZE, precision)
    for _ in range(3):
        evaluate(picture)
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            laps = [_seconds(lambda: evaluate(picture)) for _ in range(REPEATS)]
        operations = _operations(next(Path(folder).rglob("*.xplane.pb")))
    names = [layer.name for layer in layers(*picture.shape[1:3])]
    forward, back, other = (defaultdict[str, float](float) for _ in range(3))
    for (node, kind), milliseconds in operations.items():
        each = milliseconds / REPEATS
        place = int(match[1]) if (match := re.search(r"_(\d+)$", node)) else 0
        if "FusedConv2D" in kind:
            forward[names[place]] += each
        elif "Conv2DBackpropInput" in kind:  # written down from the deepest layer up
            back[names[-1 - place]] += each
        else:
            other[_group(node, kind)] += each
    milliseconds = sum(laps) / REPEATS * 1e3
    convolving = sum(forward.values()) + sum(back.values())
    return {
        "milliseconds": milliseconds,
        "forward": forward,
        "back": back,
        "other": other,
        "convolving": convolving,
    }


_GROUPS = (
    ("MatMul", "Gram matrices"),
    ("MaxPool", "pooling"),
    ("ReluGrad", "relu, back"),
    ("Relu", "relu and bias"),
    ("BiasAdd", "relu and bias"),
    ("StridedSlice", "slices (total variation)"),
    ("Cast", "casts"),
    ("AddN", "sums of gradients"),
)


def _group(node: str, kind: str) -> str:
    name = next((name for part, name in _GROUPS if part in kind), kind.removeprefix("_Mkl"))
    return f"{name}, back" if name == "Gram matrices" and node.startswith("gradient_tape") else name


def _operations(trace: Path) -> dict[tuple[str, str], float]:
    """Milliseconds by node and kind of operation, summed over a profiler's trace."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space = xplane_pb2.XSpace()
    space.ParseFromString(trace.read_bytes())
    found = defaultdict[tuple[str, str], float](float)
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                node, colon, kind = plane.event_metadata[event.metadata_id].name.rpartition(":")
                # Executor's own spans are named without a node, or with a C++ scope.
                if colon and not node.endswith(":") and " " not in kind and not kind.startswith("_inference"):
                    found[node, kind] += event.duration_ps / 1e9
    return found


if __name__ == "__main__":
    measure = {"speed": _measure_speed, "profile": _measure_profile}[sys.argv[1]]
    if sys.argv[2] not in get_args(Precision):
        sys.exit(f"no precision {sys.argv[2]}")
    print(json.dumps(measure(sys.argv[2])))  # type: ignore[arg-type]
