"""A running average of a network's weights, which generalises better than the last step's."""

import copy
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

_ModuleT = TypeVar("_ModuleT", bound=nn.Module)


class AveragedWeights(Generic[_ModuleT]):
    """An exponential moving average of all weights and batch statistics.

    The decay grows with the number of steps up to its limit, so that the random start is forgotten in short runs too.
    `network` has the averaged weights at any time, and is in eval mode.

    Args:
        network: as it is before the first step.
        decay: the limit, in 0..1.
        start_share: the share of the weights before the first step in what `network_like` gives (WiSE-FT, Wortsman et
            al. 2022, https://arxiv.org/abs/2109.01903); it keeps what was known where the new pictures are silent.
    """

    def __init__(self, network: _ModuleT, decay: float, *, start_share: float = 0.0) -> None:
        self.network = copy.deepcopy(network).eval()
        self._source = _float_state(network)
        self._average = _float_state(self.network)  # the network's own memory
        self._decay = decay
        self._start = [tensor.clone() for tensor in self._source] if start_share else self._average
        self._start_share = start_share
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the weights as they are now."""
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 10))
        torch._foreach_lerp_(self._average, self._source, 1 - decay)  # one by one takes ten times as long

    @torch.no_grad()
    def network_like(self, network: _ModuleT) -> _ModuleT:
        """Return a copy of the network, on the CPU and in eval mode, with the averaged weights and the start's."""
        averaged = copy.deepcopy(network)
        for target, average, start in zip(_float_state(averaged), self._average, self._start, strict=True):
            target.copy_(average.lerp(start, self._start_share))
        return averaged.cpu().eval()

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` needs to go on from here."""
        return {"steps": self._steps, "average": self._average}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where an average over a like network was."""
        self._steps = state["steps"]
        for average, saved in zip(self._average, state["average"], strict=True):
            average.copy_(saved)


def _float_state(network: nn.Module) -> list[Tensor]:
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
