"""Saving a model into its run folder, and loading it again only when every part of it is sound."""

import hashlib
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from pydantic import Field, ValidationError

from base.errors import InputError, MissingError, ModelError, in_one_line
from base.files import atomic_open, write_text
from base.plugins import name_providers, require_providers
from base.settings import Settings, flatten
from base.timing import package_log, timed
from model.networks.backbone_catalogue import BACKBONES
from model.networks.backbones import Backbone, build_backbone, channels_last
from model.networks.model_folders import MODEL_FILE, PRETRAINED, WEIGHTS, run_folder
from model.networks.widths import Widths, set_widths
from model.reading.crop_fitting import Geometry

LOG = package_log(__name__)

FORMAT = 1
"""The version of the run folder's layout; raised when a reader of the old layout would go wrong."""


class Calibration(Settings):
    """A temperature that was fitted on `n` labelled pictures, whose bytes and labels `data` is the hash of.

    The NLL is that of these pictures without a temperature and, cross-fitted, with one.
    """

    temperature: float = Field(gt=0, allow_inf_nan=False)
    n: int
    nll_before: float
    nll_after: float
    data: str


@dataclass(frozen=True)
class Model:
    """A trained network and all that is needed to use it rightly.

    `fingerprint` tells apart models that can answer differently: by weights, and by temperature where there is one.
    `locates`: the network was taught where widgets are, and of what kind. `widths` are those of pruned layers.
    """

    network: Backbone
    classes: tuple[str, ...]
    geometry: Geometry
    backbone: str
    fingerprint: str = ""
    calibration: Calibration | None = None
    locates: bool = False
    widths: Widths | None = None

    @property
    def temperature(self) -> float:
        """Return what logits are divided by before the softmax."""
        return 1.0 if self.calibration is None else self.calibration.temperature


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
    plugins: dict[str, str] = Field(default={}, description="the distribution of a backbone that is not built in")

    @property
    def model_fingerprint(self) -> str:
        """Return the fingerprint of weights and temperature together."""
        return self.fingerprint + (f"-T{self.calibration.temperature:g}" if self.calibration else "")


def save_model(model: Model, folder: Path, *, training: dict[str, Any]) -> Model:
    """Write weights and model.json into `folder`; return the model with its fingerprint.

    Args:
        model: its fingerprint is not read, and neither is its calibration, which was for other weights.
        folder: exists, and is the caller's to write.
        training: what to record about the run, as JSON values.
    """
    state = {name: tensor.cpu().contiguous() for name, tensor in model.network.state_dict().items()}
    weights = safetensors.torch.save(state)
    saved = replace(model, fingerprint=_fingerprint(weights), calibration=None)
    card = ModelDescription(
        format=FORMAT,
        classes=model.classes,
        backbone=model.backbone,
        geometry=model.geometry,
        fingerprint=saved.fingerprint,
        locates=model.locates,
        widths=model.widths,
        training=training,
        plugins=name_providers([(BACKBONES, model.backbone)]),
    )
    with atomic_open(folder / WEIGHTS) as file:
        file.write(weights)
    _write_card(folder, card)
    return saved


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
        raise MissingError(f"no model {folder}; `boxwright train` writes one, and {PRETRAINED} is in the box")
    if not folder.is_dir():
        raise ModelError(f"{folder} is a file; a run folder with {MODEL_FILE} and {WEIGHTS} is needed")
    card = _read_card(folder / MODEL_FILE)
    weights = _read_bytes(folder / WEIGHTS)
    if _fingerprint(weights) != card.fingerprint:
        raise ModelError(f"{folder / WEIGHTS} is damaged, or belongs to another {MODEL_FILE}")
    network = _build(card, folder / MODEL_FILE)
    try:
        network.load_state_dict(safetensors.torch.load(weights))
    except (safetensors.SafetensorError, RuntimeError, struct.error) as error:
        raise ModelError(f"{folder / WEIGHTS} does not fit backbone {card.backbone}: {in_one_line(error)}") from error
    return Model(
        network.eval(),
        card.classes,
        card.geometry,
        card.backbone,
        card.model_fingerprint,
        card.calibration,
        card.locates,
        card.widths,
    )


def save_calibration(folder: Path, calibration: Calibration | None) -> None:
    """Put a temperature into the model.json of a run folder, or take it out.

    Raises:
        ModelError: it has no sound model.json.
    """
    card = _read_card(folder / MODEL_FILE).model_copy(update={"calibration": calibration})
    _write_card(folder, card)


def _write_card(folder: Path, card: ModelDescription) -> None:
    # earlier versions, which know no plugins, read what needs none
    text = card.model_dump_json(indent=2, exclude=None if card.plugins else {"plugins"})
    write_text(folder / MODEL_FILE, text + "\n")


def _fingerprint(weights: bytes) -> str:
    return hashlib.sha256(weights).hexdigest()[:16]


def _read_card(path: Path) -> ModelDescription:
    try:
        card = ModelDescription.model_validate_json(_read_bytes(path))
    except ValidationError as error:
        raise ModelError(flatten(error, str(path)).splitlines()[0]) from error
    if card.format != FORMAT:
        raise ModelError(f"{path}: format {card.format}, but this version of boxwright reads format {FORMAT}")
    return card


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"{path.parent} is not a run folder: it has no {path.name}") from error
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error


def _build(card: ModelDescription, path: Path) -> Backbone:
    if not card.classes:
        raise ModelError(f"{path}: classes: there are none")
    try:
        require_providers([(BACKBONES, card.backbone)], card.plugins)
        with torch.random.fork_rng(devices=[]):  # the random weights are not kept
            network = build_backbone(card.backbone, len(card.classes))
            set_widths(network, card.widths or {})
            return channels_last(network)
    except (InputError, ModelError) as error:
        raise ModelError(f"{path}: {error}") from error
