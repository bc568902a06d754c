"""What a training leaves in its run folder beside the weights: settings, a row an epoch, and the curves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field, ValidationError

from base.errors import InputError, MissingError, ModelError, PluginError
from base.files import atomic_open, write_json, write_jsonl
from base.plugins import name_providers, require_providers
from base.settings import Settings, flatten
from model.learning.losses import LOSSES
from model.learning.training_settings import TrainSettings
from model.networks.backbone_catalogue import BACKBONES
from model.networks.model_folders import METRICS_FILE, SETTINGS_FILE
from model.training.plan import TrainingSources

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SettingsT = TypeVar("_SettingsT", bound=Settings)

CURVES = "curves.png"

Lines = Mapping[str, Sequence[float | None]]
"""The value of each epoch by the name of the line."""


@dataclass(frozen=True)
class Epoch:
    """The figures of one epoch; those of the validation are None where nothing is held out.

    `sure` is the share of the unlabelled pictures, None without any, that were learnt from.
    """

    epoch: int
    loss: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float
    images_per_s: float
    sure: float | None = None
    val_macro_f1: float | None = None


class RunSettings(Settings):
    """What settings.json holds: all that a run needs to be done again."""

    sources: TrainingSources
    held_out_by: str = Field(default="", description="see Plan")
    settings: TrainSettings
    plugins: dict[str, str] = Field(default={}, description="the distributions of what is not built in, by kind")
    last_block: int | None = Field(
        default=None, description="the last block alone learned, from so many versions of each picture"
    )

    @property
    def by_name(self) -> dict[str, object]:
        """Return sources and settings by the names of the command's flags."""
        return self.sources.by_name | dict(self.settings)


def write_settings(folder: Path, run: Settings) -> None:
    """Write all that the run was begun with."""
    values = run.model_dump(mode="json")
    for name in ("plugins", "last_block"):  # earlier versions know none
        if not values.get(name, True):
            del values[name]
    write_json(folder / SETTINGS_FILE, values)


def name_plugins(settings: TrainSettings) -> dict[str, str]:
    """Return the distributions of what a training uses that is not built in, by kind."""
    return name_providers([(BACKBONES, settings.backbone), (LOSSES, settings.loss)])


def read_settings(folder: Path, kind: type[_SettingsT]) -> _SettingsT:
    """Return what the run of a folder was begun with.

    Raises:
        MissingError: it is not a run folder.
        ModelError: the file is damaged, or a distribution whose addition the run uses is not installed.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        raise MissingError(f"{folder} is not a run folder: it has no {SETTINGS_FILE}")
    try:
        # pydantic's own reader takes no file names that are not UTF-8
        values = json.loads(path.read_bytes().decode("utf-8", "surrogateescape"))
        _require_plugins(values)
        return kind.model_validate(values)
    except (json.JSONDecodeError, PluginError) as error:
        raise ModelError(f"{path}: {error}") from error
    except ValidationError as error:
        raise ModelError(flatten(error, str(path))) from error


def _require_plugins(values: Any) -> None:  # noqa: ANN401  whatever the file holds, which is not validated yet
    """Say which distribution is gone, where validation would only find that a name is unknown."""
    if isinstance(values, dict) and isinstance(values.get("plugins"), dict):
        settings: dict[str, str] = values.get("settings") or {}
        backbone, loss = settings.get("backbone", ""), settings.get("loss", "")
        require_providers([(BACKBONES, backbone), (LOSSES, loss)], values["plugins"])


def refuse_changes(folder: Path, own: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Do nothing where what is given, None and () aside, is what the run of a folder was begun with.

    Raises:
        InputError: something differs.
    """
    for name, value in given.items():
        if value not in (None, ()) and value != own.get(name):
            begun, now = (_shown(each) for each in (own.get(name), value))
            raise InputError(f"{name}: {folder} was begun with {begun}, not {now}; leave {name} out to go on with it")


def _shown(value: object) -> str:
    """Return a setting as text; of several folders, all."""
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def write_epochs(folder: Path, epochs: Sequence[Epoch]) -> None:
    """Write metrics.jsonl, a row an epoch."""
    write_jsonl(folder / METRICS_FILE, (json.dumps(asdict(epoch)) for epoch in epochs))


def read_epochs(folder: Path) -> tuple[Epoch, ...]:
    """Return the rows of metrics.jsonl."""
    rows = (folder / METRICS_FILE).read_text(encoding="utf-8").splitlines()
    return tuple(Epoch(**json.loads(row)) for row in rows)


def draw_training_curves(folder: Path, epochs: Sequence[Epoch]) -> None:
    """Draw loss and accuracy over the epochs into curves.png."""
    from matplotlib.figure import Figure  # it takes long to load, and not every training is drawn

    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    losses: Lines = {"training": [row.loss for row in epochs], "validation": [row.val_loss for row in epochs]}
    accuracies: Lines = {
        "training": [100 * row.train_accuracy for row in epochs],
        "validation": [None if row.val_accuracy is None else 100 * row.val_accuracy for row in epochs],
    }
    _draw_lines(left, "loss", losses)
    _draw_lines(right, "accuracy, %", accuracies)
    with atomic_open(folder / CURVES) as file:
        figure.savefig(file, format="png", dpi=120)


def _draw_lines(axes: "Axes", title: str, lines: Lines) -> None:
    from matplotlib.ticker import MaxNLocator  # see above

    for name, values in lines.items():
        known = [(number, value) for number, value in enumerate(values, start=1) if value is not None]
        if known:
            axes.plot(*zip(*known, strict=True), marker=".", label=name)
    axes.set_title(title, loc="left")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
