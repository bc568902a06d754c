"""Layers narrower than those of the catalogue: how wide they are, and making a network's so."""

import torch
from torch import nn

from base.errors import ModelError
from model.networks.trained_model import Widths


def layer_widths(network: nn.Module) -> dict[str, tuple[int, int]]:
    """Return the widths of all convolutions, batch normalisations and linear layers."""
    widths = {}
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d):
            widths[name] = (layer.in_channels, layer.out_channels)
        elif isinstance(layer, nn.BatchNorm2d):
            widths[name] = (layer.num_features, layer.num_features)
        elif isinstance(layer, nn.Linear):
            widths[name] = (layer.in_features, layer.out_features)
    return widths


def set_widths(network: nn.Module, widths: Widths) -> None:
    """Make layers as wide as that; their weights are zeros afterwards, to be loaded.

    Raises:
        ModelError: the network has no layer of a name, or it is of another kind.
    """
    layers = dict(network.named_modules())
    for name, (inputs, outputs) in widths.items():
        layer = layers.get(name)
        if isinstance(layer, nn.Conv2d):
            _set_convolution(layer, inputs, outputs)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.num_features = outputs
            _zero(layer, "weight", "bias", "running_mean", "running_var", shape=(outputs,))
        elif isinstance(layer, nn.Linear):
            layer.in_features, layer.out_features = inputs, outputs
            _zero(layer, "weight", shape=(outputs, inputs))
            _zero(layer, "bias", shape=(outputs,))
        else:
            raise ModelError(f"widths: the network has no convolution, normalisation or linear layer {name}")


def _set_convolution(layer: nn.Conv2d, inputs: int, outputs: int) -> None:
    if layer.groups == layer.in_channels:  # depthwise: a group a channel
        layer.groups = inputs
    layer.in_channels, layer.out_channels = inputs, outputs
    _zero(layer, "weight", shape=(outputs, inputs // layer.groups, *layer.kernel_size))
    _zero(layer, "bias", shape=(outputs,))


def _zero(layer: nn.Module, *names: str, shape: tuple[int, ...]) -> None:
    """Put zeros of that shape where the layer has parameters or buffers of those names."""
    for name in names:
        before = getattr(layer, name)
        if isinstance(before, nn.Parameter):
            setattr(layer, name, nn.Parameter(torch.zeros(shape)))
        elif before is not None:
            setattr(layer, name, torch.zeros(shape))
