"""Where models lie and what their folders hold, for those who need no network: it loads without torch."""

from collections.abc import Iterator
from pathlib import Path

WEIGHTS = "weights.safetensors"
MODEL_FILE = "model.json"
SETTINGS_FILE, METRICS_FILE = "settings.json", "metrics.jsonl"
"""What a training was begun with, and a row for each of its epochs."""
STATE_FILE = "state.pt"
"""What an unfinished training goes on from."""
GRAPH = "graph.onnx"
"""What ONNX Runtime reads, of the model in the box: it refers to the weights beside it."""
CHECKPOINTS = "checkpoints"
"""The folder, in a run folder, of the models of some of its epochs."""
CANDIDATE = "candidate"
"""The folder, in a round of a loop, of models that have still to show that they are no worse."""
PRETRAINED = "pretrained"
"""The name of the model in the box, which was trained on synthetic crops alone, wherever a run folder is named."""

PRETRAINED_FOLDER = Path(__file__).parents[1] / "pretrained"
"""The folder of that model; the README.md in it says what it is made of."""


def run_folder(name: Path) -> Path:
    """Return the folder that is meant.

    What there is of that name is what is meant. Where there is nothing, `pretrained` is the model in the box, and any
    other name one of a registry, as `current`.

    Raises:
        ModelError: the registry's file is damaged.
    """
    if name.exists():
        return name
    if name == Path(PRETRAINED):
        return PRETRAINED_FOLDER
    from model.networks.registry_file import registered_folder  # here, because it loads pydantic

    return registered_folder(name) or name


def find_runs(runs: Path) -> Iterator[Path]:
    """Yield the folders below `runs`, at any depth, that hold a model; checkpoints and candidates are passed over."""
    for card in runs.rglob(MODEL_FILE):
        if (card.parent / WEIGHTS).exists() and not {CHECKPOINTS, CANDIDATE} & set(card.relative_to(runs).parts):
            yield card.parent


def newest_run(runs: Path) -> Path:
    """Return the folder of `find_runs` whose model was written last, or the name of the one in the box."""
    return max(find_runs(runs), key=_written, default=Path(PRETRAINED))


def _written(folder: Path) -> tuple[int, Path]:
    return (folder / MODEL_FILE).stat().st_mtime_ns, folder
