"""What a finished painting says of how it was made: the settings inside its PNG, from whichever door."""

from collections.abc import Mapping, Sequence

from nst.options import Options


def record(
    options: Options,
    *,
    blend: Sequence[float],
    masks: int,
    init_picture: bool,
    steps_done: int,
    regions: int = 0,
    onward: bool = False,
    changes: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    """The settings of one painting, for `images.encode_png`. It names no file and no person.

    Args:
        options: as the run began; `changes` tells what became of them.
        blend: relative weight of each style, at least one positive; kept as shares that add up to 1.
        masks: how many masks there were.
        init_picture: whether it started from a picture of its own, and so not from `options.init`.
        steps_done: steps painted, which are fewer than `options.steps` when it was stopped.
        regions: how many parts had a style of their own.
        onward: whether it goes on with an earlier painting.
        changes: what was steered, in order: `after` so many steps, then `options`, `weights` (as in
            `blend`, but not yet shares), `masks`, `regions`, of which only what changed is there.
    """
    whole = sum(blend)
    return {
        "options": options.model_dump(mode="json"),
        "blend": [round(weight / whole, 6) for weight in blend],
        "masks": masks,
        "regions": regions,
        "init": "picture" if init_picture else options.init,
        "onward": onward,
        "steps_done": steps_done,
        "changes": [dict(change) for change in changes],
    }
