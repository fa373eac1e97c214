"""The style predictor: a picture's style as 100 numbers (Ghiasi et al. 2017, arXiv 1705.06830).

A MobileNet-v2 (Sandler et al. 2018, arXiv 1801.04381), its batch normalisations folded into the convolutions,
then the mean over the picture and one linear layer.
"""

import numpy as np

from nst.fast_weights import Constants
from nst.runtime import tf

SIZE = 256  # what it was trained on, on either side
DIMENSIONS = 100
_BLOCKS = 17
_STRIDE_2 = (1, 3, 6, 13)


class Predictor(tf.Module):  # type: ignore[misc]
    """The network. Pictures of any size come in; those of about 256x256 pixels are what it knows."""

    def __init__(self, constants: Constants) -> None:
        super().__init__(name="predictor")
        self._layers: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name, kernel in constants.items():
            layer, _, part = name.rpartition("/")
            if part in ("weights", "depthwise_weights"):
                bias = constants.get(f"{layer}/Conv2D_bias", constants.get(f"{layer}/depthwise_bias"))
                # TensorFlow's are (height, width, in, out); a depthwise one is (height, width, channels, 1).
                order = (2, 3, 0, 1) if part == "depthwise_weights" else (2, 3, 1, 0)
                self._layers[layer] = np.ascontiguousarray(kernel.transpose(order)), np.asarray(bias)

    def __call__(self, pictures: tf.Tensor) -> tf.Tensor:
        """(N, H, W, 3) float32 in 0..1 -> (N, 100) float32."""
        x = tf.nn.relu6(self._convolved(pictures, "MobilenetV2/Conv", 2))
        for block in range(_BLOCKS):
            x = self._block(x, f"MobilenetV2/expanded_conv{f'_{block}' if block else ''}", block)
        x = tf.nn.relu6(self._convolved(x, "MobilenetV2/Conv_1"))
        x = tf.reduce_mean(x, (1, 2), keepdims=True)
        return self._convolved(x, "mobilenet_conv/Conv")[:, 0, 0, :]

    def _block(self, x: tf.Tensor, name: str, block: int) -> tf.Tensor:
        """An inverted residual: to many channels, each filtered by itself, and back to few."""
        stride = 2 if block in _STRIDE_2 else 1
        wide = tf.nn.relu6(self._convolved(x, f"{name}/expand")) if block else x
        kernel, bias = self._layers[f"{name}/depthwise"]
        wide = tf.nn.depthwise_conv2d(wide, kernel, (1, stride, stride, 1), "SAME")
        narrow = self._convolved(tf.nn.relu6(tf.nn.bias_add(wide, bias)), f"{name}/project")
        return x + narrow if narrow.shape[-1] == x.shape[-1] and stride == 1 else narrow

    def _convolved(self, x: tf.Tensor, layer: str, stride: int = 1) -> tf.Tensor:
        kernel, bias = self._layers[layer]
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, stride, "SAME"), bias)
