"""Which weights the optimiser treats alike: the trunk's may learn more slowly, the more so the earlier they come."""

from collections import defaultdict
from collections.abc import Iterator

from torch import nn

from model.networks.backbones import Backbone


def parameter_groups(
    network: Backbone, weight_decay: float, *, trunk_rate: float = 1.0, layer_decay: float = 1.0
) -> list[dict[str, object]]:
    """Return the weights in groups for an optimiser, whose `rate` is a factor for the learning rate.

    Biases and normalisation are apart from the other weights of their rate, because they must not decay. Source of
    the rates: Howard and Ruder 2018, section 3.2; of their decay by layers: Clark et al. 2020, appendix A.

    Args:
        network: a head, and a body that is the trunk.
        weight_decay: for all other weights.
        trunk_rate: the trunk's rate, where the head's is 1.
        layer_decay: times this for each layer of the trunk that comes after.
    """
    layers = trunk_layers(network)
    rates = {
        weight: trunk_rate * layer_decay ** (len(layers) - 1 - depth)
        for depth, layer in enumerate(layers)
        for weight in layer
    }
    groups: defaultdict[tuple[float, bool], list[nn.Parameter]] = defaultdict(list)
    for weight in network.parameters():
        groups[-rates.get(weight, 1.0), weight.ndim <= 1].append(weight)
    return [
        {"params": weights, "weight_decay": 0.0 if vector else weight_decay, "rate": -rate}
        for (rate, vector), weights in sorted(groups.items(), key=lambda item: item[0])
    ]


def trunk_layers(network: Backbone) -> list[list[nn.Parameter]]:
    """Return the trunk's weights layer by layer, in the order in which they are defined, which is that of use.

    A layer is a block with a matrix or a kernel of its own, with the normalisation that follows. Weights that belong to
    no block, such as position embeddings, are with the first.
    """
    layers: list[list[nn.Parameter]] = []
    for block in _blocks(network.body):
        weights = list(block.parameters())
        if layers and all(weight.ndim <= 1 for weight in weights):
            layers[-1] += weights
        else:
            layers.append(weights)
    inside = {weight for layer in layers for weight in layer}
    loose = [weight for weight in network.body.parameters() if weight not in inside]
    if loose:
        layers[:1] = [loose + (layers[0] if layers else [])]
    return layers


def _blocks(module: nn.Module) -> Iterator[nn.Module]:
    """Yield what plain sequences of blocks hold, at any depth."""
    for child in module.children():
        if type(child) in (nn.Sequential, nn.ModuleList):
            yield from _blocks(child)
        elif any(True for _ in child.parameters()):
            yield child
