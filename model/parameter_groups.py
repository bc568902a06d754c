"""Which weights the optimiser treats alike."""

from model.backbones import Backbone


def parameter_groups(network: Backbone, weight_decay: float) -> list[dict[str, object]]:
    """Return the weights with decay, and apart from them biases and normalisation, which must not decay."""
    parameters = list(network.parameters())
    return [
        {"params": [weight for weight in parameters if weight.ndim > 1], "weight_decay": weight_decay},
        {"params": [weight for weight in parameters if weight.ndim <= 1], "weight_decay": 0.0},
    ]
