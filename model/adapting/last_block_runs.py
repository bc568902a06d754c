"""Cross-validation of the last block: a lesson for each fold and one on all, of maps that are computed once for all."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from base.arrays import Indices
from base.files import claim_folder
from model.adapting.last_block import Taught, teach_last_block
from model.adapting.stage_maps import VERSIONS, StageMaps, compute_stage_maps
from model.learning.training_settings import TrainSettings
from model.networks.checkpoint import save_model
from model.networks.model_folders import MODEL_FILE
from model.running.predict import predict_files
from model.splitting.folds import name_of, read_split
from model.splitting.overlap import load_seen, save_seen
from model.training.crossval import FINAL, OOF, CrossValidation, OnFoldEpoch
from model.training.decoded import TrainingData, read_plan
from model.training.epochs import TrainingProgress
from model.training.out_of_fold import Guess, OutOfFold, read_guesses, write_guesses
from model.training.plan import TrainingPlan, TrainingSources
from model.training.run_folder import RunSettings, write_epochs, write_settings
from model.training.train import prepare_training

MAPS_A_REPORT = 8
"""Pictures whose maps are computed between two reports of progress."""


def cross_validate_last_block(
    real: Path, *, split: Path, out: Path, settings: TrainSettings, on_progress: OnFoldEpoch
) -> CrossValidation:
    """Teach the last block of `settings.init` once for each fold and once on all, as `cross_validate` trains networks.

    It takes seconds, so that what was stopped is done again, and comes to the same; what was finished is kept.

    Args:
        real: class folders, each picture of which gets a prediction by a model that has not learned it.
        split: the file of the folds.
        out: gets oof.csv and the run folder `final`, which is written last.
        settings: of every lesson; nothing is held out beside the folds.
        on_progress: see `OnFoldEpoch`.

    Raises:
        MissingError, InputError, ModelError, TrainingError: as `train`.
    """
    final = out / FINAL
    if (final / MODEL_FILE).exists():
        return CrossValidation(out, OutOfFold(read_guesses(out / OOF)), final)
    plan, run = prepare_training(TrainingSources(None, real, None), settings.model_copy(update=_ALONE))
    claim_folder(out, overwrite=out.exists())
    lessons = _Lessons.prepare(plan, run, on_progress)
    oof = lessons.guess(real, split, on_progress)
    write_guesses(out / OOF, oof.guesses, oof.classes)
    lessons.save(final, on_progress)
    return CrossValidation(out, oof, final)


_ALONE = {"device": "cpu", "threads": 1, "val_share": 0.0}


@dataclass(frozen=True)
class _Lessons:
    """What is taught, decoded, and the maps of all of it."""

    plan: TrainingPlan
    run: RunSettings
    data: TrainingData
    maps: Sequence[StageMaps]

    @classmethod
    def prepare(cls, plan: TrainingPlan, run: RunSettings, on_progress: OnFoldEpoch) -> "_Lessons":
        """Read the pictures, and compute their maps."""
        data = read_plan(plan, run.settings, on_read=_reading(on_progress))
        real = data.mixture.real
        maps = list[StageMaps]()
        for first in range(0, len(real), MAPS_A_REPORT):
            some = slice(first, first + MAPS_A_REPORT)
            items = [each.content for each in real.signatures[some]]
            maps += compute_stage_maps(plan.start, real.pixels[some], items)
            on_progress("maps", TrainingProgress("reading", len(maps), len(real)))
        return cls(plan, run, data, maps)

    def teach(self, rows: Indices, what: str, on_progress: OnFoldEpoch) -> Taught:
        """Teach those rows."""
        total = len(rows) * self.run.settings.epochs
        on_progress(what, TrainingProgress("training", 0, total))
        labels = self.data.mixture.real.labels[rows]
        taught = teach_last_block(self.plan.start, [self.maps[row] for row in rows], labels, self.run.settings)
        on_progress(what, TrainingProgress("training", total, total))
        return taught

    def guess(self, folder: Path, split: Path, on_progress: OnFoldEpoch) -> OutOfFold:
        """Return what the last block that did not learn a picture makes of it, for all of them."""
        dealt = read_split(split)
        fold_of = {row.file_name: row.fold for row in dealt.rows}
        names = {example.path: name_of(example, folder) for example in self.plan.real}
        real, classes = self.data.mixture.real, self.plan.start.classes
        shown = [names[each.path] for each in real.signatures]
        folds = np.array([fold_of[name] for name in shown])
        guesses = list[Guess]()
        for number in range(dealt.folds):
            held_out = np.flatnonzero(folds == number).tolist()
            if not held_out:
                continue
            what = f"fold {number + 1} of {dealt.folds}"
            taught = self.teach(np.flatnonzero(folds != number), what, on_progress)
            # by all that readers do of a model, as they will of the one that is kept
            found = predict_files(taught.model(self.plan.start), [real.signatures[row].path for row in held_out])
            guesses += [
                Guess(shown[row], classes[real.labels[row]], number, classes, said.probabilities, said.error or "")
                for row, said in zip(held_out, found, strict=True)
            ]
        return OutOfFold(tuple(sorted(guesses, key=lambda guess: guess.file_name)))

    def save(self, folder: Path, on_progress: OnFoldEpoch) -> None:
        """Teach all of it, and write the run folder, the model last."""
        taught = self.teach(np.arange(len(self.maps)), FINAL, on_progress)
        folder.mkdir()
        write_settings(folder, self.run.model_copy(update={"last_block": VERSIONS}))
        write_epochs(folder, taught.epochs)
        seen, _ = self.data.seen()
        earlier = load_seen(self.run.settings.init) if self.run.settings.init else None
        save_seen(seen if earlier is None else seen | earlier, folder)
        record = {"settings": self.run.settings.model_dump(mode="json"), "data": self.data.fingerprints}
        model = taught.model(self.plan.start)
        save_model(model, folder, training=record | {"last_block": VERSIONS, "epoch": asdict(taught.epochs[-1])})


def _reading(on_progress: OnFoldEpoch) -> Callable[[int, int], None]:
    return lambda done, total: on_progress("labels", TrainingProgress("reading", done, total))
