"""The learning rate over a run: warm-up, a schedule, and what `plateau` makes of the validation."""

from typing import Any

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from model.learning.schedules import PLATEAU, rate_at

PLATEAU_FACTOR = 0.3
"""What `plateau` multiplies the rate by."""

PLATEAU_PATIENCE = 2
"""After more epochs than this without a lower validation loss, `plateau` lowers the rate."""


class LearningRate:
    """The learning rate over a run: warm-up, then a schedule."""

    def __init__(self, schedule: str, *, height: float, warmup: float) -> None:
        self._name = schedule
        self._height = height
        self._warmup = warmup
        # ReduceLROnPlateau works on an optimizer; this one's rate is the factor that it has come down to
        self._stand_in = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        self._plateau = ReduceLROnPlateau(self._stand_in, factor=PLATEAU_FACTOR, patience=PLATEAU_PATIENCE)

    def at(self, done: float) -> float:
        """Return the rate where `done`, 0..1, of the run is done."""
        rate = rate_at(self._name, done, height=self._height, warmup=self._warmup)
        return rate if done < self._warmup else rate * float(self._stand_in.param_groups[0]["lr"])

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
