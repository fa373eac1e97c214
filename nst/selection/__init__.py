"""What a click on a photograph means: the thing under it, smaller and larger readings, and proposals.

No network and no weights: superpixels (`regions`), how they hang together (`hierarchy`, `walk`), which
outlines look like a thing's (`contour`), what stands out (`saliency`), and a border that follows the picture
(`border`). `analysis` joins them for clicks, `proposals` for who has not clicked yet.
"""

import cv2

from nst.selection.analysis import Analysis, Click, Selection, analyse
from nst.selection.proposals import Proposal, proposals

__all__ = ["Analysis", "Click", "Proposal", "Selection", "analyse", "proposals"]

cv2.setNumThreads(1)  # a click is quick enough on one core; a painting needs the others
