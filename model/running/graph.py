"""A network as one graph that runtimes run and files hold: bytes of pictures in, all that it makes of them out."""

import torch
from torch import Tensor, nn

from model.networks.backbones import Backbone, channels_last
from model.networks.locating import LocatingBackbone, decode_boxes
from model.networks.widget_kinds import KINDS
from model.running.batch_norm import fold_batch_norm
from model.running.graph_names import BOXES, FEATURES, KIND_PROBABILITIES, PROBABILITIES


class _Whole(nn.Module):
    """Gives all that a network sees in one pass."""

    def __init__(self, network: Backbone) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        if isinstance(self.network, LocatingBackbone):
            return tuple(self.network.sight(pictures))
        features = self.network.features(pictures)
        return self.network.head(features), features


class Graph(nn.Module):
    """A whole network between bytes and probabilities."""

    def __init__(self, whole: nn.Module, *, temperature: float) -> None:
        super().__init__()
        self.whole = whole
        self.temperature = temperature

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs in the order of `output_widths`."""
        floats = pictures.permute(0, 3, 1, 2).float() / 255
        logits, features, *hints = self.whole(floats)
        probabilities = (logits / self.temperature).softmax(1)
        if not hints:
            return probabilities, features
        kind, place, box = hints
        boxes = decode_boxes(place, box, (floats.shape[2], floats.shape[3]))
        return probabilities, features, kind.softmax(1), boxes


def as_graph(network: Backbone, *, temperature: float = 1.0, fold: bool = True) -> Graph:
    """Return a copy of the network as it is now, its batch normalisation folded into its convolutions; or not folded.

    One that is not folded shares its weights with the network.
    """
    with torch.no_grad():
        whole: nn.Module = channels_last(fold_batch_norm(_Whole(network))) if fold else _Whole(network)
    return Graph(whole, temperature=temperature).eval()


def output_widths(network: Backbone) -> dict[str, int]:
    """Return the number of columns of each output, by name, in order."""
    widths = {PROBABILITIES: network.head.out_features, FEATURES: network.head.in_features}
    if isinstance(network, LocatingBackbone):
        widths |= {KIND_PROBABILITIES: len(KINDS), BOXES: 4}
    return widths
