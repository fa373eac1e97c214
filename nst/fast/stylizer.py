"""Pictures painted in one pass, in the style of any picture (Ghiasi et al. 2017, arXiv 1705.06830)."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from nst import fast_weights, images
from nst.fast.blocks import MULTIPLE, Moments, padded
from nst.fast.packed import REACH, PackedTransformer
from nst.fast.predictor import DIMENSIONS, SIZE, Predictor
from nst.fast.transformer import NORMALISED
from nst.fast_weights import Constants
from nst.images import Pixels
from nst.runtime import tf

WHOLE = 1024 * 1024  # pixels that are painted at once; it takes about 0.4 GB
_TILE = 896  # side of a tile of a larger picture, without what it sees around it

_PICTURES = tf.TensorSpec((None, None, None, 3), tf.uint8)
_VECTORS = tf.TensorSpec((None, DIMENSIONS), tf.float32)
_MOMENTS = [Moments(*[tf.TensorSpec((None, 1, 1, None), tf.float32)] * 2) for _ in NORMALISED]


class Stylizer:
    """The style predictor and the transformer, loaded once; for one caller at a time."""

    def __init__(self, network: Constants | None = None) -> None:
        """With `network`, one that was trained for a single painting: it paints so whatever the vector.

        Raises `Refusal`, `weights_missing` or `weights_damaged`.
        """
        predictor = Predictor(fast_weights.predictor())
        transformer = PackedTransformer(network or fast_weights.transformer())

        def vectors(pictures: tf.Tensor) -> tf.Tensor:
            return predictor(_from_bytes(pictures))

        def painted(pictures: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
            return _to_bytes(transformer(_from_bytes(pictures), vectors))

        def moments(pictures: tf.Tensor, vectors: tf.Tensor) -> list[Moments]:
            return transformer.painted(_from_bytes(pictures), vectors)[1]

        def parts(pictures: tf.Tensor, vectors: tf.Tensor, moments: Sequence[Moments]) -> tf.Tensor:
            return _to_bytes(transformer.painted(_from_bytes(pictures), vectors, moments)[0])

        # Traced once, for pictures of any size.
        self._vectors = tf.function(vectors, input_signature=[_PICTURES])
        self._painted = tf.function(painted, input_signature=[_PICTURES, _VECTORS])
        self._moments = tf.function(moments, input_signature=[_PICTURES, _VECTORS])
        self._parts = tf.function(parts, input_signature=[_PICTURES, _VECTORS, _MOMENTS])

    def vector(self, picture: Pixels) -> np.ndarray:
        """The style of a picture, (H, W, 3) uint8 of any size, as a vector (100,) float32."""
        # All of the picture counts, in its own shape, at as many pixels as the network was trained on.
        small = _at_most(picture, SIZE * SIZE, enlarge=True)
        vector: np.ndarray = self._vectors(small[None]).numpy()[0]
        return vector

    def paint(self, content: Pixels, vector: np.ndarray) -> Pixels:
        """A picture, (H, W, 3) uint8 of any size, in the style of `vector`: same size, uint8, sharp.

        A picture of more than a megapixel is painted in tiles, in bounded memory. They are normalised by what
        the whole picture showed at a megapixel, and each sees as far as the network sees: there are no seams.
        """
        painted: Pixels = self.frames(content[None], vector)[0]
        return painted

    def frames(self, frames: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """Pictures of one size, (N, H, W, 3) uint8, each by itself in the style of `vector`: same shape."""
        _, height, width, _ = frames.shape
        vectors = np.asarray(vector, np.float32).reshape(1, DIMENSIONS)
        painted = np.empty_like(frames)
        if height * width > WHOLE:
            for frame, result in zip(frames, painted, strict=True):
                self._paint_tiles(frame, vectors, result)
            return painted
        together = max(1, WHOLE // (height * width))
        for first in range(0, len(frames), together):
            group = slice(first, first + together)
            painted[group] = self._painted(padded(frames[group]), vectors).numpy()[:, :height, :width]
        return painted

    def _paint_tiles(self, content: Pixels, vectors: np.ndarray, result: Pixels) -> None:
        moments = self._moments(padded(_at_most(content, WHOLE)[None]), vectors)
        height, width = content.shape[:2]
        whole = padded(content[None])
        for rows, seen_rows in _tiles(height, whole.shape[1]):
            for columns, seen_columns in _tiles(width, whole.shape[2]):
                tile = self._parts(whole[:, seen_rows, seen_columns], vectors, moments).numpy()[0]
                down, across = rows.start - seen_rows.start, columns.start - seen_columns.start
                size = (rows.stop - rows.start, columns.stop - columns.start)
                result[rows, columns] = tile[down : down + size[0], across : across + size[1]]


def _from_bytes(pictures: tf.Tensor) -> tf.Tensor:
    return tf.cast(pictures, tf.float32) / 255


def _to_bytes(painted: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.round(painted * 255), tf.uint8)


def _at_most(picture: Pixels, pixels: int, *, enlarge: bool = False) -> Pixels:
    """The picture in its own shape at so many pixels, if it has more; or in any case."""
    height, width = picture.shape[:2]
    factor = math.sqrt(pixels / (height * width))
    if factor >= 1 and not enlarge:
        return picture
    return images.resize(picture, (max(1, round(width * factor)), max(1, round(height * factor))))


def _tiles(side: int, seen: int) -> Iterator[tuple[slice, slice]]:
    """Along one side: what each tile gives to the picture, and what it sees of it."""
    count = math.ceil(side / _TILE)
    step = math.ceil(side / count / MULTIPLE) * MULTIPLE
    for first in range(0, side, step):
        last = min(first + step, side)
        yield slice(first, last), slice(max(0, first - REACH), min(seen, first + step + REACH))
