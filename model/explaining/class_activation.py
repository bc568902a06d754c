"""Maps from the gradients inside a convolutional network: Grad-CAM, and LayerCAM over its last layers together."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from base.arrays import Floats
from base.errors import InputError
from model.explaining.canvas import canvas_of, enlarge_cells, on_canvas, picture_part, scaled, to_heat
from model.networks.network import Backbone
from model.networks.trained_model import Model
from model.running.stages import Fitted

LAYERS = 3
"""How many of the sizes that maps have on their way through the network LayerCAM looks at: the last ones."""


class _Layer(NamedTuple):
    """Maps of one layer for one picture, (C, h, w), and what the class's logit gains with each of their values."""

    maps: Tensor
    gradients: Tensor


def grad_cam(model: Model, picture: Fitted, index: int) -> Floats:
    """Return Grad-CAM's map of class `index` from the network's last maps, 0 to 1, at the fitted picture's size.

    Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391.

    Raises:
        InputError: the network has no convolution.
    """
    canvas = canvas_of(model, picture)
    last = _layers(model.network, on_canvas(picture, canvas), index)[-1]
    heat = (last.gradients.mean((1, 2), keepdim=True) * last.maps).sum(0).relu()
    return to_heat(picture_part(enlarge_cells(heat, canvas), picture, canvas))


def layer_cam(model: Model, picture: Fitted, index: int) -> Floats:
    """Return LayerCAM's map of class `index`, of the last layers together, 0 to 1, at the fitted picture's size.

    Each place counts by its own gradient, so that finer layers can be read too: a widget may be smaller than one cell
    of the last. A place is hot where all layers say so: their maps are multiplied.
    Jiang et al. 2021, https://ieeexplore.ieee.org/document/9462463, who take their maximum.

    Raises:
        InputError: the network has no convolution.
    """
    canvas = canvas_of(model, picture)
    layers = _layers(model.network, on_canvas(picture, canvas), index)[-LAYERS:]
    whole = torch.ones(canvas)
    for layer in layers:
        whole = whole * scaled(enlarge_cells((layer.gradients.relu() * layer.maps).sum(0).relu(), canvas))
    return to_heat(picture_part(whole, picture, canvas))


def _layers(network: Backbone, pictures: Tensor, index: int) -> list[_Layer]:
    """Return the last layer of each size that maps have, the finest first; gradients come through frozen ones too."""
    with torch.enable_grad(), _recording(network) as found:
        logits = network(pictures.requires_grad_())
    maps = _last_of_each_size(found)
    gradients = torch.autograd.grad(logits[0, index], maps, allow_unused=True) if maps else ()
    pairs = zip(maps, gradients, strict=True)
    layers = [_Layer(each.detach()[0], gradient[0]) for each, gradient in pairs if gradient is not None]
    if not layers:
        raise InputError("this network has no convolution whose maps lead to its answer")
    return layers


@contextmanager
def _recording(network: Backbone) -> Iterator[list[tuple[nn.Module, Tensor]]]:
    """Keep what layers of the trunk give, in order, where it looks like maps."""
    found: list[tuple[nn.Module, Tensor]] = []

    def keep(layer: nn.Module, _given: object, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2] * output.shape[3] > 1:
            found.append((layer, output))

    with ExitStack() as stack:
        for layer in network.body.modules():
            stack.callback(layer.register_forward_hook(keep).remove)
        yield found


def _last_of_each_size(found: Sequence[tuple[nn.Module, Tensor]]) -> list[Tensor]:
    """Return the last maps of each size, the finest first.

    Convolutions say which sizes there are: some networks turn their maps about in between, channels last.
    """
    sizes = {maps.shape[2:] for layer, maps in found if isinstance(layer, nn.Conv2d)}
    last = {maps.shape[2:]: maps for _, maps in found if maps.shape[2:] in sizes and maps.requires_grad}
    return sorted(last.values(), key=lambda maps: -maps.shape[2] * maps.shape[3])
