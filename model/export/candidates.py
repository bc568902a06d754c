"""Models of one origin side by side: what each weighs, how quick it is, and what it gets right on the same crops."""

import shutil
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import ModelError
from base.progress import Bar
from model.evaluation.compare import compare
from model.evaluation.judged import Judged, judge
from model.export.compression_result import Paired, Stage
from model.export.export import export_model
from model.export.network_speed import MOST_TIMED, time_in_turns
from model.export.quantization import MOST_CALIBRATION
from model.labelled_folders.folders import Example
from model.networks.model_folders import WEIGHTS, run_folder
from model.networks.trained_model import Model
from model.running.any_model import AnyModel, load_any_model

INT8 = "int8.onnx"
"""The name, in a run folder, of its model in 8-bit integers."""


@dataclass(frozen=True)
class Candidate:
    """A model to measure, and what is known of it beforehand; see `Stage`."""

    name: str
    model: AnyModel
    path: str
    bytes: int
    parameters: int


@dataclass(frozen=True)
class Contenders:
    """What to measure, the model before first, and why others could not be made, by their names."""

    found: list[Candidate] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, model: Model, folder: Path) -> None:
        """Add the model of a run folder."""
        folder = run_folder(folder)
        size = (folder / WEIGHTS).stat().st_size
        self.found.append(Candidate(name, model, str(folder), size, _count_parameters(model)))

    def add_int8(self, name: str, model: Model, crops: Path, *, keep: Path | None) -> None:
        """Add a model in 8-bit integers, calibrated on crops, or note that it does not agree with it.

        Args:
            name: of the stage.
            model: of a run folder.
            crops: see `calibration_crops`.
            keep: a folder for the file; None throws it away.
        """
        with tempfile.TemporaryDirectory() as temporary:
            path = (keep or Path(temporary)) / INT8
            try:
                size = export_model(model, path, format_name="onnx-int8", real=crops).bytes
            except ModelError as error:
                self.refused[name] = str(error)
                return
            exported = load_any_model(path)
        self.found.append(Candidate(name, exported, str(keep / INT8) if keep else "", size, _count_parameters(model)))


def calibration_crops(examples: Sequence[Example], folder: Path) -> Path:
    """Copy some of the examples, spread over all, into `folder`; return it."""
    step = -(-len(examples) // MOST_CALIBRATION)
    for number, example in enumerate(examples[::step]):
        (folder / example.label).mkdir(exist_ok=True)
        shutil.copyfile(example.path, folder / example.label / f"{number}{example.path.suffix}")
    return folder


def measure_candidate(
    candidates: Sequence[Candidate], examples: Sequence[Example], *, rounds: int, most_loss: float, bar: Bar
) -> tuple[tuple[Stage, ...], int]:
    """Return what each model comes to, and the number of crops that speed was measured on.

    Raises:
        InputError: no example can be read.
    """
    base, _ = judge(candidates[0].model, examples, on_progress=bar("classifying"))
    judged = [base, *(judge(each.model, base.examples)[0] for each in candidates[1:])]
    step = -(-len(base) // MOST_TIMED)
    timed = base.examples[::step]
    seconds = time_in_turns([each.model for each in candidates], timed, rounds, bar)
    stages = []
    for candidate, found, spent in zip(candidates, judged, seconds, strict=True):
        ratios = [first / own for first, own in zip(seconds[0], spent, strict=True)]
        paired = None if found is base else _pair(found, base)
        stages.append(
            Stage(
                name=candidate.name,
                path=candidate.path,
                bytes=candidate.bytes,
                parameters=candidate.parameters,
                images_per_s=len(timed) / statistics.median(spent),
                speed=statistics.median(ratios),
                right=int(found.right.sum()),
                n=len(found),
                paired=paired,
                within_bound=None if paired is None else 100 * paired.interval[0] >= -most_loss,
            )
        )
    return tuple(stages), len(timed)


def _pair(found: Judged, base: Judged) -> Paired:
    return Paired.of(compare(found, base, name="before").counts)


def _count_parameters(model: Model) -> int:
    return sum(weights.numel() for weights in model.network.parameters())
