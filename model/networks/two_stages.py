"""A head of two stages: whether a picture shows a widget at all, and the widget's state where it does."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from base.errors import InputError, unknown_choice
from model.networks.network import Backbone

NOWHERE = -1e4
"""The logit of what a stage does not choose among; finite, which all runtimes and number formats bear."""


class TwoStageHead(nn.Linear):
    """A linear layer whose outputs are two decisions, given as the logarithms of the probabilities of all classes.

    The output of the background class is the logit of the first stage, background or not; the others are those of the
    second, a softmax among them. A class has the product of both: p(widget) * p(state | widget). A softmax of what it
    gives is these probabilities again, so that all that takes logits takes them.
    """

    is_background: Tensor

    def __init__(self, width: int, classes: int, *, background: int) -> None:
        super().__init__(width, classes)
        chosen = torch.arange(classes) == background
        self.register_buffer("is_background", chosen, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return the logarithms of the probabilities, (N, classes), of features (N, width)."""
        decisions = super().forward(features).float()
        first = decisions[:, self.is_background.int().argmax(), None]
        second = decisions.masked_fill(self.is_background, NOWHERE).log_softmax(1)
        there = functional.logsigmoid(-first) + second
        return torch.where(self.is_background, functional.logsigmoid(first), there)


def set_two_stages(network: Backbone, classes: tuple[str, ...], background: str) -> Backbone:
    """Give a network a head of two stages, with the weights of the one that it has; return the network itself.

    Raises:
        InputError: the background is not one of the classes, or there are fewer than two others.
    """
    if background not in classes:
        raise unknown_choice("background class of two stages", background, classes)
    if len(classes) < 3:
        raise InputError(
            f"two stages need two classes beside {background}, and there is one: {', '.join(classes)}; "
            "leave two_stage out"
        )
    plain = network.head
    head = TwoStageHead(plain.in_features, len(classes), background=classes.index(background))
    head.load_state_dict(plain.state_dict())
    network.head = head
    return network
