"""The settings of a training run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from base.errors import unknown_choice
from base.plugins import PluginCatalogue
from base.settings import Settings
from model.learning.batches import BALANCES
from model.learning.losses import LOSSES
from model.learning.named_changes import SCREEN, require_changes
from model.learning.optimizers import OPTIMIZERS
from model.learning.schedules import SCHEDULES
from model.learning.trackers import TRACKERS
from model.networks.backbone_catalogue import BACKBONES, MAJORITY, TIMM_PREFIX, Weights
from model.reading.crop_fitting import Geometry
from model.running.runtime_names import Device, Precision

CATALOGUES: dict[str, Mapping[str, Any]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
    "balance": BALANCES,
}
"""Setting to what its values name."""


class TrainSettings(Settings):
    """How to train; `[train]` of boxwright.toml."""

    backbone: str = Field(default="small", description=f"{', '.join(BACKBONES)} or {TIMM_PREFIX}NAME")
    weights: Weights = Field(default="none", description="what the trunk begins with; imagenet: published weights")
    freeze_epochs: int = Field(default=0, ge=0, description="epochs at the beginning in which the head alone learns")
    trunk_rate: float = Field(default=1.0, gt=0, le=1, description="factor for the trunk's learning rate")
    layer_decay: float = Field(
        default=1.0, gt=0, le=1, description="another for each layer of the trunk that comes after"
    )
    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=32, ge=1)
    optimizer: str = Field(default="adamw", description=", ".join(OPTIMIZERS))
    learning_rate: float | None = Field(
        default=None, gt=0, description="its height, the schedule moves below it; 3e-3 from random weights, else 1e-3"
    )
    weight_decay: float = Field(default=0.05, ge=0)
    schedule: str = Field(default="cosine", description=", ".join(SCHEDULES))
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the run in which the learning rate rises")
    max_gradient: float = Field(default=2.0, ge=0, description="gradients are scaled down to this norm; 0: never")
    loss: str = Field(default="cross_entropy", description=", ".join(LOSSES))
    hints: float = Field(
        default=1.0, ge=0, description="what kind and box of generated widgets count beside their class; 0: nothing"
    )
    two_stage: bool = Field(
        default=False, description="decide whether it is a widget at all, and then which of the other classes"
    )
    background: str = Field(default="other", description="with two_stage: the class of what is no widget")
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    balance: str = Field(default="sampling", description=", ".join(BALANCES))
    ema: float = Field(default=0.998, ge=0, lt=1, description="decay of the averaged weights, which are what is kept")
    real_share: float = Field(default=0.3, gt=0, lt=1, description="share of real pictures where both kinds are given")
    unlabelled_share: float = Field(
        default=0.3, gt=0, lt=1, description="share of unlabelled pictures in an epoch where there are some"
    )
    unlabelled_weight: float = Field(default=1.0, ge=0, description="what an unlabelled picture counts beside others")
    confidence: float = Field(
        default=0.9, ge=0, le=1, description="how sure the averaged network must be of an unlabelled picture's class"
    )
    synthetic_per_epoch: int | None = Field(default=None, ge=1, description="all synthetic pictures when not set")
    augment_synthetic: float = Field(
        default=0.3, ge=0, le=1, description="share of synthetic pictures that are changed at random; real ones all are"
    )
    augment: dict[str, float] = Field(
        default={SCREEN: 1.0}, description="what is changed at random, with the probability of each change"
    )
    augment_place: float = Field(default=1.0, ge=0, le=1.5, description="how far changed pictures are moved and scaled")
    augment_colour: float = Field(default=1.0, ge=0, le=1.5, description="how far their colours go; 0: not at all")
    augment_damage: float = Field(default=1.0, ge=0, le=1.5, description="how strong blur, noise and blots are")
    val_share: float = Field(default=0.15, ge=0, lt=1, description="held out where no validation folder is given")
    patience: int | None = Field(
        default=None, ge=1, description="stop after this many epochs that are no better on the pictures held out"
    )
    keep: Literal["best", "last"] = Field(default="last", description="the epoch whose weights the run folder gets")
    checkpoints: int = Field(default=3, ge=0, description="how many of the best epochs are kept in checkpoints/")
    tensorboard: bool = Field(default=False, description="write each epoch's figures for TensorBoard too")
    track: tuple[str, ...] = Field(default=(), description=f"tell these of each epoch too: {', '.join(TRACKERS)}")
    seed: int = Field(default=0, ge=0)
    threads: int | None = Field(default=None, ge=1, description="torch's own number, mostly one a core, when not set")
    device: Device = "auto"
    precision: Precision = "auto"
    geometry: Geometry = Geometry()
    init: Path | None = Field(default=None, description="run folder whose weights, classes and geometry to start from")
    init_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of init's weights in those that are kept (WiSE-FT); 0.5 for few labels",
    )
    prune: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of the channels of init's layers that are taken out at the beginning",
    )

    @property
    def highest_rate(self) -> float:
        """Return the height of the learning rate: what was learned before must not be shaken up."""
        begun = self.init is not None or self.weights != "none"
        return self.learning_rate or (1e-3 if begun else 3e-3)

    @property
    def trackers(self) -> tuple[str, ...]:
        """Return the names of all that are told of each epoch, each once."""
        return tuple(dict.fromkeys((*self.track, *(("tensorboard",) if self.tensorboard else ()))))

    @field_validator("track")
    @classmethod
    def _are_trackers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in TRACKERS:
                raise unknown_choice("tracker", name, TRACKERS)
        return names

    @field_validator(*CATALOGUES)
    @classmethod
    def _is_in_its_catalogue(cls, name: str, info: ValidationInfo) -> str:
        setting = info.field_name or ""
        catalogue = CATALOGUES[setting]
        if isinstance(catalogue, PluginCatalogue):
            catalogue.choose(name)
        elif name not in catalogue:
            raise unknown_choice(setting, name, catalogue)
        return name

    @field_validator("augment")
    @classmethod
    def _are_changes(cls, given: dict[str, float]) -> dict[str, float]:
        require_changes(given)
        return given

    @model_validator(mode="after")
    def _check_beginning(self) -> Self:
        if self.init is not None and self.weights != "none":
            raise ValueError("init and weights both say what to begin with; leave one out")
        if self.freeze_epochs and self.init is None and self.weights == "none":
            raise ValueError("freeze_epochs would keep a trunk of random weights; set weights or init, too")
        if self.init_share and self.init is None:
            raise ValueError("init_share is the share of init's weights; set init, too")
        if self.two_stage and self.backbone == MAJORITY:
            raise ValueError(f"the backbone {MAJORITY} looks at no picture and decides in no stages; leave one out")
        if self.prune and self.init is None:
            raise ValueError("prune takes channels out of init's network; set init, too")
        return self
