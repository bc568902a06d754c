"""The catalogue of schedules: what share of its height the learning rate has at a place of the run.

torch's schedulers count steps. Here batches are of uneven size and a step is taken when enough pictures have come, so
that their number is not known ahead: the closed forms of torch's schedulers are used instead, over pictures seen.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

FINAL_RATE = 0.01
"""Warm-up begins, and the cosine ends, at this share of the height."""

MILESTONES = (0.5, 0.75)
"""Where `multi_step` divides the rate by ten; shares of what follows warm-up, as He et al. 2016, arXiv:1512.03385."""

PLATEAU_FACTOR = 0.3
"""What `plateau` multiplies the rate by."""

PLATEAU_PATIENCE = 2
"""After more epochs than this without a lower validation loss, `plateau` lowers the rate."""

Schedule = Callable[[float], float]
"""Takes the share of the run that is done, 0..1, counted from the end of warm-up."""


def constant(_: float) -> float:
    """Return the height."""
    return 1.0


def cosine(done: float) -> float:
    """Return half a cosine, from the height down: torch's CosineAnnealingLR."""
    return FINAL_RATE + (1 - FINAL_RATE) * (0.5 * (1 + math.cos(math.pi * done)))


def multi_step(done: float) -> float:
    """Return a tenth after each milestone: torch's MultiStepLR."""
    return float(0.1 ** sum(done >= milestone for milestone in MILESTONES))


def one_cycle(done: float) -> float:
    """Return a rise from 1/25 over 3/10 of the run, then a fall to almost 0: torch's OneCycleLR with its defaults.

    Smith and Topin 2018, arXiv:1708.07120.
    """
    peak, start, end = 0.3, 1 / 25, 1 / 25 / 1e4
    if done < peak:
        return 1 + (start - 1) * 0.5 * (1 + math.cos(math.pi * done / peak))
    return end + (1 - end) * 0.5 * (1 + math.cos(math.pi * (done - peak) / (1 - peak)))


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "cosine": cosine,
    "multi_step": multi_step,
    "one_cycle": one_cycle,
    "plateau": constant,  # and torch's ReduceLROnPlateau lowers it, see LearningRate
}
"""Name to schedule."""

PLATEAU = "plateau"

OWN_WARMUP = frozenset({"one_cycle"})
"""Schedules that rise by themselves."""


class LearningRate:
    """The learning rate over a run: warm-up, then a schedule."""

    def __init__(self, schedule: str, *, height: float, warmup: float) -> None:
        self._name = schedule
        self._height = height
        self._warmup = 0.0 if schedule in OWN_WARMUP else warmup
        # ReduceLROnPlateau works on an optimizer; this one's rate is the factor that it has come down to
        self._stand_in = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        self._plateau = ReduceLROnPlateau(self._stand_in, factor=PLATEAU_FACTOR, patience=PLATEAU_PATIENCE)

    def at(self, done: float) -> float:
        """Return the rate where `done`, 0..1, of the run is done."""
        if done < self._warmup:
            return self._height * max(done / self._warmup, FINAL_RATE)
        factor = SCHEDULES[self._name]((done - self._warmup) / (1 - self._warmup))
        return self._height * factor * float(self._stand_in.param_groups[0]["lr"])

    def end_epoch(self, val_loss: float | None) -> None:
        """Take note of an epoch's validation loss; only `plateau` heeds it."""
        if self._name == PLATEAU and val_loss is not None:
            self._plateau.step(val_loss)

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` needs to go on from here."""
        return {"plateau": self._plateau.state_dict(), "stand_in": self._stand_in.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where the other was."""
        self._plateau.load_state_dict(state["plateau"])
        self._stand_in.load_state_dict(state["stand_in"])
