"""Training the head alone while the trunk stays as it is."""

from model.networks.backbones import Backbone


def set_training(network: Backbone, *, frozen: bool) -> None:
    """Put a network into training mode; a frozen trunk gets no gradient and keeps its batch statistics."""
    network.train()
    network.body.requires_grad_(not frozen)
    if frozen:
        network.body.eval()
