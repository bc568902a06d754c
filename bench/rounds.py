"""How hard a round of `boxwright loop` should train all layers: on a hundred labels of screens that are new to it.

    python bench/rounds.py DIR... [--model pretrained] [--synthetic DIR] [--labels 100] [--seeds 2]

Each DIR holds labelled crops of one application as class folders. For each seed 40 % of its looks are tested on, and
labels are drawn at random from the rest. Prints the mean accuracy over seeds for each DIR and setting.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from active.replay.learners import FineTuning
from active.replay.simulate import divide, read_pool
from base.arrays import Indices
from boxwright import Example, Model, SimulateSettings, TrainSettings, load_model, read_examples
from model.adapting.finetune import fine_tune
from model.learning.batches import BALANCES, NOTHING, Mixture, TrainingSet, decode_examples
from model.running.torch_scorer import scorer


@dataclass(frozen=True)
class Tuning:
    """Epochs, height of the learning rate, and how many synthetic crops are learned from with each epoch's labels."""

    epochs: int
    learning_rate: float
    synthetic: int


TUNINGS = (
    Tuning(4, 5e-4, 0),
    Tuning(20, 5e-4, 0),
    Tuning(20, 1e-3, 0),
    Tuning(20, 1e-3, 100),
    Tuning(40, 1e-3, 100),
)


def main() -> None:
    """Train with each setting and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", type=Path, default=Path("pretrained"))
    parser.add_argument("--synthetic", type=Path)
    parser.add_argument("--labels", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    drawn = NOTHING
    if arguments.synthetic:
        drawn = _decode(read_examples(arguments.synthetic, model.classes), model)
    tunings = [each for each in TUNINGS if arguments.synthetic or not each.synthetic]
    print("folder", "start", *tunings, sep=" | ")
    for folder in arguments.folders:
        examples = read_pool(folder, model.classes)
        pictures = _decode(examples, model)
        rows = [
            _try_seed(seed, tunings, model, examples, pictures, drawn, arguments) for seed in range(arguments.seeds)
        ]
        print(folder.name, *(f"{mean:.1%}" for mean in np.mean(rows, axis=0)), sep=" | ", flush=True)


def _try_seed(
    seed: int,
    tunings: list[Tuning],
    model: Model,
    examples: list[Example],
    pictures: TrainingSet,
    drawn: TrainingSet,
    arguments: argparse.Namespace,
) -> list[float]:
    """Return the accuracy of the start and of each fine-tuning."""
    division = divide(examples, examples, SimulateSettings(), seed)
    labelled = np.random.default_rng(seed).permutation(division.pool)[: arguments.labels]
    found = [_accuracy(model, pictures, division.test)]
    for tuning in tunings:
        settings = _settings(tuning, arguments.model, seed)
        mixed = Mixture(
            drawn if tuning.synthetic else NOTHING,
            pictures.take(labelled),
            settings.real_share,
            settings.synthetic_per_epoch,
            BALANCES[settings.balance],
        )
        found.append(_accuracy(fine_tune(model, mixed, settings), pictures, division.test))
    return found


def _settings(tuning: Tuning, start: Path, seed: int) -> TrainSettings:
    """Return the settings of a round, with this tuning."""
    changed = FineTuning(epochs=tuning.epochs, learning_rate=tuning.learning_rate).training(start)
    return changed.model_copy(
        update={"synthetic_per_epoch": tuning.synthetic or None, "seed": seed, "threads": torch.get_num_threads()}
    )


def _decode(examples: list[Example], model: Model) -> TrainingSet:
    return decode_examples(examples, model.geometry, model.classes, threads=2)


def _accuracy(model: Model, pictures: TrainingSet, rows: Indices) -> float:
    seen = scorer(model.network, model.geometry)([pictures.pixels[row] for row in rows])
    return float((seen.probabilities.argmax(axis=1) == pictures.labels[rows]).mean())


if __name__ == "__main__":
    main()
