"""What a finished painting says of how it was made: the settings inside its PNG, from whichever door."""

from collections.abc import Sequence

from nst.options import Options


def record(
    options: Options, *, blend: Sequence[float], masks: int, init_picture: bool, steps_done: int
) -> dict[str, object]:
    """The settings of one painting, for `images.encode_png`. It names no file and no person.

    Args:
        blend: relative weight of each style, at least one positive; kept as shares that add up to 1.
        masks: how many masks there were.
        init_picture: whether it started from a picture of its own, and so not from `options.init`.
        steps_done: steps painted, which are fewer than `options.steps` when it was stopped.
    """
    whole = sum(blend)
    return {
        "options": options.model_dump(mode="json"),
        "blend": [round(weight / whole, 6) for weight in blend],
        "masks": masks,
        "init": "picture" if init_picture else options.init,
        "steps_done": steps_done,
    }
