"""Imports torchvision also where its compiled operators cannot load, as happens with a CPU torch and a CUDA wheel."""

import importlib
import importlib.util
from types import ModuleType

import torch

from base.errors import ModelError

_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
"""The operators that torchvision's Python part registers a fallback for while it is imported."""

_libraries: list[torch.library.Library] = []  # a schema lives only as long as its library object


def import_torchvision() -> ModuleType:
    """Return torchvision, after declaring its missing operators where the compiled part cannot load.

    Healthy installations are left as they are. Without the compiled part, models and transforms work; operators
    such as nms do not.

    Raises:
        ModelError: torchvision is not installed, or cannot be imported even so.
    """
    try:
        return importlib.import_module("torchvision")
    except ImportError as error:
        raise ModelError("torchvision is not installed; install it, or choose a backbone of boxwright's own") from error
    except RuntimeError as error:
        if "does not exist" not in str(error):
            raise ModelError(f"torchvision cannot be imported: {error}") from error
    _declare_missing()
    try:
        return importlib.import_module("torchvision")
    except (ImportError, RuntimeError) as error:
        raise ModelError(f"torchvision cannot be imported: {error}") from error


def _declare_missing() -> None:
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]  # torch leaves it untyped
    for name, schema in _SCHEMAS.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)  # type: ignore[no-untyped-call]  # as above
    _libraries.append(library)


def state() -> str:
    """Return in words how torchvision is installed here."""
    if importlib.util.find_spec("torchvision") is None:
        return "not installed"
    try:
        extension = importlib.import_module(f"{import_torchvision().__name__}.extension")
    except ModelError as error:
        return str(error)
    loaded = bool(extension._has_ops())
    return "compiled operators loaded" if loaded else "compiled operators missing; models and transforms work"
