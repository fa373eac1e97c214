"""Pictures painted in one pass, in the style of any picture (Ghiasi et al. 2017, arXiv 1705.06830)."""

import math
from collections.abc import Sequence

import numpy as np

from nst import fast_weights, images
from nst.fast.packed import LEAST, PackedTransformer
from nst.fast.predictor import DIMENSIONS, SIZE, Predictor
from nst.fast.transformer import MULTIPLE
from nst.images import Pixels
from nst.runtime import tf

_PICTURES = tf.TensorSpec((None, None, None, 3), tf.uint8)
_VECTORS = tf.TensorSpec((None, DIMENSIONS), tf.float32)


class Stylizer:
    """The style predictor and the transformer, loaded once; for one caller at a time."""

    def __init__(self) -> None:
        """Raises `Refusal`, `weights_missing` or `weights_damaged`."""
        predictor = Predictor(fast_weights.predictor())
        transformer = PackedTransformer(fast_weights.transformer())

        def vectors(pictures: tf.Tensor) -> tf.Tensor:
            return predictor(tf.cast(pictures, tf.float32) / 255)

        def painted(pictures: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
            inked = transformer(tf.cast(pictures, tf.float32) / 255, vectors)
            return tf.cast(tf.round(inked * 255), tf.uint8)

        self._vectors = tf.function(vectors, input_signature=[_PICTURES])
        self._painted = tf.function(painted, input_signature=[_PICTURES, _VECTORS])

    def vector(self, picture: Pixels) -> np.ndarray:
        """The style of a picture, (H, W, 3) uint8 of any size, as a vector (100,) float32."""
        height, width = picture.shape[:2]
        # All of the picture counts, in its own shape, at as many pixels as the network was trained on.
        factor = SIZE / math.sqrt(height * width)
        small = images.resize(picture, (max(1, round(width * factor)), max(1, round(height * factor))))
        vector: np.ndarray = self._vectors(small[None]).numpy()[0]
        return vector

    def paint(self, content: Pixels, vector: np.ndarray) -> Pixels:
        """A picture, (H, W, 3) uint8 of any size, in the style of `vector`: same size, uint8."""
        painted: Pixels = self.frames(content[None], vector)[0]
        return painted

    def frames(self, frames: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """Pictures of one size, (N, H, W, 3) uint8, each by itself in the style of `vector`: same shape."""
        _, height, width, _ = frames.shape
        down, across = (max(LEAST, math.ceil(side / MULTIPLE) * MULTIPLE) for side in (height, width))
        whole = np.pad(frames, ((0, 0), (0, down - height), (0, across - width), (0, 0)), "reflect")
        vectors = np.broadcast_to(np.asarray(vector, np.float32), (len(frames), DIMENSIONS))
        return np.asarray(self._painted(whole, vectors))[:, :height, :width]


def mixed(
    vectors: Sequence[np.ndarray],
    weights: Sequence[float],
    *,
    own: np.ndarray | None = None,
    strength: float = 1.0,
) -> np.ndarray:
    """One style vector for several, by their relative weights; weaker styles lean to the photograph's own.

    At strength 1 the styles alone count, at 0 only `own`, the vector of the photograph itself; in between the
    line between the two (Ghiasi et al. 2017, section 3.4). Without `own` the strength must be 1.
    """
    mix = np.average(np.stack(vectors), axis=0, weights=weights)
    if own is not None:
        mix = own + strength * (mix - own)
    elif strength != 1:
        raise ValueError("a strength needs the photograph's own vector")
    return mix.astype(np.float32)
