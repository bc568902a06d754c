"""The catalogue of optimizers: torch's own, by name."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import optim

MOMENTUM = 0.9

Groups = Sequence[dict[str, Any]]
"""What `model.learning.parameter_groups` returns."""

OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "adam": partial(optim.Adam, fused=True),
    "adamw": partial(optim.AdamW, fused=True),
    "nadam": partial(optim.NAdam, decoupled_weight_decay=True),
    "rmsprop": partial(optim.RMSprop, momentum=MOMENTUM),
    "sgd": partial(optim.SGD, momentum=MOMENTUM, nesterov=True, fused=True),
}
"""Name to builder; a builder takes parameter groups and `lr`."""


def build_optimizer(name: str, groups: Groups) -> optim.Optimizer:
    """Return an optimizer whose learning rate is 0 until a schedule sets it."""
    return OPTIMIZERS[name](list(groups), lr=0.0)
