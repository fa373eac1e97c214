"""`python -m nst.gallery [OUT_DIR]`: paint every style picture as a JPEG."""

import argparse
import sys
import time
from pathlib import Path

from nst import images
from nst.gallery.catalogue import STYLES_DIR
from nst.gallery.painters import PAINTERS
from nst.gallery.sheet import Pixels

# The gallery is fetched by every new visitor: a picture of dense grain gives up a little quality.
MOST_BYTES = 200_000
BEST_QUALITY, LEAST_QUALITY = 88, 70


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nst.gallery", description="Paint the style pictures.")
    parser.add_argument(
        "folder", type=Path, metavar="OUT_DIR", nargs="?", default=STYLES_DIR, help="where (the studio's own)"
    )
    parser.add_argument("--only", choices=sorted(PAINTERS), nargs="+", help="paint only these")
    parser.add_argument("--size", type=int, default=768, help="long side in pixels (default 768)")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other brushwork (default 0)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or PAINTERS:
        started = time.perf_counter()
        data, quality = compressed(PAINTERS[name](arguments.size, arguments.seed))
        images.write(arguments.folder / f"{name}.jpg", data)
        seconds = time.perf_counter() - started
        print(f"{name:14} {seconds:5.1f} s  {len(data) // 1000:4d} kB  quality {quality}")
    return 0


def compressed(picture: Pixels) -> tuple[bytes, int]:
    """The picture as a JPEG of at most `MOST_BYTES` where `LEAST_QUALITY` allows, and its quality."""
    for quality in range(BEST_QUALITY, LEAST_QUALITY, -2):
        data = images.encode_jpeg(picture, quality)
        if len(data) <= MOST_BYTES:
            return data, quality
    return images.encode_jpeg(picture, LEAST_QUALITY), LEAST_QUALITY


if __name__ == "__main__":
    sys.exit(main())
