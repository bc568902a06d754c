"""Training the head alone while the trunk stays as it is, or the trunk without its batch statistics."""

from torch.nn.modules.batchnorm import _BatchNorm

from model.backbones import Backbone


def set_training(network: Backbone, *, frozen: bool, keep_statistics: bool = False) -> None:
    """Put a network into training mode; a frozen trunk gets no gradient and keeps its batch statistics.

    With `keep_statistics` the trunk learns, but normalises by the statistics it came with: those of a few pictures,
    changed at random, would be worse.
    """
    network.train()
    network.body.requires_grad_(not frozen)
    if frozen:
        network.body.eval()
    elif keep_statistics:
        for layer in network.body.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
