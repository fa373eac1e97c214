"""What style pictures look like to the network, at the sizes that a run asks for, and the memory of it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable

import numpy as np
import tensorflow as tf

from nst import images
from nst.engine import color
from nst.engine.objective import Objective, Style
from nst.engine.subject import Painted, Pixels, Subject, digest, tensor
from nst.options import Options

PALETTE_SIDE = 256  # pixels of the photograph are enough for the statistics of its colours
SMALLEST, LARGEST = 32, 4096  # long side of a style picture, whatever the size of its strokes


class StyleMemory:
    """What was worked out of style pictures: by picture, size and colours. A second run starts at once."""

    ENTRIES = 32  # of up to 2.5 MB: three paintings in two colour modes at five sizes

    def __init__(self, looked_up: Callable[[bool], None] = lambda was_known: None) -> None:
        """`looked_up` is told of each picture that is asked for, whether it was known."""
        self._known: OrderedDict[Hashable, Style] = OrderedDict()
        self._looked_up = looked_up

    def recall(self, key: Hashable, work_out: Callable[[], Style]) -> Style:
        """The style under this key, worked out if it is not known or was forgotten."""
        known = self._known.pop(key, None)
        self._looked_up(known is not None)
        style = known or work_out()
        self._known[key] = style
        if len(self._known) > self.ENTRIES:
            self._known.popitem(last=False)
        return style


class Styles:
    """Style pictures, as one objective sees them who paints the photograph of a run."""

    def __init__(self, objective: Objective, memory: StyleMemory, subject: Subject) -> None:
        self._objective = objective
        self._memory = memory
        self._subject = subject

    def at(self, size: int, styles: Iterable[Painted], options: Options) -> list[Style]:
        """Each of these for a painting whose long side is `size` pixels."""
        palette = self._palette() if options.preserve_color == "statistics" else None
        colours = None if palette is None else digest(palette)
        size = min(max(round(size * options.style_scale), SMALLEST), LARGEST)
        return [self._recalled(style, palette, colours, size) for style in styles]

    def _recalled(self, style: Painted, palette: Pixels | None, colours: bytes | None, size: int) -> Style:
        key = (self._objective, size, style.digest, colours)
        return self._memory.recall(key, lambda: self._worked_out(style, palette, size))

    def _worked_out(self, style: Painted, palette: Pixels | None, size: int) -> Style:
        height, width = style.pixels.shape[:2]
        fitted = images.fitted(width, height, size)
        painting = images.resize(style.pixels, fitted)
        if palette is not None:
            painting = color.with_color_statistics(painting, palette)
        if style.guide is None:
            return self._objective.style(tensor(painting))
        guide = images.resize_mask(style.guide, fitted)[None, :, :, None] / np.float32(255)
        return self._objective.style(tensor(painting), tf.constant(guide))

    def _palette(self) -> Pixels:
        content = self._subject.content
        height, width = content.shape[:2]
        return images.resize(content, images.fitted(width, height, min(PALETTE_SIDE, max(width, height))))
