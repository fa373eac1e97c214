"""The painter for a quality. TensorFlow is imported here, when the first frame is about to be painted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nst.images import Pixels
from nst.video.options import VideoOptions

if TYPE_CHECKING:
    from nst.video.styling import Painter


def painter(styles: Sequence[Pixels], options: VideoOptions) -> "Painter":
    """Loads the networks, which takes seconds; a `Refusal` says what to do when their weights are missing."""
    if options.quality == "fine":
        from nst.engine.transfer import StyleTransfer
        from nst.video.fine import FinePainter

        return FinePainter(StyleTransfer(), styles, options)
    from nst.fast import Stylizer
    from nst.video.fast import FastPainter

    return FastPainter(Stylizer(), styles, options)
