"""Making a model smaller and quicker: pruning, fine-tuning and 8-bit integers, measured beside the model before."""

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from base.counting import counted
from base.errors import InputError, ModelError
from base.progress import Bar, OnProgress, mute_bar
from base.settings import Settings
from model.export.candidates import Contenders, calibration_crops, measure_candidate
from model.export.compression_result import Compression
from model.labelled_folders.folders import Example, read_examples
from model.networks.model_folders import run_folder
from model.networks.trained_model import Model, load_model
from model.splitting.overlap import find_overlap
from model.training.plan import TrainingPlan, TrainingSources
from model.training.train import TrainingProgress, TrainSettings, prepare_training, train


class CompressSettings(Settings):
    """How to compress; `[compress]` of boxwright.toml."""

    ratio: float = Field(default=0.5, gt=0, lt=1, description="share of each layer's channels that is taken out")
    epochs: int = Field(default=10, ge=1, description="of the fine-tuning")
    int8: bool = Field(default=False, description="quantize as well")
    most_loss: float = Field(default=2.0, ge=0, description="points of accuracy that may be lost at worst")
    rounds: int = Field(default=9, ge=1, description="passes whose median is the speed")
    seed: int = Field(default=0, ge=0)
    threads: int | None = Field(default=None, ge=1, description="for the fine-tuning")

    def to_training(self, run: Path, *, hold_out: bool) -> TrainSettings:
        """Return the settings of the fine-tuning."""
        share = {} if hold_out else {"val_share": 0.0}
        given = {"epochs": self.epochs, "seed": self.seed, "threads": self.threads, **share}
        return TrainSettings.model_validate({"init": run, "prune": self.ratio, **given})


def compress_model(
    run: Path,
    sources: TrainingSources,
    *,
    out: Path,
    settings: CompressSettings,
    test: Path | None = None,
    overwrite: bool = False,
    on_progress: Bar | None = None,
) -> Compression:
    """Prune a model, fine-tune what is left into a run folder, and measure it beside the model before.

    Args:
        run: the run folder of the model, or `pretrained`; it stays as it is.
        sources: class folders to fine-tune on.
        out: the run folder of the pruned model, as of a training; with `int8` it gets int8.onnx and int8.json too.
        settings: see `CompressSettings`.
        test: class folders to measure on; else what the fine-tuning holds out of `sources`.
        overwrite: delete what an earlier run left in `out`.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError: a folder or the model does not exist.
        InputError: the network cannot be pruned, a folder is not what it should be, or nothing is held out.
        ModelError: the model is damaged, or a package is missing.
        OutputExistsError: `out` is not empty.
        TrainingError: the loss is not finite.
    """
    bar = on_progress or mute_bar
    training = settings.to_training(run, hold_out=test is None)
    before = load_model(run)
    if run_folder(run).resolve().is_relative_to(out.resolve()):
        raise InputError(f"{out} holds the model to compress; name another folder with --out")
    plan, _ = prepare_training(sources, training)
    examples = plan.val if test is None else _read_test(test, plan)
    if not examples:
        raise InputError("nothing is held out to measure on; name class folders with --test")
    if settings.int8:
        _require_onnx()
    result = train(
        sources.synthetic, sources.real, out=out, settings=training, overwrite=overwrite, on_progress=_report(bar)
    )
    candidates = Contenders()
    candidates.add("before", before, run)
    candidates.add("pruned", result.model, out)
    if settings.int8:
        _quantize(candidates, before, result.model, plan, out)
    seen = {run: find_overlap(run_folder(run), examples)}
    seen[out] = result.overlap if test is None else find_overlap(out, examples)
    stages, timed = measure_candidate(
        candidates.found, examples, rounds=settings.rounds, most_loss=settings.most_loss, bar=bar
    )
    return Compression(
        stages,
        "held out of the sources" if test is None else f"of {test}",
        settings.most_loss,
        timed,
        settings.rounds,
        candidates.refused,
        tuple(f"{name}: {overlap.to_text()}" for name, overlap in seen.items() if overlap),
    )


def _read_test(folder: Path, plan: TrainingPlan) -> list[Example]:
    examples = read_examples(folder, plan.start.classes, part="test", mapping=plan.start.mapping)
    trained = {example.path.resolve() for example in (*plan.synthetic, *plan.real)}
    both = [example.path for example in examples if example.path.resolve() in trained]
    if both:
        raise InputError(
            f"{counted(len(both), 'picture')} of {folder} would be trained on, as {both[0]}; test on others"
        )
    return examples


def _require_onnx() -> None:
    """Miss packages now and not after the training."""
    for name in ("onnx", "onnxruntime"):
        if importlib.util.find_spec(name) is None:
            raise ModelError(f"quantizing needs a package ({name}): pip install 'boxwright[export]'")


def _quantize(candidates: Contenders, before: Model, pruned: Model, plan: TrainingPlan, out: Path) -> None:
    """Add both models in 8-bit integers, calibrated on crops that are trained on: real ones where there are any."""
    with tempfile.TemporaryDirectory() as folder:
        crops = calibration_crops(plan.real or plan.synthetic, Path(folder))
        candidates.add_int8("before, int8", before, crops, keep=None)
        candidates.add_int8("pruned, int8", pruned, crops, keep=out)


def _report(bar: Bar) -> Callable[[TrainingProgress], None]:
    """Return what shows each stage of a training in a bar of its own."""
    bars: dict[str, OnProgress] = {}

    def report(progress: TrainingProgress) -> None:
        if progress.stage not in bars:
            bars[progress.stage] = bar(progress.stage)
        bars[progress.stage](progress.done, progress.total)

    return report
