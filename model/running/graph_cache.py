"""ONNX graphs of networks, kept in the user's cache: making one takes longer than classifying a picture."""

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from base.cache import cache_folder
from base.files import write_bytes
from model.networks.trained_model import Model, weights_fingerprint

LAYOUT = 2
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
    text = f"{LAYOUT} {_weights(model)} {model.backbone} {len(model.classes)} {model.temperature}"
    text += f" two stages {model.classes.index(model.background)}" if model.background else ""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _weights(model: Model) -> str:
    """Return the hash of the weights as they are now: a network in memory may have learned since it was read."""
    if model.unread is not None:
        return model.unread.card.fingerprint
    from model.networks.checkpoint import weights_of

    return weights_fingerprint(weights_of(model.network))


def _forget_unused(folder: Path) -> None:
    for file in folder.glob("*.onnx"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > UNUSED_S:
                file.unlink()
