"""When to stop labelling: agreement of successive models, and a rule over the rounds so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from base.settings import Settings

SHARED_AT_LEAST = 30
"""Fewer pictures than this tell nothing of agreement."""


class StopSettings(Settings):
    """When enough is enough: all of it, for `rounds` rounds in a row; `[loop.stop]` of boxwright.toml."""

    kappa: float = Field(default=0.99, ge=0, le=1, description="agreement of successive models on the pool, at least")
    gain: float = Field(default=2.0, ge=0, description="points: the most that the next labels may be expected to add")
    rounds: int = Field(default=2, ge=1, description="rounds in a row in which both hold")


@dataclass(frozen=True)
class Signs:
    """What a round says of stopping; None where it could not be told."""

    kappa: float | None
    gain: float | None


def agreement(before: Mapping[str, str], now: Mapping[str, str]) -> float | None:
    """Return Cohen's kappa of two models' predictions by item, on the items that both have; None of too few.

    Stabilizing predictions, Bloodgood & Vijay-Shanker 2009, "A Method for Stopping Active Learning Based on Stabilizing
    Predictions and the Need for User-Adjustable Stopping": labels are not needed, and 0.99 is their threshold.
    """
    shared = [item for item in now if item in before]
    if len(shared) < SHARED_AT_LEAST:
        return None
    old, new = np.array([before[item] for item in shared]), np.array([now[item] for item in shared])
    agreed = float((old == new).mean())
    if agreed == 1:
        return 1.0  # kappa is 0 / 0 where both say one class only
    by_chance = sum(float((old == name).mean() * (new == name).mean()) for name in np.union1d(old, new))
    return (agreed - by_chance) / (1 - by_chance)


def holds(signs: Signs, settings: StopSettings) -> bool:
    """Tell whether one round speaks for stopping."""
    agreed = signs.kappa is not None and signs.kappa >= settings.kappa
    return agreed and signs.gain is not None and signs.gain <= settings.gain


def is_enough(rounds: Sequence[Signs], settings: StopSettings) -> bool:
    """Tell whether the last rounds all speak for stopping."""
    last = rounds[-settings.rounds :]
    return len(last) == settings.rounds and all(holds(each, settings) for each in last)
