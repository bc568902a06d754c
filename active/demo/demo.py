"""The whole loop once: generate, train, queue, label, train again, classify, report."""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from active.choosing.queue import QueueSettings, fill_queue
from active.demo.sizing import ROUND_EPOCHS, ROUND_SHARE, DemoSettings
from active.exchange.labels import export_labels
from active.store.events import QueueItem
from active.store.store import LabelStore
from base.counting import counted
from base.errors import InputError
from base.files import existing_folder
from base.notes import take_note
from base.progress import Bar
from base.seeds import rng_for
from generator.datasets.dataset import DatasetSummary, GenerateSettings, generate
from generator.families.family import Family, load_families
from model.classifying.classify import classify_to_table
from model.evaluation.evaluate import Evaluation, evaluate_examples
from model.labelled_folders.contradictions import hash_examples, refuse_contradictions
from model.labelled_folders.folders import Example, read_examples, split_by_group
from model.learning.training_settings import TrainSettings
from model.networks.trained_model import Model, load_model
from model.reading.images import find_images
from model.training.train import TrainingProgress, TrainResult, train

HELD_OUT_A_KIND = 2


@dataclass(frozen=True)
class DemoFolder:
    """Where the demo keeps what it makes."""

    out: Path

    @property
    def synthetic(self) -> Path:
        """Return the folder of generated training crops."""
        return self.out / "synthetic"

    @property
    def held_out(self) -> Path:
        """Return the folder of crops of families that training never sees."""
        return self.out / "held-out"

    @property
    def labelled(self) -> Path:
        """Return the folder that labels are exported to."""
        return self.out / "labelled"

    @property
    def predictions(self) -> Path:
        """Return the CSV file of the classified pool."""
        return self.out / "predictions.csv"

    @property
    def report(self) -> Path:
        """Return the report."""
        return self.out / "report.html"

    def store(self, *, oracle: bool) -> Path:
        """Return the label store; a person's labels are never mixed with an oracle's."""
        return self.out / ("oracle.db" if oracle else "labels.db")

    def run(self, number: int) -> Path:
        """Return the run folder of a round."""
        return self.out / "runs" / f"round-{number}"


@dataclass(frozen=True)
class DemoRound:
    """A model, the number of labels it was given, and how it did where the answers are known."""

    labels: int
    trained: TrainResult
    evaluation: Evaluation | None


@dataclass(frozen=True)
class Pool:
    """The images to choose from; where the answers are known, also a test part that is never queued."""

    paths: tuple[Path, ...]
    labels: Mapping[str, str]
    test: tuple[Example, ...]

    @property
    def has_oracle(self) -> bool:
        """Tell whether the pool's labels are known."""
        return bool(self.labels)


@dataclass(frozen=True)
class Outcome:
    """All that a finished demo has to tell."""

    place: DemoFolder
    drawn: DatasetSummary
    pool: Pool
    pool_name: str
    rounds: tuple[DemoRound, ...]
    queue: tuple[QueueItem, ...]
    seconds: float


def run_demo(pool: Path | None, out: Path, *, settings: DemoSettings, on_progress: Bar) -> Outcome:
    """Go round the loop with `pool`, or with crops of families held out from training when it is None.

    A pool of class folders is labelled by an oracle and half of it kept for testing. Any other pool is queued for
    a person; on the next call what was labelled meanwhile is trained on.

    Raises:
        MissingError, InputError: the pool is not there or holds no images.
        BrowserError: no browser could be started.
    """
    began = time.monotonic()
    place = DemoFolder(out)
    check_demo_pool(pool)
    families = held_out_families(load_families(), seed=settings.seed) if pool is None else ()
    drawn = _draw(place.synthetic, GenerateSettings(n=settings.n, seed=settings.seed, without=families), on_progress)
    if pool is None:
        held_out = GenerateSettings(n=settings.pool_n, seed=settings.seed + 1, families=families)
        _draw(place.held_out, held_out, on_progress)
    start = _train(place, 0, None, settings, on_progress)
    source = _read_pool(pool or place.held_out, start.model.classes, seed=settings.seed)
    loop = _oracle_rounds if source.has_oracle else _person_round
    rounds, queue = loop(place, source, start, settings, on_progress)
    last = load_model(rounds[-1].trained.folder)
    classify_to_table(last, source.paths, output=place.predictions, on_progress=on_progress("classifying"))
    name = str(pool) if pool else f"{counted(len(families), 'family', 'families')} that training never saw"
    return Outcome(place, drawn, source, name, rounds, queue, time.monotonic() - began)


def check_demo_pool(pool: Path | None) -> None:
    """Refuse a pool that is not there: a typing error should show now, not after minutes of drawing and training.

    Raises:
        MissingError, InputError: it is not there or holds no images.
    """
    if pool is not None:
        find_images([existing_folder(pool)])


def held_out_families(families: Mapping[str, Family], *, seed: int) -> tuple[str, ...]:
    """Choose a few families of each kind to hold out: as one product's screens have one look of everything."""
    kinds: dict[str, list[str]] = {}
    for name, family in families.items():
        kinds.setdefault(family.declared.kind, []).append(name)
    chosen = []
    for kind, names in kinds.items():
        chosen += rng_for(seed, "held out", kind).sample(names, min(HELD_OUT_A_KIND, len(names) - 1))
    return tuple(sorted(chosen))


def _draw(out: Path, settings: GenerateSettings, on_progress: Bar) -> DatasetSummary:
    """Generate, or find it done: a finished set of the same settings is left as it is."""
    bar = on_progress(f"drawing {out.name}")
    try:
        return generate(out, settings, resume=True, on_progress=bar)
    except InputError:
        return generate(out, settings, overwrite=True, on_progress=bar)


def _train(place: DemoFolder, number: int, real: Path | None, settings: DemoSettings, on_progress: Bar) -> TrainResult:
    """Train from nothing for round 0, else go on from round 0's weights with the labelled images."""
    bar = on_progress(f"training, round {number}")
    first = TrainSettings(epochs=settings.epochs, val_share=0.1, seed=settings.seed)
    again = TrainSettings(
        epochs=ROUND_EPOCHS,
        learning_rate=5e-4,
        synthetic_per_epoch=max(1, settings.n // ROUND_SHARE),
        real_share=0.5,
        val_share=0.0,
        seed=settings.seed,
        init=place.run(0),
    )
    chosen = again if number else first

    def report(progress: TrainingProgress) -> None:
        if progress.stage == "training":
            bar(progress.done, progress.total)

    return train(place.synthetic, real, out=place.run(number), settings=chosen, overwrite=True, on_progress=report)


def _read_pool(folder: Path, classes: Sequence[str], *, seed: int) -> Pool:
    """Read a pool of class folders with its answers, or any other folder without."""
    try:
        examples = read_examples(folder, classes)
    except InputError as error:
        take_note(f"{folder}: taken for pictures without labels: {error}")
        return Pool(tuple(find_images([folder])), {}, ())
    examples = hash_examples(examples)
    refuse_contradictions(examples)
    kept, test = split_by_group(examples, share=0.5, seed=seed)
    answers = {example.hash(): example.label for example in kept}
    return Pool(tuple(example.path for example in kept), answers, tuple(test))


DemoRounds = tuple[tuple[DemoRound, ...], tuple[QueueItem, ...]]


def _oracle_rounds(
    place: DemoFolder, pool: Pool, start: TrainResult, settings: DemoSettings, on_progress: Bar
) -> DemoRounds:
    """Queue, label by the known answers and train, as often as settings say."""
    store_path = place.store(oracle=True)
    store_path.parent.mkdir(parents=True, exist_ok=True)
    store_path.unlink(missing_ok=True)
    rounds = [DemoRound(0, start, _test(start.model, pool, on_progress))]
    shown: list[QueueItem] = []
    for number in range(1, settings.rounds + 1):
        with LabelStore.open(store_path, annotator="oracle") as store:
            items = _queue(store, pool, rounds[-1].trained.model, settings, on_progress)
            for item in items:
                store.record(item.item, "label", pool.labels[item.item])
            real = _export(store, place)
            labels = len(store.labels())
        shown += items
        trained = _train(place, number, real, settings, on_progress)
        rounds.append(DemoRound(labels, trained, _test(trained.model, pool, on_progress)))
    return tuple(rounds), tuple(shown)


def _person_round(
    place: DemoFolder, pool: Pool, start: TrainResult, settings: DemoSettings, on_progress: Bar
) -> DemoRounds:
    """Train on what a person has labelled so far, if anything, and queue more."""
    rounds = [DemoRound(0, start, None)]
    with LabelStore.open(place.store(oracle=False)) as store:
        labels = len(store.labels())
        if labels:
            real = _export(store, place)
            rounds.append(DemoRound(labels, _train(place, 1, real, settings, on_progress), None))
        return tuple(rounds), _queue(store, pool, rounds[-1].trained.model, settings, on_progress)


def _queue(
    store: LabelStore, pool: Pool, model: Model, settings: DemoSettings, on_progress: Bar
) -> tuple[QueueItem, ...]:
    chosen = QueueSettings(n=settings.labels_a_round, seed=settings.seed)
    bar = on_progress("scoring the pool")
    return fill_queue(pool.paths, store, model=model, settings=chosen, on_progress=bar).items


def _export(store: LabelStore, place: DemoFolder) -> Path:
    if place.labelled.exists():
        shutil.rmtree(place.labelled)
    return export_labels(store, place.labelled).out


def _test(model: Model, pool: Pool, on_progress: Bar) -> Evaluation:
    return evaluate_examples(model, pool.test, on_progress=on_progress("testing"))
