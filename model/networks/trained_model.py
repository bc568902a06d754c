"""A trained model: what it is, and how it lies in its run folder. It loads no torch before its network is asked for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from base.errors import InputError, MissingError, ModelError
from base.files import write_text
from base.plugins import require_providers
from base.settings import Settings, flatten
from base.tabular.class_map import ClassMap
from base.timing import package_log, timed
from model.networks.backbone_catalogue import BACKBONES, TIMM_PREFIX
from model.networks.model_folders import GRAPH, MODEL_FILE, PRETRAINED, QUICK_GRAPH, WEIGHTS, run_folder
from model.networks.registry_file import REGISTRY, registered_names
from model.reading.closer_look import CloserLook
from model.reading.crop_fitting import Geometry

if TYPE_CHECKING:
    from model.networks.network import Backbone

LOG = package_log(__name__)

FORMAT = 1
"""The version of the run folder's layout; raised when a reader of the old layout would go wrong."""

LATER = ("plugins", "unsure_below", "mapping", "background", "closer_look")
"""What earlier versions do not know; they read a model.json that needs none of it."""

UNSURE_BELOW = 0.8
"""Below which confidence a model is unsure that does not say so itself."""

Channels = Annotated[int, Field(gt=0)]

Widths = Mapping[str, tuple[Channels, Channels]]
"""Channels in and out of layers, by their names in the network; a normalisation has as many of both."""


class Calibration(Settings):
    """A temperature that was fitted on `n` labelled pictures, whose bytes and labels `data` is the hash of.

    The NLL is that of these pictures without a temperature and, cross-fitted, with one.
    """

    temperature: float = Field(gt=0, allow_inf_nan=False)
    n: int
    nll_before: float
    nll_after: float
    data: str


class ModelDescription(Settings):
    """What model.json holds."""

    format: int
    classes: tuple[str, ...]
    backbone: str
    geometry: Geometry
    fingerprint: str
    training: dict[str, Any]
    calibration: Calibration | None = None
    locates: bool = False
    widths: Widths | None = None
    unsure_below: float | None = Field(default=None, ge=0, le=1)
    plugins: dict[str, str] = Field(default={}, description="the distribution of a backbone that is not built in")
    mapping: ClassMap | None = Field(default=None, description="which folders made a class")
    background: str = Field(default="", description="the class that the first of two stages tells; empty for one stage")
    closer_look: CloserLook | None = Field(default=None, description="when it looks closer; None for one look")

    @property
    def model_fingerprint(self) -> str:
        """Return the fingerprint of all that an answer depends on: weights, temperature and closer look."""
        temperature = f"-T{self.calibration.temperature:g}" if self.calibration else ""
        again = f"-L{self.closer_look.scale:g}-{self.closer_look.below:g}" if self.closer_look else ""
        return self.fingerprint + temperature + again


@dataclass(frozen=True)
class NetworkFile:
    """A network that lies in a run folder: what model.json says of it, and the bytes of its weights."""

    folder: Path
    card: ModelDescription
    weights: bytes

    def build(self) -> "Backbone":
        """Return the network, in eval mode on the CPU.

        Raises:
            ModelError: the weights are not of that backbone.
        """
        from model.networks.checkpoint import build_network

        return build_network(self.card, self.weights, self.folder)

    @property
    def graph(self) -> Path:
        """Return where a graph of this network lies, if there is one."""
        return self.folder / GRAPH

    @property
    def quick_graph(self) -> Path:
        """Return where one in 8-bit integers lies, if there is one."""
        return self.folder / QUICK_GRAPH


@dataclass(frozen=True)
class Model:
    """A trained network and all that is needed to use it rightly.

    `source` is the network, or the file that it is read from when it is first asked for: what a runtime without torch
    does, needs no network. `fingerprint` tells apart models that can answer differently: by weights, and by temperature
    where there is one. `locates`: the network was taught where widgets are, and of what kind. `widths` are those of
    pruned layers. Predictions of less confidence than `unsure_below` are worth a look: those above it are 99 % right on
    crops that were held out for this. `mapping` says which folders made a class; None where each made its own.
    `background` is the class that the first of two stages tells from the others; empty where there is one stage.
    `closer_look`: what it is unsure of, it sees again, larger; None where it looks once.
    """

    source: "Backbone | NetworkFile"
    classes: tuple[str, ...]
    geometry: Geometry
    backbone: str
    fingerprint: str = ""
    calibration: Calibration | None = None
    locates: bool = False
    widths: Widths | None = None
    unsure_below: float = UNSURE_BELOW
    mapping: ClassMap | None = None
    background: str = ""
    closer_look: CloserLook | None = None

    @cached_property
    def network(self) -> "Backbone":
        """Return the network.

        Raises:
            ModelError: it is read from a file whose weights are not of that backbone.
        """
        return self.source.build() if isinstance(self.source, NetworkFile) else self.source

    @property
    def unread(self) -> NetworkFile | None:
        """Return the file of a network that nobody has asked for yet, and so cannot have changed."""
        return self.source if isinstance(self.source, NetworkFile) and "network" not in self.__dict__ else None

    @property
    def temperature(self) -> float:
        """Return what logits are divided by before the softmax."""
        return 1.0 if self.calibration is None else self.calibration.temperature


def load_model(name: str | Path) -> Model:
    """Return the model of a run folder, or the one in the box, its network in eval mode on the CPU.

    Args:
        name: see `run_folder`.

    Raises:
        MissingError: there is nothing of that name.
        ModelError: it is something else, is damaged, or was written by a newer version.
    """
    with timed(LOG, f"loading the model {name}") as found:
        model = _load(run_folder(Path(name)))
        found.note(backbone=model.backbone, fingerprint=model.fingerprint)
    return model


def _load(folder: Path) -> Model:
    if not folder.exists():
        raise MissingError(
            f"no model {folder}; `boxwright train` writes one, and {PRETRAINED} is in the box{_registered()}"
        )
    if not folder.is_dir():
        raise ModelError(f"{folder} is a file; a run folder with {MODEL_FILE} and {WEIGHTS} is needed")
    card = read_model_file(folder)
    weights = _read_bytes(folder / WEIGHTS)
    if weights_fingerprint(weights) != card.fingerprint:
        raise ModelError(f"{folder / WEIGHTS} is damaged, or belongs to another {MODEL_FILE}")
    return Model(
        NetworkFile(folder, card, weights),
        card.classes,
        card.geometry,
        card.backbone,
        card.model_fingerprint,
        card.calibration,
        card.locates,
        card.widths,
        UNSURE_BELOW if card.unsure_below is None else card.unsure_below,
        card.mapping,
        card.background,
        card.closer_look,
    )


def _registered() -> str:
    names = ", ".join(registered_names())
    return f"; the registry {REGISTRY} has {names}" if names else ""


def save_calibration(folder: Path, calibration: Calibration | None, *, unsure_below: float) -> None:
    """Put a temperature, or none, and below what confidence it is unsure, into the model.json of a run folder.

    Raises:
        ModelError: it has no sound model.json.
    """
    write_model_file(
        folder, read_model_file(folder).model_copy(update={"calibration": calibration, "unsure_below": unsure_below})
    )


def save_closer_look(folder: Path, closer_look: CloserLook | None) -> None:
    """Put when it looks again, or that it does not, into the model.json of a run folder.

    Raises:
        ModelError: it has no sound model.json.
    """
    write_model_file(folder, read_model_file(folder).model_copy(update={"closer_look": closer_look}))


def read_model_file(folder: Path) -> ModelDescription:
    """Return what the model.json of a run folder says.

    Raises:
        ModelError: there is none, it is no such thing, or what it names is not there.
    """
    path = folder / MODEL_FILE
    try:
        card = ModelDescription.model_validate_json(_read_bytes(path))
    except ValidationError as error:
        raise ModelError(flatten(error, str(path)).splitlines()[0]) from error
    if card.format != FORMAT:
        raise ModelError(f"{path}: format {card.format}, but this version of boxwright reads format {FORMAT}")
    if not card.classes:
        raise ModelError(f"{path}: classes: there are none")
    try:
        require_providers([(BACKBONES, card.backbone)], card.plugins)
        if not (card.backbone.startswith(TIMM_PREFIX) or BACKBONES.knows(card.backbone)):
            BACKBONES.choose(card.backbone, others=[f"{TIMM_PREFIX}NAME"])
    except (InputError, ModelError) as error:
        raise ModelError(f"{path}: {error}") from error
    return card


def write_model_file(folder: Path, card: ModelDescription) -> None:
    """Write the model.json of a run folder."""
    unneeded = {name for name in LATER if not getattr(card, name)}
    text = card.model_dump_json(indent=2, exclude=unneeded)
    write_text(folder / MODEL_FILE, text + "\n")


def weights_fingerprint(weights: bytes) -> str:
    """Return the hash that model.json holds of the file of weights."""
    return hashlib.sha256(weights).hexdigest()[:16]


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"{path.parent} is not a run folder: it has no {path.name}") from error
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
