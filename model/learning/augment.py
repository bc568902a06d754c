"""Random changes that keep a widget's state: colour, place, size, blur, noise and small blots, a batch at a time.

No flips: a mirrored switch that is on looks like one that is off.
"""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

MAX_CUT_PX = 4
"""How much of a picture may be lost at each edge: a widget may sit there."""

SCALE = (0.8, 1.15)
"""The range of the scale of a picture; height and width differ by a few per cent more."""

BLOT_PX = (1, 4)
"""The range of the side of a blot: far smaller than a widget."""


@dataclass(frozen=True)
class AugmentStrength:
    """How far pictures are changed in place and size, in colour, and by blur, noise and blots; 0: not at all."""

    place: float = 1.0
    colour: float = 1.0
    damage: float = 1.0


FULL_STRENGTH = AugmentStrength()

UNMOVED, UNCOLOURED = torch.eye(2, 3), torch.eye(3, 4)
"""The maps that change nothing."""


def augment(
    pictures: Tensor, boxes: Tensor, generator: Generator, strength: AugmentStrength = FULL_STRENGTH
) -> tuple[Tensor, Tensor]:
    """Return pictures, each changed at random, in the same layout and range, and where their boxes went.

    Args:
        pictures: float (N, 3, H, W) in 0..1.
        boxes: float (N, 4), left, top, width and height in pixels; a width of zero is no box.
        generator: of all that is drawn.
        strength: of each kind of change.
    """
    slides = _towards(draw_slides(pictures, generator), UNMOVED, strength.place)
    boxes = slide_boxes(boxes, slides, (pictures.shape[2], pictures.shape[3]))
    pictures = slide(pictures, slides)
    pictures = blur(pictures, draw_blurs(len(pictures), generator) * strength.damage)
    pictures = recolour(pictures, draw_colours(len(pictures), generator, strength.colour))
    return add_noise(pictures, generator, strength.damage).clamp_(0, 1), boxes


def _towards(maps: Tensor, unchanged: Tensor, strength: float) -> Tensor:
    """Return maps on the way from the one that changes nothing; strength 1 gives them to the bit."""
    return torch.lerp(unchanged.expand_as(maps), maps, strength)


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: Generator) -> Tensor:
    return torch.rand(shape, generator=generator) * (high - low) + low


def _chance(count: int, probability: float, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator) < probability


def draw_slides(pictures: Tensor, generator: Generator) -> Tensor:
    """Return affine maps from canvas to picture, (N, 2, 3), for `torch.nn.functional.affine_grid`.

    A picture is scaled a little, and goes anywhere where no more than MAX_CUT_PX of it are cut off at an edge.
    """
    count, _, height, width = pictures.shape
    limit = 1 + 2 * MAX_CUT_PX / torch.tensor([width, height])
    scale = _uniform((count, 1), *SCALE, generator) * _uniform((count, 2), 0.93, 1.07, generator)
    scale = torch.minimum(scale, limit)
    centre = (limit - scale) * _uniform((count, 2), -1, 1, generator)
    maps = torch.zeros(count, 2, 3)
    maps[:, 0, 0], maps[:, 1, 1] = 1 / scale[:, 0], 1 / scale[:, 1]
    maps[:, :, 2] = -centre / scale
    return maps


def slide(pictures: Tensor, maps: Tensor) -> Tensor:
    """Resample pictures through affine maps, (N, 2, 3); room around them repeats their edges."""
    grid = functional.affine_grid(maps.to(pictures.device), list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def slide_boxes(boxes: Tensor, maps: Tensor, canvas: tuple[int, int]) -> Tensor:
    """Return boxes, (N, 4), as they lie after `slide` on a canvas of that height and width."""
    length = torch.tensor([canvas[1], canvas[0]], device=boxes.device)
    maps = maps.to(boxes.device)
    scale = 1 / maps[:, [0, 1], [0, 1]]
    size = boxes[:, 2:] * scale
    centre = (boxes[:, :2] + boxes[:, 2:] / 2) / length * 2 - 1  # affine_grid's coordinates: -1 to 1
    centre = ((centre - maps[:, :, 2]) * scale + 1) / 2 * length
    return torch.cat([centre - size / 2, size], dim=1)


def draw_colours(count: int, generator: Generator, strength: float = 1.0) -> Tensor:
    """Return affine maps of RGB, (N, 3, 4): saturation, hue, gain of each channel, contrast, brightness, dark mode.

    Each of them is affine, so that all together cost one small matrix product.

    Half-way to dark mode all would be grey, so the strength is that of the chance there.
    """
    eye, grey = torch.eye(3), torch.full((3, 3), 1 / 3)
    saturation = torch.where(_chance(count, 0.12, generator), 0.0, _uniform((count,), 0.4, 1.5, generator))
    tint = _hue_rotation(_uniform((count,), -1, 1, generator) ** 3 * math.pi) @ (
        saturation[:, None, None] * (eye - grey) + grey
    )
    contrast = _uniform((count, 1), 0.55, 1.1, generator) * _uniform((count, 3), 0.92, 1.0, generator)
    # less contrast leaves room to be brighter or darker without clipping, which would wipe out a pale box
    offset = (1 - contrast) * _uniform((count, 1), 0, 1, generator)
    maps = _towards(torch.cat([contrast[:, :, None] * tint, offset[:, :, None]], dim=2), UNCOLOURED, strength)
    inverted = torch.cat([-maps[:, :, :3], 1 - maps[:, :, 3:]], dim=2)
    return torch.where(_chance(count, 0.12 * strength, generator)[:, None, None], inverted, maps)


def _hue_rotation(angle: Tensor) -> Tensor:
    """Return rotations of RGB around the grey axis, (N, 3, 3)."""
    axis = torch.full((3, 3), 1 / 3)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    return cos * torch.eye(3) + sin * cross + (1 - cos) * axis


def recolour(pictures: Tensor, maps: Tensor) -> Tensor:
    """Apply affine maps of RGB, (N, 3, 4)."""
    count, _, height, width = pictures.shape
    maps = maps.to(pictures.device)
    flat = pictures.permute(0, 2, 3, 1).reshape(count, height * width, 3)
    flat = torch.baddbmm(maps[:, None, :, 3], flat, maps[:, :, :3].transpose(1, 2))
    return flat.view(count, height, width, 3).permute(0, 3, 1, 2)


def draw_blurs(count: int, generator: Generator) -> Tensor:
    """Return how far each picture goes towards its blurred self, (N,): 0 mostly, negative sharpens."""
    return torch.where(_chance(count, 0.35, generator), _uniform((count,), -0.6, 1.0, generator), 0.0)


def blur(pictures: Tensor, amounts: Tensor) -> Tensor:
    """Move pictures towards their 3x3 mean by amounts, (N,)."""
    chosen = amounts.nonzero()[:, 0]
    if len(chosen) == 0:
        return pictures
    sharp = pictures[chosen]
    soft = functional.avg_pool2d(sharp, 3, stride=1, padding=1, count_include_pad=False)
    pictures[chosen] = torch.lerp(sharp, soft, amounts[chosen, None, None, None].to(pictures.device))
    return pictures


def add_noise(pictures: Tensor, generator: Generator, strength: float = 1.0) -> Tensor:
    """Add grain to some pictures, and to some a few blots of a random colour."""
    count, _, height, width = pictures.shape
    for index in _chance(count, 0.2, generator).nonzero()[:, 0].tolist():
        height_of_grain = 0.06 * torch.rand((), generator=generator) * strength
        grain = _uniform((1, height, width), -1, 1, generator) * height_of_grain
        pictures[index] += grain.to(pictures.device)
    for index in _chance(count, 0.2 * strength, generator).nonzero()[:, 0].tolist():
        side_y, side_x = torch.randint(BLOT_PX[0], BLOT_PX[1] + 1, (2,), generator=generator).tolist()
        top = int(torch.randint(0, height - side_y, (), generator=generator))
        left = int(torch.randint(0, width - side_x, (), generator=generator))
        colour = torch.rand((3, 1, 1), generator=generator).to(pictures.device)
        pictures[index, :, top : top + side_y, left : left + side_x] = colour
    return pictures
