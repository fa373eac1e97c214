"""Our engine on the losses that its plain peer minimises, to compare the two as minimisers alone.

`python -m bench.neutral_balance CONTENT.png STYLE.png FOLDER STEPS EVERY`; saves FOLDER/000NNN.png. The
losses' terms are ours; their balance, at this style and photograph, is that of the neutral loss
(bench/peers/neutral.py).
"""

import sys
from pathlib import Path

from bench.peers.neutral import CONTENT_WEIGHT, STYLE_WEIGHT
from nst import Options, StyleTransfer, images, schedule
from nst.engine import losses, objective, tf
from nst.engine.style import GramLoss


def main() -> None:
    content_path, style_path, folder, steps, every = sys.argv[1:]
    content = images.read(Path(content_path), field="content").pixels
    style = images.read(Path(style_path), field="style").pixels
    options = Options(size=max(content.shape[:2]), steps=int(steps))
    engine = StyleTransfer(options.precision)
    _balance(engine.objective(options), content, style)
    for step in engine.run(content, [style], options):
        if step.index % int(every) == 0:
            images.write(Path(folder) / f"{step.index:06d}.png", images.encode_png(step.enlarged()))


def _balance(ours: objective.Objective, content: images.Pixels, painting: images.Pixels) -> None:
    """Sets our scales and shares so that every term is the neutral loss's, up to one common factor."""
    picture, wanted = (tf.constant(pixels[None], tf.float32) for pixels in (content, painting))
    # Neutral Gram matrices are divided by the number of channels too.
    terms = [
        STYLE_WEIGHT * float(GramLoss().target(moments)[1]) / int(moments.gram.shape[0]) ** 2
        for moments in ours.style(wanted)
    ]
    features = ours.content(picture)
    content_term = CONTENT_WEIGHT * float(losses.content_unit(features)) / int(tf.size(features))
    GramLoss.shares = tuple(term / sum(terms) for term in terms)
    objective.CONTENT_SCALE = GramLoss.scale * content_term / sum(terms)
    objective.TV_SCALE = 0.0
    schedule.VIEWS = 1  # the finest scale alone is judged, from near: most steps belong there
    schedule.SHRINK = 1.5


main()
