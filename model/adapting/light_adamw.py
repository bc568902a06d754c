"""AdamW for a lesson of seconds: torch's own step without torch's class, which loads the compiler, a second's work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

BETAS, EPSILON = (0.9, 0.999), 1e-8
"""As torch.optim.AdamW has them."""


@dataclass(frozen=True)
class AdamWGroup:
    """Weights that decay alike, with the running means of their gradients and of the squares, and counts of steps."""

    weights: Sequence[nn.Parameter]
    decay: float
    means: list[Tensor] = field(init=False)
    squares: list[Tensor] = field(init=False)
    steps: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "means", [torch.zeros_like(each) for each in self.weights])
        object.__setattr__(self, "squares", [torch.zeros_like(each) for each in self.weights])
        object.__setattr__(self, "steps", [torch.zeros(()) for _ in self.weights])

    @classmethod
    def of(cls, group: Mapping[str, Any]) -> "AdamWGroup":
        """Return a group of `model.learning.parameter_groups`."""
        return cls(group["params"], group["weight_decay"])

    def step(self, rate: float) -> None:
        """Move the weights that have a gradient, and forget it."""
        moved = [place for place, each in enumerate(self.weights) if each.grad is not None]
        with torch.no_grad():
            adamw(
                [self.weights[place] for place in moved],
                [gradient for place in moved if (gradient := self.weights[place].grad) is not None],
                [self.means[place] for place in moved],
                [self.squares[place] for place in moved],
                [],
                [self.steps[place] for place in moved],
                fused=True,
                amsgrad=False,
                beta1=BETAS[0],
                beta2=BETAS[1],
                lr=rate,
                weight_decay=self.decay,
                eps=EPSILON,
                maximize=False,
            )
        for each in self.weights:
            each.grad = None
