"""From the optimiser's picture to the one that is shown: size, mask, 8 bits, the photograph's colours."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from nst import images
from nst.engine import color
from nst.engine.subject import Pixels, tensor


class Finish:
    """The last touch, at one size."""

    def __init__(
        self, content: Pixels, masks: Sequence[np.ndarray], detail: Pixels, keep_chroma: bool
    ) -> None:
        """content: the photograph at this size. masks: (H, W) uint8 of any size. detail: as in `enlarged`."""
        self._content = content
        height, width = content.shape[:2]
        fitted = [images.resize_mask(mask, (width, height)) for mask in masks]
        # Added up, as the losses have it: where two soft regions meet, no photograph shines through.
        self._mask = (
            np.minimum(sum(np.float32(mask) for mask in fitted) / 255, 1)[..., None] if fitted else None
        )
        self._detail = detail
        self._keep_chroma = keep_chroma

    def __call__(self, picture: tf.Tensor) -> Pixels:
        """(H, W, 3) uint8 from a (1, h, w, 3) float32 painting of this size or a smaller one."""
        painted = enlarged(picture, self._detail)[0].numpy()
        if self._mask is not None:
            painted = self._content + self._mask * (painted - self._content)
        pixels = np.clip(np.rint(painted), 0, 255).astype(np.uint8)
        return color.with_luminance(pixels, self._content) if self._keep_chroma else pixels


def enlarged(picture: tf.Tensor, detail: Pixels) -> tf.Tensor:
    """A painting at the size of another picture: its own forms, and the other's detail beyond them.

    A painting that is only enlarged is blurred, and most steps of a scale would go into drawing the
    photograph's edges anew. The finest bands of its Laplacian pyramid bring them at once, as STROTSS does
    (Kolkin et al. 2019, arXiv 1904.12785).
    """
    size = detail.shape[:2]
    if tuple(picture.shape[1:3]) == size:
        return picture
    detailed = tensor(detail)
    forms = resized(resized(detailed, picture.shape[1:3]), size)
    return tf.clip_by_value(resized(picture, size) + detailed - forms, 0.0, 255.0)


def resized(picture: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """A (1, H, W, 3) picture at another (height, width), smooth."""
    return tf.image.resize(picture, size, "bicubic", antialias=True)
