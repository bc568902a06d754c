"""Changes of training pictures by name, each with its probability: turned, moved, cut, mirrored, fewer tones, and more.

Each picture has a generator of its own, so that what happens to it depends on no other, nor on the number of threads.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Generator, Tensor

from base.arrays import Labels
from base.errors import InputError, unknown_choice
from model.learning.augment import FULL_STRENGTH, AugmentStrength, augment, blur, slide, slide_boxes

PictureChange = Callable[[Tensor, Tensor, Generator], tuple[Tensor, Tensor]]
"""From pictures, float (N, 3, H, W) in 0..1, and boxes, (N, 4) as in `augment`, to both changed alike."""

SCREEN = "screen"
"""The mixture of `augment`, made for crops of screens."""

MOST_TURNED_DEG = 15.0
MOST_SHIFTED = 0.12
LEAST_KEPT = 0.75
POSTERIZED_BITS = (2, 5)
LARGEST_HOLE = 0.25


def _draw(low: float, high: float, generator: Generator) -> float:
    return float(torch.rand((), generator=generator)) * (high - low) + low


def _move(pictures: Tensor, boxes: Tensor, scale: float, centre: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Show a part of that scale around that centre, in -1 to 1, at full size; room beyond repeats the edges."""
    maps = torch.tensor([[scale, 0, centre[0]], [0, scale, centre[1]]]).expand(len(pictures), 2, 3)
    moved = slide_boxes(boxes, maps, (pictures.shape[2], pictures.shape[3]))
    return slide(pictures, maps), torch.where(boxes[:, 2:3] > 0, moved, boxes)


def shift(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Move by up to MOST_SHIFTED of each side."""
    right, down = (2 * _draw(-MOST_SHIFTED, MOST_SHIFTED, generator) for _ in range(2))
    return _move(pictures, boxes, 1.0, (right, down))


def crop(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Cut to a part that keeps at least LEAST_KEPT of each side, and scale it up."""
    kept = _draw(LEAST_KEPT, 1, generator)
    right, down = (_draw(kept - 1, 1 - kept, generator) for _ in range(2))
    return _move(pictures, boxes, kept, (right, down))


def rotate(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Turn by up to MOST_TURNED_DEG; a box becomes the upright one around it."""
    height, width = pictures.shape[2:]
    angle = math.radians(_draw(-MOST_TURNED_DEG, MOST_TURNED_DEG, generator))
    cos, sin = math.cos(angle), math.sin(angle)
    # in affine_grid's coordinates, where both sides reach from -1 to 1, a turn of pixels is sheared
    maps = torch.tensor([[cos, -sin * height / width, 0], [sin * width / height, cos, 0]])
    turned = slide(pictures, maps.expand(len(pictures), 2, 3))
    middle = torch.tensor([width / 2, height / 2])
    offset = boxes[:, :2] + boxes[:, 2:] / 2 - middle
    centre = middle + offset @ torch.tensor([[cos, -sin], [sin, cos]])
    size = boxes[:, 2:] @ torch.tensor([[cos, abs(sin)], [abs(sin), cos]])
    return turned, torch.where(boxes[:, 2:3] > 0, torch.cat([centre - size / 2, size], dim=1), boxes)


def flip_horizontal(pictures: Tensor, boxes: Tensor, _: Generator) -> tuple[Tensor, Tensor]:
    """Mirror left and right. A switch that is on looks like one that is off then."""
    mirrored = boxes.clone()
    mirrored[:, 0] = pictures.shape[3] - boxes[:, 0] - boxes[:, 2]
    return pictures.flip(3), torch.where(boxes[:, 2:3] > 0, mirrored, boxes)


def flip_vertical(pictures: Tensor, boxes: Tensor, _: Generator) -> tuple[Tensor, Tensor]:
    """Mirror top and bottom."""
    mirrored = boxes.clone()
    mirrored[:, 1] = pictures.shape[2] - boxes[:, 1] - boxes[:, 3]
    return pictures.flip(2), torch.where(boxes[:, 2:3] > 0, mirrored, boxes)


def contrast(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Bring nearer to the mean or away from it, by 0.5 to 1.5."""
    mean = pictures.mean((1, 2, 3), keepdim=True)
    return (mean + (pictures - mean) * _draw(0.5, 1.5, generator)).clamp(0, 1), boxes


def brightness(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Make darker or brighter, by 0.6 to 1.4."""
    return (pictures * _draw(0.6, 1.4, generator)).clamp(0, 1), boxes


def posterize(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Keep 2 to 5 bits of each colour."""
    low, high = POSTERIZED_BITS
    steps = 2 ** int(torch.randint(low, high + 1, (), generator=generator)) - 1
    return (pictures * steps).round() / steps, boxes


def blur_often(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Blur by the mean of 3x3 pixels, one to three times."""
    for _ in range(int(torch.randint(1, 4, (), generator=generator))):
        pictures = blur(pictures, torch.ones(len(pictures)))
    return pictures, boxes


def drop_out(pictures: Tensor, boxes: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Cover one to three rectangles by the mean colour, each side up to LARGEST_HOLE of the picture's.

    Source: DeVries and Taylor 2017, https://arxiv.org/abs/1708.04552, with one square hole.
    """
    height, width = pictures.shape[2:]
    covered = pictures.clone()
    for _ in range(int(torch.randint(1, 4, (), generator=generator))):
        tall, wide = (max(1, round(side * _draw(0.05, LARGEST_HOLE, generator))) for side in (height, width))
        top, left = int(_draw(0, height - tall, generator)), int(_draw(0, width - wide, generator))
        covered[:, :, top : top + tall, left : left + wide] = pictures.mean((2, 3), keepdim=True)
    return covered, boxes


CHANGES: dict[str, PictureChange] = {
    "blur": blur_often,
    "brightness": brightness,
    "contrast": contrast,
    "crop": crop,
    "dropout": drop_out,
    "flip_horizontal": flip_horizontal,
    "flip_vertical": flip_vertical,
    "posterize": posterize,
    "rotate": rotate,
    SCREEN: augment,
    "shift": shift,
}
"""Name to change."""

NO_CHANGES = "none"


def parse_changes(text: str) -> dict[str, float]:
    """Return the changes that a text like `rotate=0.3,posterize=0.1` names, in its order; `none` is none.

    Raises:
        InputError: a part is no name with a number, or a name comes twice.
    """
    if text.strip() == NO_CHANGES:
        return {}
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = (word.strip() for word in part.partition("="))
        try:
            probability = float(share)
        except ValueError:
            wanted = f"NAME=PROBABILITY, as in rotate=0.3,posterize=0.1, or {NO_CHANGES}"
            raise InputError(f"augment: {part.strip()!r} is not {wanted}; names: {', '.join(CHANGES)}") from None
        if name in found:
            raise InputError(f"augment: {name} is named twice")
        found[name] = probability
    return found


def require_changes(changes: Mapping[str, float]) -> None:
    """Do nothing where all names are known and all probabilities are some.

    Raises:
        InputError: one is not.
    """
    for name, probability in changes.items():
        if name not in CHANGES:
            raise unknown_choice("change of pictures", name, CHANGES)
        if not 0 <= probability <= 1:
            raise InputError(f"{name}={probability:g}: a probability is from 0 to 1")


def change_by_name(
    pictures: Tensor,
    boxes: Tensor,
    seeds: Labels,
    changes: Mapping[str, float],
    generator: Generator,
    *,
    strength: AugmentStrength = FULL_STRENGTH,
) -> tuple[Tensor, Tensor]:
    """Return pictures with each of the changes or not, as its probability has it, in the order of the changes.

    Args:
        pictures: float (N, 3, H, W) in 0..1.
        boxes: float (N, 4), as in `augment`.
        seeds: (N,), of each picture's own generator.
        changes: probability by name.
        generator: what `screen` draws from, which changes many pictures at a time.
        strength: of what `screen` does.
    """
    own = [Generator().manual_seed(seed) for seed in seeds.tolist()]
    for name, probability in changes.items():
        drawn = torch.tensor([_draw(0, 1, each) for each in own]) < probability
        if name == SCREEN and drawn.any():
            pictures[drawn], boxes[drawn] = augment(pictures[drawn], boxes[drawn], generator, strength)
            continue
        for row in drawn.nonzero()[:, 0].tolist():
            chosen = slice(row, row + 1)
            pictures[chosen], boxes[chosen] = CHANGES[name](pictures[chosen], boxes[chosen], own[row])
    return pictures, boxes
