"""Published weights: found in torch's cache, fetched where they are not, or an error that says what to fetch."""

import http.client
import pickle
import re
from pathlib import Path
from typing import Any

import torch

from base.errors import MissingError, ModelError, in_one_line

_HASH = re.compile(r"-([a-f0-9]{8,})\.")
"""torch names files of weights after the beginning of their SHA-256."""


def fetch_weights(url: str, *, name: str | None = None) -> Path:
    """Return the file of that address in `$TORCH_HOME/hub/checkpoints`, after fetching it where it is not there.

    Args:
        url: an official address of weights.
        name: the file's name in the cache; the last part of the address when None.

    Raises:
        MissingError: it is not there and cannot be fetched.
    """
    file_name = name or url.rsplit("/", 1)[-1]
    path = Path(torch.hub.get_dir()) / "checkpoints" / file_name
    if path.exists():
        return path
    prefix = _HASH.search(file_name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path), prefix.group(1) if prefix else None, progress=False)
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        reason = in_one_line(error)
        raise MissingError(f"cannot fetch weights ({reason}); get {url} elsewhere and put it at {path}") from error
    return path


def read_weights(path: Path) -> dict[str, Any]:
    """Return the state of a network that torch saved.

    Raises:
        ModelError: the file is something else, or is cut short.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise ModelError(f"{path} is not a file of weights; delete it, and it is fetched again") from error
    if not isinstance(state, dict):
        raise ModelError(f"{path} holds no network's state; delete it, and it is fetched again")
    return state
