"""The command `python -m nst preview`: a painting in one pass, in a moment."""

import argparse

from nst import arguments as understood
from nst import images, own_network
from nst.errors import Refusal
from nst.options import Options
from nst.style_vectors import mixed

DEFAULT_SIZE = Options.model_fields["size"].default


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the command's arguments, and run it."""
    parser.set_defaults(command=run)
    parser.add_argument("content", metavar="CONTENT", help="the photograph")
    parser.add_argument("styles", metavar="STYLE", nargs="*", help="one painting, or several to mix")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.png", help="where the picture goes")
    parser.add_argument(
        "--size",
        type=int,
        default=DEFAULT_SIZE,
        metavar="N",
        help=f"long side of the picture, in pixels. Default: {DEFAULT_SIZE}.",
    )
    parser.add_argument(
        "--strength",
        type=float,
        default=1.0,
        metavar="S",
        help="from 0, as the photograph is painted in its own style, to 1, the painting's. Default: 1.0.",
    )
    parser.add_argument("--blend", metavar="W,W", help="weight of each style, such as 0.7,0.3")
    parser.add_argument(
        "--network",
        metavar="NET.npz",
        help="instead of STYLE: a network that `nst train` made of one painting",
    )


def run(arguments: argparse.Namespace) -> int:
    """Everything that can be refused is, before the networks are loaded."""
    size = understood.options({"size": arguments.size}).size
    strength = arguments.strength
    if not 0 <= strength <= 1:
        raise Refusal("bad_strength", f"a number from 0 to 1, not {strength:g}.", "--strength")
    if bool(arguments.styles) == bool(arguments.network):
        raise Refusal("bad_usage", "name a painting, or a network with --network, and not both.", "STYLE")
    if arguments.network and (strength < 1 or arguments.blend):
        raise Refusal("bad_usage", "a network knows one painting: no --strength, no --blend.", "--network")
    output = understood.png(arguments.output)
    weights = understood.blend(arguments.blend, max(1, len(arguments.styles)))
    content = images.read(arguments.content, field="CONTENT").pixels
    styles = [images.read(path, field="STYLE").pixels for path in arguments.styles]
    network = own_network.read(arguments.network, field="--network") if arguments.network else None
    from nst.fast import Stylizer  # only now: it takes seconds

    stylizer = Stylizer(network)
    own = stylizer.vector(content) if strength < 1 else None
    shown = styles or [content]  # a network of one painting heeds no vector
    vector = mixed([stylizer.vector(style) for style in shown], weights, own=own, strength=strength)
    height, width = content.shape[:2]
    painted = stylizer.paint(images.resize(content, images.fitted(width, height, size)), vector)
    images.write(output, images.encode_png(painted))
    return 0
