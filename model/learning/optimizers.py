"""The catalogue of optimizers: torch's own, by name. Listing them loads no torch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import optim

MOMENTUM = 0.9

Groups = Sequence[dict[str, Any]]
"""What `model.learning.parameter_groups` returns."""


@dataclass(frozen=True)
class OptimizerChoice:
    """A class of `torch.optim`, and what it is made with."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


OPTIMIZERS = {
    "adam": OptimizerChoice("Adam", {"fused": True}),
    "adamw": OptimizerChoice("AdamW", {"fused": True}),
    "nadam": OptimizerChoice("NAdam", {"decoupled_weight_decay": True}),
    "rmsprop": OptimizerChoice("RMSprop", {"momentum": MOMENTUM}),
    "sgd": OptimizerChoice("SGD", {"momentum": MOMENTUM, "nesterov": True, "fused": True}),
}


def build_optimizer(name: str, groups: Groups) -> "optim.Optimizer":
    """Return an optimizer whose learning rate is 0 until a schedule sets it."""
    from torch import optim

    chosen = OPTIMIZERS[name]
    built: optim.Optimizer = getattr(optim, chosen.name)(list(groups), lr=0.0, **chosen.options)
    return built
