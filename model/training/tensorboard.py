"""A run's figures for TensorBoard."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from base.errors import InputError
from model.training.run_folder import Epoch

FOLDER = "tensorboard"

CHARTS = {
    "loss/training": "loss",
    "loss/validation": "val_loss",
    "accuracy/training": "train_accuracy",
    "accuracy/validation": "val_accuracy",
    "learning_rate": "learning_rate",
    "images_per_s": "images_per_s",
}
"""Name of a chart to the figure of an epoch that it shows."""


def require_tensorboard() -> None:
    """Do nothing where TensorBoard is installed.

    Raises:
        InputError: it is not.
    """
    try:
        import torch.utils.tensorboard  # noqa: F401  it takes seconds
    except ImportError as error:
        raise InputError(
            "tensorboard is not installed; pip install 'boxwright[tensorboard]', or train without"
        ) from error


@contextlib.contextmanager
def open_board(run: Path, earlier: Sequence[Epoch]) -> Iterator[Callable[[Epoch], None]]:
    """Give a function that adds an epoch to the run's charts, which begin anew with the `earlier` epochs."""
    from torch.utils.tensorboard import SummaryWriter

    shutil.rmtree(run / FOLDER, ignore_errors=True)
    with SummaryWriter(str(run / FOLDER)) as writer:

        def add(epoch: Epoch) -> None:
            for chart, figure in CHARTS.items():
                value = getattr(epoch, figure)
                if value is not None:
                    writer.add_scalar(chart, value, epoch.epoch)
            writer.flush()

        for epoch in earlier:
            add(epoch)
        yield add
