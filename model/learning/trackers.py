"""Programs that keep the figures of runs, by name; listing them loads none, and nothing leaves the machine unasked."""

import contextlib
import importlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from base.errors import InputError
from base.files import write_text

Figures = Mapping[str, Any]
"""The row of an epoch: `epoch`, and figures by name, of which some may be None."""

CHARTS = {
    "loss/training": "loss",
    "loss/validation": "val_loss",
    "accuracy/training": "train_accuracy",
    "accuracy/validation": "val_accuracy",
    "macro_f1/validation": "val_macro_f1",
    "learning_rate": "learning_rate",
    "images_per_s": "images_per_s",
}
"""Name of a chart to the figure of an epoch that it shows."""


class Tracker(Protocol):
    """Keeps what one run was begun with and comes to; made with the run's folder."""

    def start(self, settings: Mapping[str, Any]) -> None:
        """Begin anew, with the settings of the run as JSON values; what was kept of the folder before is gone."""
        ...

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Keep the charts' values after an epoch."""
        ...

    def finish(self, summary: Mapping[str, float] | None) -> None:
        """End with the last values, or with None where the run broke off."""
        ...


class TensorBoardTracker:
    """Writes for TensorBoard, into `tensorboard` in the run folder."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "tensorboard"

    def start(self, settings: Mapping[str, Any]) -> None:
        """See `Tracker`."""
        from torch.utils.tensorboard import SummaryWriter

        shutil.rmtree(self._folder, ignore_errors=True)
        self._writer = SummaryWriter(str(self._folder))
        table = "\n".join(f"| {name} | {value} |" for name, value in settings.items())
        self._writer.add_text("settings", f"| setting | value |\n| --- | --- |\n{table}")

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        for chart, value in values.items():
            self._writer.add_scalar(chart, value, step)
        self._writer.flush()

    def finish(self, summary: Mapping[str, float] | None) -> None:
        """See `Tracker`."""
        self._writer.close()


class MlflowTracker:
    """Writes to MLflow: `mlflow.db` beside the run folder, unless MLFLOW_TRACKING_URI names another store."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._kept = run / "mlflow-run"

    def start(self, settings: Mapping[str, Any]) -> None:
        """See `Tracker`."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        from mlflow import MlflowClient
        from mlflow.entities import Param

        near = self._run.resolve().parent
        uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{near / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=uri)
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "boxwright")
        known = self._client.get_experiment_by_name(name)
        # its own default would be a folder where the command happened to be typed
        place = (near / "mlartifacts").as_uri() if uri.startswith("sqlite:") else None
        experiment = known.experiment_id if known else self._client.create_experiment(name, artifact_location=place)
        if self._kept.exists():
            self._client.delete_run(self._kept.read_text(encoding="utf-8"))
        self._id = self._client.create_run(experiment, run_name=self._run.name).info.run_id
        write_text(self._kept, self._id)
        self._client.log_batch(self._id, params=[Param(key, str(value)[:500]) for key, value in settings.items()])

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        for chart, value in values.items():
            self._client.log_metric(self._id, chart, value, step=step)

    def finish(self, summary: Mapping[str, float] | None) -> None:
        """See `Tracker`."""
        self._client.set_terminated(self._id, "KILLED" if summary is None else "FINISHED")


class WandbTracker:
    """Writes for Weights & Biases, into `wandb` in the run folder; offline, unless WANDB_MODE says otherwise."""

    def __init__(self, run: Path) -> None:
        self._run = run

    def start(self, settings: Mapping[str, Any]) -> None:
        """See `Tracker`."""
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        import wandb

        shutil.rmtree(self._run / "wandb", ignore_errors=True)
        self._kept = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "boxwright"),
            name=self._run.name,
            dir=self._run,
            mode=os.environ.get("WANDB_MODE", "offline"),  # type: ignore[arg-type]  # wandb checks what a person set
            config=dict(settings),
            settings=wandb.Settings(console="off", silent=True, save_code=False, disable_git=True),
        )

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """See `Tracker`."""
        self._kept.log(dict(values), step=step)

    def finish(self, summary: Mapping[str, float] | None) -> None:
        """See `Tracker`."""
        self._kept.summary.update(dict(summary or {}))
        self._kept.finish(exit_code=1 if summary is None else 0)


TRACKERS: dict[str, Callable[[Path], Tracker]] = {
    "tensorboard": TensorBoardTracker,
    "mlflow": MlflowTracker,
    "wandb": WandbTracker,
}
"""Name, which is that of the extra too, to what is made with a run folder."""

NEEDED = {"tensorboard": "torch.utils.tensorboard", "mlflow": "mlflow", "wandb": "wandb"}
"""Name of a tracker to the module that has to be there."""


def require_trackers(names: Sequence[str]) -> None:
    """Do nothing where what the trackers of these names need is installed.

    Raises:
        InputError: it is not.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    for name in names:
        try:
            importlib.import_module(NEEDED[name])
        except ImportError as error:
            raise InputError(f"{name} is not installed; pip install 'boxwright[{name}]', or train without") from error


@contextlib.contextmanager
def open_trackers(
    names: Sequence[str], run: Path, *, settings: Mapping[str, Any], earlier: Sequence[Figures]
) -> Iterator[Callable[[Figures], None]]:
    """Give a function that tells trackers of an epoch; they begin anew, with the `earlier` epochs of the run."""
    trackers = [TRACKERS[name](run) for name in names]
    last: dict[str, float] | None = None

    def log(row: Figures) -> None:
        nonlocal last
        last = {chart: row[figure] for chart, figure in CHARTS.items() if row.get(figure) is not None}
        for tracker in trackers:
            tracker.log(row["epoch"], last)

    with contextlib.ExitStack() as stack:
        for tracker in trackers:
            tracker.start(settings)
            stack.push(lambda failure, *_, each=tracker: each.finish(None if failure else last or {}))
        for row in earlier:
            log(row)
        yield log
