"""The canvas that a picture is padded to for a network, and what of a map on it belongs to the picture."""

import torch
from torch import Tensor
from torch.nn import functional

from base.arrays import Floats
from model.networks.trained_model import Model
from model.reading.crop_fitting import Shape, centred, pad
from model.running.stages import Fitted
from model.running.torch_scorer import to_floats


def canvas_of(model: Model, picture: Fitted) -> Shape:
    """Return the size of the canvas, (height, width)."""
    return model.geometry.bucket((picture.pixels.shape[0], picture.pixels.shape[1]))


def on_canvas(picture: Fitted, canvas: Shape) -> Tensor:
    """Return the picture as the network sees it, (1, 3, H, W) in 0..1."""
    return to_floats(pad(picture.pixels, canvas)[None])


def enlarge_cells(cells: Tensor, canvas: Shape) -> Tensor:
    """Return a map of cells, (rows, columns), at the canvas's size, interpolated."""
    return functional.interpolate(cells[None, None], size=canvas, mode="bilinear", align_corners=False)[0, 0]


def picture_part(whole: Tensor, picture: Fitted, canvas: Shape) -> Tensor:
    """Return the part of a map on the canvas that is the picture, at its fitted size."""
    height, width = picture.pixels.shape[:2]
    top, left = centred((height, width), canvas)
    return whole[top : top + height, left : left + width]


def to_heat(part: Tensor) -> Floats:
    """Return a map with its largest value 1, as an array; as it is where it says nothing."""
    heat: Floats = scaled(part).numpy()
    return heat


def scaled(heat: Tensor) -> Tensor:
    """Return a map with its largest value 1; as it is where it has none above 0."""
    largest = torch.max(heat)
    return heat / largest if largest > 0 else heat
