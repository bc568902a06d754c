"""A finder as it lies in a folder: what it is, its weights, and the graph that ONNX Runtime reads."""

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from base.errors import MissingError, ModelError
from base.settings import Settings, flatten
from model.networks.model_folders import GRAPH, PRETRAINED, PRETRAINED_FOLDER, WEIGHTS
from model.networks.trained_model import weights_fingerprint

FINDER_FILE = "finder.json"
"""What tells a folder with a finder."""

FINDER_FORMAT = 1
"""The version of the folder's layout; raised when a reader of the old layout would go wrong."""

PRETRAINED_FINDER = PRETRAINED_FOLDER / "finder"
"""The finder in the box, which was trained on synthetic screenshots alone."""


class Belief(Settings):
    """How sure to be that a candidate is a widget: two logistic regressions, fitted on synthetic screenshots.

    Attributes:
        score: seen alone, weight of the finder's logit.
        crop: weight of the logit, by the network that reads crops, that it is a widget.
        bias: added to both.
        company: weights of what speaks for it once the others are known, by the names of `EVIDENCE`, and their `bias`;
            empty where all is seen alone.
        doubt: taken from the finder's logit of what is seen on a picture made larger, on which it says too much.
        least: candidates of a lower logit are not even read.
        least_hint: what is of a lower logit is not worth a closer look.
    """

    score: float = 1.0
    crop: float = 0.0
    bias: float = 0.0
    company: dict[str, float] = Field(default={})
    doubt: float = 0.25
    least: float = -1.25
    least_hint: float = -1.5


class FinderDescription(Settings):
    """What finder.json holds."""

    format: int
    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    fingerprint: str
    belief: Belief = Belief()
    training: dict[str, Any] = Field(default={})

    @property
    def finder_fingerprint(self) -> str:
        """Return the fingerprint of weights and belief together: finders that differ in either may answer otherwise."""
        return weights_fingerprint(f"{self.fingerprint} {self.belief.model_dump_json()}".encode())


def finder_folder(name: str | Path | None) -> Path:
    """Return the folder of a finder, that of the one in the box where none is named, or `pretrained`.

    Raises:
        MissingError: there is none of that name.
        ModelError: it holds no finder.
    """
    folder = PRETRAINED_FINDER if name is None else Path(name)
    if folder == Path(PRETRAINED) and not folder.exists():
        folder = PRETRAINED_FINDER
    if not folder.exists():
        raise MissingError(f"no finder {folder}; leave it out for the one in the box")
    if not (folder / FINDER_FILE).is_file():
        raise ModelError(f"{folder} is not a finder's folder: it has no {FINDER_FILE}")
    return folder


def read_finder_file(folder: Path) -> FinderDescription:
    """Return what the finder.json of a folder says.

    Raises:
        ModelError: it or the weights are damaged, or it was written by a newer version.
    """
    path = folder / FINDER_FILE
    try:
        card = FinderDescription.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ModelError(flatten(error, str(path)).splitlines()[0]) from error
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    if card.format != FINDER_FORMAT:
        raise ModelError(f"{path}: format {card.format}, but this version of boxwright reads format {FINDER_FORMAT}")
    missing = [name for name in (GRAPH, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder} has no {missing[0]}")
    if weights_fingerprint((folder / WEIGHTS).read_bytes()) != card.fingerprint:
        raise ModelError(f"{folder / WEIGHTS} is damaged, or belongs to another {FINDER_FILE}")
    return card
