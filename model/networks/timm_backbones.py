"""Networks of timm by name, as they are: every convolutional one, and transformers that take any size."""

import importlib
from types import ModuleType
from typing import Any

import torch
from torch import nn

from base.errors import InputError, ModelError, in_one_line, unknown_choice
from model.networks.backbone_catalogue import TIMM_PREFIX
from model.networks.network import Backbone, Standardize
from model.networks.published_weights import fetch_weights
from model.networks.torchvision_shim import import_torchvision

_PROBE_PX = (48, 80)
"""(height, width); not square, and no multiples of 32: what takes this takes crops."""


def timm_backbone(name: str, classes: int, *, pretrained: bool) -> Backbone:
    """Return a network of timm, its own head taken off, its normalization the one of its published weights.

    Args:
        name: with or without the tag that says which weights are meant, such as `resnet18.a1_in1k`.
        classes: how many.
        pretrained: load the published weights.

    Raises:
        InputError: timm has no network or weights of that name, or it takes one size of pictures only.
        ModelError: timm is not installed, or the weights do not fit.
        MissingError: the weights are not there and cannot be fetched.
    """
    timm = _import_timm()
    _check_name(timm, name)
    config = timm.get_pretrained_cfg(name)
    overlay = _weights(name, config) if pretrained else {}
    body = _create(timm, name, pretrained=pretrained, pretrained_cfg_overlay=overlay)
    normalization = Standardize(tuple(config.mean), tuple(config.std))
    return Backbone(body, width=_features(name, body), classes=classes, normalization=normalization)


def _import_timm() -> ModuleType:
    import_torchvision()  # timm imports it, and would trip over operators that are missing
    try:
        return importlib.import_module("timm")
    except ImportError as error:
        raise ModelError("timm is not installed; pip install 'boxwright[timm]' brings it") from error


def _check_name(timm: ModuleType, name: str) -> None:
    known = timm.list_pretrained() if "." in name else timm.list_models()
    if name not in known:
        raise unknown_choice("timm network", name, known)


def _create(timm: ModuleType, name: str, **options: Any) -> nn.Module:  # noqa: ANN401  # timm's own, of many types
    if timm.get_pretrained_cfg(name).fixed_input_size:
        options["dynamic_img_size"] = True
    try:
        network: nn.Module = timm.create_model(name, num_classes=0, **options)
    except TypeError as error:  # it knows no such option
        raise _unfit(name, error) from error
    except Exception as error:  # the readers behind timm raise errors of many kinds
        raise ModelError(f"timm cannot build {name}: {in_one_line(error)}") from error
    return network


def _features(name: str, body: nn.Module) -> int:
    """Return how many features the body gives, after showing it one picture."""
    try:
        with torch.no_grad():
            features = body.eval()(torch.zeros(1, 3, *_PROBE_PX))
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:
        raise _unfit(name, error) from error
    body.train()
    return int(features.shape[1])


def _unfit(name: str, error: Exception) -> InputError:
    height, width = _PROBE_PX
    return InputError(
        f"{TIMM_PREFIX}{name} does not take a picture of {width} x {height} px, and a crop squeezed into a square "
        "would be unreadable; choose a convolutional network, or a transformer that timm builds with dynamic_img_size "
        f"({in_one_line(error)})"
    )


def _weights(name: str, config: Any) -> dict[str, object]:  # noqa: ANN401  # timm's own
    """Return what tells timm to read the published weights from a file, which is fetched where need be."""
    if config.hf_hub_id:
        file = config.hf_hub_filename or "model.safetensors"
        url = f"https://huggingface.co/{config.hf_hub_id}/resolve/main/{file}"
        path = fetch_weights(url, name=f"{config.hf_hub_id.replace('/', '--')}--{file}")
        return {"file": str(path), "custom_load": False}
    if config.url:
        return {"file": str(fetch_weights(config.url))}
    raise InputError(f"timm has no weights for {name}; `timm.list_pretrained()` lists the networks that have some")
