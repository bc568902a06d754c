"""Which epochs of a run are kept: the best few below checkpoints/, and one as the run folder's own model."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from base.files import write_bytes, write_json
from model.networks.model_folders import CHECKPOINTS, MODEL_FILE, SETTINGS_FILE, WEIGHTS
from model.training.run_folder import Epoch

RANKING = "ranking.json"


def rank(epochs: Sequence[Epoch]) -> list[Epoch]:
    """Return epochs by validation accuracy, ties by loss, best first; none where nothing is held out."""
    known = [epoch for epoch in epochs if epoch.val_accuracy is not None and epoch.val_loss is not None]
    return sorted(known, key=lambda epoch: (-(epoch.val_accuracy or 0), epoch.val_loss, epoch.epoch))


def out_of_patience(epochs: Sequence[Epoch], patience: int | None) -> bool:
    """Tell whether the best epoch is `patience` epochs old."""
    ranking = rank(epochs)
    return patience is not None and bool(ranking) and epochs[-1].epoch - ranking[0].epoch >= patience


def kept_epoch(epochs: Sequence[Epoch], keep: Literal["best", "last"]) -> Epoch:
    """Return the epoch whose weights are the run's."""
    ranking = rank(epochs)
    return ranking[0] if keep == "best" and ranking else epochs[-1]


def checkpoint_folder(run: Path, epoch: Epoch) -> Path:
    """Return where an epoch's model goes; it is a run folder too, and loads like one."""
    return run / CHECKPOINTS / f"epoch-{epoch.epoch:03}"


def publish(run: Path, epochs: Sequence[Epoch], *, keep: Literal["best", "last"], most: int) -> None:
    """Make the kept epoch the run's own model, and delete all checkpoints but the best `most`.

    The last epoch's checkpoint is there. May be done again after it was interrupted.
    """
    chosen = checkpoint_folder(run, kept_epoch(epochs, keep))
    if all((chosen / name).exists() for name in (WEIGHTS, MODEL_FILE)):  # else it was published, and deleted, before
        for name in (WEIGHTS, MODEL_FILE):
            write_bytes(run / name, (chosen / name).read_bytes())
    best = rank(epochs)[:most]
    wanted = [checkpoint_folder(run, epoch) for epoch in best]
    for folder in (run / CHECKPOINTS).glob("epoch-*"):
        if folder not in wanted:
            shutil.rmtree(folder)
    for folder in wanted:
        write_bytes(folder / SETTINGS_FILE, (run / SETTINGS_FILE).read_bytes())
    if best:
        rows = [{"folder": checkpoint_folder(run, epoch).name, **asdict(epoch)} for epoch in best]
        write_json(run / CHECKPOINTS / RANKING, rows)
