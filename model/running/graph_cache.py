"""ONNX graphs of networks, kept in the user's cache: making one takes longer than classifying a picture."""

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import torch

from base.cache import cache_folder
from base.files import write_bytes
from model.networks.checkpoint import Model

LAYOUT = 1
"""Part of the files' names; raised when the graph of the same weights would be another."""

UNUSED_S = 30 * 24 * 3600
"""A file that was not asked for so long is deleted."""


def cached_graph(model: Model, make: Callable[[], bytes], *, folder: Path | None = None) -> bytes:
    """Return the graph of a model that was saved, made now where it is not kept; of others nothing is kept.

    A cache that cannot be read or written is as good as none.

    Args:
        model: its weights, temperature and backbone decide whether a graph is the same.
        make: makes the graph, and raises where it is no good.
        folder: of the cache; the user's when None.
    """
    if not model.fingerprint:
        return make()
    path = (folder or cache_folder("graphs")) / f"{_key(model)}.onnx"
    with contextlib.suppress(OSError):
        content = path.read_bytes()
        path.touch()
        return content
    content = make()
    with contextlib.suppress(OSError):
        write_bytes(path, content)
        _forget_unused(path.parent)
    return content


def _key(model: Model) -> str:
    content = hashlib.sha256(f"{LAYOUT} {torch.__version__} {model.backbone} {model.temperature}".encode())
    for name, tensor in sorted(model.network.state_dict().items()):
        content.update(f"{name} {tuple(tensor.shape)}".encode())
        content.update(tensor.cpu().contiguous().numpy().tobytes())
    return content.hexdigest()[:32]


def _forget_unused(folder: Path) -> None:
    for file in folder.glob("*.onnx"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > UNUSED_S:
                file.unlink()
