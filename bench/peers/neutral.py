"""The neutral loss: one yardstick for pictures, whoever painted them.

At scale S, with content and style resized (Lanczos) to S on the long side, in float32 through VGG19 as its
authors trained it (zero padding, maximum pooling):

    100 * sum over relu1_1..5_1 of mean((G - Gs)^2) + 5 * mean((F - Fc)^2) at relu4_2
    with G = F F' / (positions * channels)

The score of a picture is the geometric mean over S, S/2, S/4 of its neutral loss over the photograph's own.
"""

import numpy as np

from nst import images, weights
from nst.engine import tf  # with TensorFlow's start-up notes held back
from nst.images import Pixels

_STYLE = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
_CONTENT = "block4_conv2"
STYLE_WEIGHT, CONTENT_WEIGHT = 100.0, 5.0
_MEAN_BGR = (103.939, 116.779, 123.68)


class Neutral:
    """Judges pictures of one content and one style at scale `size`."""

    def __init__(self, content: Pixels, style: Pixels, size: int) -> None:
        self._weights = {
            name: (tf.constant(kernel), tf.constant(bias)) for name, (kernel, bias) in weights.vgg19().items()
        }
        self.sizes = (size, size // 2, size // 4)
        self._content = {s: self._features(_at(content, s)) for s in self.sizes}
        self._grams = {s: self._style_of(self._features(_at(style, s))) for s in self.sizes}
        self._start = {s: self.loss(content, s) for s in self.sizes}

    def loss(self, picture: Pixels, size: int) -> float:
        found = self._features(_at(picture, size))
        style = sum(
            tf.reduce_mean(tf.square(gram - wanted))
            for gram, wanted in zip(self._style_of(found), self._grams[size], strict=True)
        )
        content = tf.reduce_mean(tf.square(found[_CONTENT] - self._content[size][_CONTENT]))
        return float(STYLE_WEIGHT * style + CONTENT_WEIGHT * content)

    def score(self, picture: Pixels) -> float:
        ratios = [self.loss(picture, size) / self._start[size] for size in self.sizes]
        return float(np.exp(np.mean(np.log(ratios))))

    def _style_of(self, features: dict[str, tf.Tensor]) -> list[tf.Tensor]:
        grams = []
        for layer in _STYLE:
            flat = tf.reshape(features[layer], (-1, features[layer].shape[-1]))
            grams.append(tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.size(flat), tf.float32))
        return grams

    def _features(self, pixels: Pixels) -> dict[str, tf.Tensor]:
        found = {}
        x = tf.constant(pixels[None, :, :, ::-1], tf.float32) - tf.constant(_MEAN_BGR)
        for name, (kernel, bias) in self._weights.items():
            if name.endswith("conv1") and name != "block1_conv1":
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
            found[name] = x
            if name == "block5_conv1":
                break
        return found


def _at(pixels: Pixels, size: int) -> Pixels:
    height, width = pixels.shape[:2]
    wanted = images.fitted(width, height, size)
    return pixels if wanted == (width, height) else images.resize(pixels, wanted)
