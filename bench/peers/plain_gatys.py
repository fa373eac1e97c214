"""Plain Gatys in PyTorch, float32: L-BFGS on the neutral loss itself, at one scale, from the content picture.

Runs in the peers' environment, without this project's packages:
`python plain_gatys.py CONTENT.png STYLE.png WEIGHTS.npz FOLDER STEPS EVERY`; saves FOLDER/000NNN.png.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

STYLE = ("1_1", "2_1", "3_1", "4_1", "5_1")
CONTENT = "4_2"
MEAN_BGR = (103.939, 116.779, 123.68)


Weights = dict[str, tuple[torch.Tensor, torch.Tensor]]


def features(picture: torch.Tensor, weights: Weights) -> dict[str, torch.Tensor]:
    found, x = {}, picture
    for name, (kernel, bias) in weights.items():
        if name.endswith("conv1") and name != "block1_conv1":
            x = torch.nn.functional.max_pool2d(x, 2)
        x = torch.relu(torch.nn.functional.conv2d(x, kernel, bias, padding=1))
        found[f"{name[5]}_{name[-1]}"] = x
        if name == "block5_conv1":
            return found
    raise ValueError("the weights end before block5_conv1")


def gram(x: torch.Tensor) -> torch.Tensor:
    flat = x.flatten(2)[0]
    return flat @ flat.T / flat.numel()


def neutral_loss(
    content: torch.Tensor, style: torch.Tensor, weights: Weights
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The neutral loss (neutral.py) at one scale, as a function of the picture."""
    with torch.no_grad():
        wanted = features(content, weights)[CONTENT]
        painted = features(style, weights)
        grams = {layer: gram(painted[layer]) for layer in STYLE}

    def loss(picture: torch.Tensor) -> torch.Tensor:
        found = features(picture, weights)
        style_term = sum(torch.mean((gram(found[layer]) - grams[layer]) ** 2) for layer in STYLE)
        return 100 * style_term + 5 * torch.mean((found[CONTENT] - wanted) ** 2)

    return loss


def read_weights(path: str) -> Weights:
    archive = np.load(path)
    names = dict.fromkeys(key.split("/")[0] for key in archive.files)
    return {
        name: (
            torch.from_numpy(archive[f"{name}/kernel"].transpose(3, 2, 0, 1).copy()),
            torch.from_numpy(archive[f"{name}/bias"]),
        )
        for name in names
    }


def read(path: str) -> torch.Tensor:
    bgr = np.asarray(Image.open(path).convert("RGB"), np.float32)[:, :, ::-1] - np.float32(MEAN_BGR)
    return torch.from_numpy(bgr.transpose(2, 0, 1)[None].copy())


def write(picture: torch.Tensor, path: Path) -> None:
    bgr = picture.detach()[0].numpy().transpose(1, 2, 0) + np.float32(MEAN_BGR)
    Image.fromarray(np.clip(np.rint(bgr[:, :, ::-1]), 0, 255).astype(np.uint8)).save(path)


def main() -> None:
    content_path, style_path, weights_path, folder, steps, every = sys.argv[1:]
    weights = read_weights(weights_path)
    content, style = read(content_path), read(style_path)
    loss_of = neutral_loss(content, style, weights)
    picture = content.clone().requires_grad_()
    # tolerances of 0: 300 steps are 300 steps
    optimizer = torch.optim.LBFGS(
        [picture], max_iter=1, tolerance_grad=0, tolerance_change=0, history_size=100
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_of(picture)
        loss.backward()
        return loss

    for step in range(1, int(steps) + 1):
        optimizer.step(closure)
        if step % int(every) == 0:
            write(picture, Path(folder) / f"{step:06d}.png")


if __name__ == "__main__":
    main()
