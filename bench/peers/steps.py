"""The peers' single steps, on call: runs in their environment.

`python -m bench.peers.steps pastiche|plain CONTENT.png STYLE.png WEIGHTS.npz`. After "ready", every line on
standard input is answered with the seconds that one loss and gradient took.
"""

import sys
import time
from collections.abc import Callable

import torch

from bench.peers import plain_gatys


def pastiche_gradient(content: str, style: str, weights: str) -> Callable[[], None]:
    """pastiche's own model and loss, at its defaults; it brings the same weights itself."""
    from pastiche.pastiche import PasticheArtist

    artist = PasticheArtist(content, [style], size=max(plain_gatys.read(content).shape))

    def gradient() -> None:
        artist.optimizer.zero_grad()
        artist._calc_loss().backward()

    return gradient


def plain_gradient(content: str, style: str, weights: str) -> Callable[[], None]:
    photograph = plain_gatys.read(content)
    loss_of = plain_gatys.neutral_loss(photograph, plain_gatys.read(style), plain_gatys.read_weights(weights))
    picture = photograph.clone().requires_grad_()

    def gradient() -> None:
        picture.grad = None
        loss_of(picture).backward()

    return gradient


def main() -> None:
    peer, *paths = sys.argv[1:]
    torch.manual_seed(1)
    gradient = {"pastiche": pastiche_gradient, "plain": plain_gradient}[peer](*paths)
    gradient()
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        gradient()
        print(time.perf_counter() - began, flush=True)


main()
