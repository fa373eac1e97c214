"""Whether a small painting is an honest preview of a large one, and a weight means the same at any size.

Every pair is painted at each size with the default options. The balance is the style loss over the content
loss at the end; likeness compares each painting, reduced to the smallest size, with the one painted there
(SSIM and PSNR, and SSIM after a blur that leaves forms and takes strokes).
"""

import json
import sys

from rich.console import Console
from rich.table import Table

from bench import pictures
from bench.children import measured

SIZES = (256, 512, 1024)
STEPS = 300
PAIRS = (("chelsea", "night-sky"), ("astronaut", "wave"), ("coffee", "mosaic"), ("rocket", "watercolour"))
BLUR = 4.0  # standard deviation in pixels of the smallest size


def report(console: Console, sizes: tuple[int, ...] = SIZES, steps: int = STEPS) -> None:
    """Prints losses, balance and likeness by pair and size, and how far the balance drifts."""
    table = Table(title=f"The same pair at different sizes, {steps} steps")
    for column in (
        "pair",
        "size",
        "content",
        "style",
        "balance",
        "drift",
        "SSIM",
        "blurred SSIM",
        "PSNR, dB",
    ):
        table.add_column(column, justify="left" if column == "pair" else "right")
    for content, style in PAIRS:
        rows = measured("bench.scale_invariance", content, style, steps, *sizes)
        for row in rows:
            drift = row["balance"] / rows[0]["balance"]
            likeness = ("ssim", "blurred", "psnr")
            table.add_row(
                f"{content}, {style}" if row is rows[0] else "",
                str(row["size"]),
                *(f"{row[name]:.3f}" for name in ("content", "style", "balance")),
                "" if row is rows[0] else f"x {drift:.2f}",
                *("" if row is rows[0] else f"{row[name]:.2f}" for name in likeness),
            )
        table.add_section()
    console.print(table)


def _measure(content_name: str, style_name: str, steps: int, sizes: list[int]) -> list[dict[str, float]]:
    from scipy import ndimage
    from skimage import metrics

    from nst import Options, StyleTransfer, images
    from nst.images import Pixels

    def likeness(one: Pixels, other: Pixels) -> float:
        return float(metrics.structural_similarity(one, other, channel_axis=2, data_range=255))

    def blurred(picture: Pixels) -> Pixels:
        return ndimage.gaussian_filter(picture, (BLUR, BLUR, 0))

    engine, rows, small = StyleTransfer(), [], None
    content, style = pictures.sample(content_name), pictures.sample(style_name)
    for size in sizes:
        *_, last = engine.run(content, [style], Options(size=size, steps=steps))
        row = {"size": size, "content": last.losses["content"], "style": last.losses["style"]}
        row["balance"] = row["style"] / row["content"]
        if small is None:
            small = last.image
        else:
            reduced = images.resize(last.image, (small.shape[1], small.shape[0]))
            row["ssim"] = likeness(small, reduced)
            row["blurred"] = likeness(blurred(small), blurred(reduced))
            row["psnr"] = float(metrics.peak_signal_noise_ratio(small, reduced, data_range=255))
        rows.append(row)
    return rows


if __name__ == "__main__":
    given = sys.argv[1:]
    print(json.dumps(_measure(given[0], given[1], int(given[2]), [int(size) for size in given[3:]])))
