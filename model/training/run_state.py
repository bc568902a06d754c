"""The state that an unfinished run goes on from; its file is what makes an epoch finished."""

import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from base.errors import ModelError
from base.files import atomic_open
from model.networks.model_folders import STATE_FILE
from model.training.run_folder import Epoch

Fingerprints = Mapping[str, Mapping[str, int | str]]
"""Number and hash of the pictures of each source."""


@dataclass(frozen=True)
class RunState:
    """The epochs that are finished, the learner after the last of them, and what it learnt from."""

    epochs: tuple[Epoch, ...]
    learner: dict[str, Any]
    data: Fingerprints


def write_state(folder: Path, state: RunState) -> None:
    """Write the state, whole or not at all."""
    content = {"epochs": [asdict(epoch) for epoch in state.epochs], "learner": state.learner, "data": dict(state.data)}
    with atomic_open(folder / STATE_FILE) as file:
        torch.save(content, file)


def read_state(folder: Path) -> RunState | None:
    """Return the state, its tensors on the CPU; None where no epoch was finished, or all were.

    Raises:
        ModelError: the file is damaged.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        return RunState(tuple(Epoch(**row) for row in content["epochs"]), content["learner"], content["data"])
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged; begin the run again with --overwrite") from error
