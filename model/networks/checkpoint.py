"""Saving a network into its run folder, and building it again from what lies there."""

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch

from base.errors import InputError, ModelError, in_one_line
from base.files import atomic_open
from base.plugins import name_providers
from model.networks.backbone_catalogue import BACKBONES
from model.networks.backbones import Backbone, build_backbone, channels_last
from model.networks.model_folders import MODEL_FILE, WEIGHTS
from model.networks.trained_model import FORMAT, Model, ModelDescription, weights_fingerprint, write_model_file
from model.networks.two_stages import set_two_stages
from model.networks.widths import set_widths


def save_model(model: Model, folder: Path, *, training: dict[str, Any]) -> Model:
    """Write weights and model.json into `folder`; return the model with its fingerprint.

    Args:
        model: its fingerprint is not read, and neither is its calibration, which was for other weights.
        folder: exists, and is the caller's to write.
        training: what to record about the run, as JSON values.
    """
    weights = weights_of(model.network)
    saved = replace(model, source=model.network, fingerprint=weights_fingerprint(weights), calibration=None)
    card = ModelDescription(
        format=FORMAT,
        classes=model.classes,
        backbone=model.backbone,
        geometry=model.geometry,
        fingerprint=saved.fingerprint,
        locates=model.locates,
        widths=model.widths,
        mapping=model.mapping,
        background=model.background,
        closer_look=model.closer_look,
        training=training,
        plugins=name_providers([(BACKBONES, model.backbone)]),
    )
    with atomic_open(folder / WEIGHTS) as file:
        file.write(weights)
    write_model_file(folder, card)
    return replace(saved, fingerprint=card.model_fingerprint)


def weights_of(network: Backbone) -> bytes:
    """Return the weights as the file of a run folder holds them."""
    return safetensors.torch.save({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()})


def build_network(card: ModelDescription, weights: bytes, folder: Path) -> Backbone:
    """Return the network that a run folder holds, in eval mode on the CPU.

    Raises:
        ModelError: the weights are not of that backbone, or it cannot be built.
    """
    try:
        with torch.random.fork_rng(devices=[]):  # the random weights are not kept
            network = build_backbone(card.backbone, len(card.classes))
            if card.background:
                set_two_stages(network, card.classes, card.background)
            set_widths(network, card.widths or {})
            channels_last(network)
    except (InputError, ModelError) as error:
        raise ModelError(f"{folder / MODEL_FILE}: {error}") from error
    try:
        network.load_state_dict(safetensors.torch.load(weights))
    except (safetensors.SafetensorError, RuntimeError, struct.error) as error:
        raise ModelError(f"{folder / WEIGHTS} does not fit backbone {card.backbone}: {in_one_line(error)}") from error
    return network.eval()
