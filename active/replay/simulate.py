"""Simulation: strategies tried on a pool whose labels are known, over many seeds; what is done is kept."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, ValidationError, field_validator

from active.choosing.choose import QueueSettings
from active.choosing.strategies import COMPARE_VARIATIONS
from active.choosing.strategy_catalogue import STRATEGIES
from active.replay.learners import Division, FineTuning, Learners, fine_tuning, refitting
from active.replay.near_copies import write_copies
from active.replay.replay import BASELINE, Arm, Replay, Rounds, Truth, replay
from active.replay.replay_modes import REPLAY_MODES, ReplayMode
from active.replay.simulation_report import write_simulation_report
from active.replay.simulation_result import Simulation, summarize_simulation
from base.arrays import Labels
from base.cluster import Cluster
from base.counting import counted
from base.errors import InputError
from base.files import claim_folder, write_json, write_text
from base.notes import take_note
from base.progress import Bar, OnProgress, mute_bar
from base.settings import Settings
from base.work import Engine, InProcess
from model.labelled_folders.contradictions import hash_examples, refuse_contradictions
from model.labelled_folders.folders import Example, read_examples, split_by_group
from model.networks.trained_model import Model, load_model
from model.splitting.grouping import natural_grouping, regroup


class SimulateSettings(Settings):
    """What to replay; `[simulate]` of boxwright.toml."""

    strategies: tuple[str, ...] = Field(default_factory=lambda: (BASELINE, *STRATEGIES.sound(), "margin/plain"))
    rounds: int = Field(default=15, ge=1)
    batch: int = Field(default=10, ge=1, description="labels a round")
    seeds: int = Field(default=20, ge=2, description="each has a split of its own, the same for all strategies")
    seed: int = Field(default=0, ge=0, description="the first of them")
    test_share: float = Field(default=0.4, gt=0, lt=1)
    copies: int = Field(default=1, ge=1, description="each picture of the pool so often, all but the first changed")
    mode: ReplayMode = Field(
        default="fast", description="; ".join(f"{name}: {what}" for name, what in REPLAY_MODES.items())
    )
    pull: float = Field(default=300.0, gt=0, description="fast: how strongly the last layer is held to its old weights")
    fine_tuning: FineTuning = Field(default=FineTuning(), description="true: how")
    audit_share: float = Field(default=0.15, ge=0, le=1)
    duplicate_similarity: float = Field(default=QueueSettings().duplicate_similarity, gt=0)

    @field_validator("strategies")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            Arm.parse(name)
        return tuple(dict.fromkeys((BASELINE, *names)))

    @property
    def plan(self) -> Rounds:
        """Return the rounds of each replay."""
        composed = QueueSettings(audit_share=self.audit_share, duplicate_similarity=self.duplicate_similarity)
        return Rounds(self.rounds, self.batch, composed)


@dataclass(frozen=True)
class SimulationFolder:
    """Where a simulation keeps what it makes."""

    out: Path

    @property
    def settings(self) -> Path:
        """Return the file that says what is simulated."""
        return self.out / "settings.json"

    @property
    def result(self) -> Path:
        """Return the file of the result."""
        return self.out / "simulation.json"

    def replay(self, arm: str, seed: int) -> Path:
        """Return the file of one finished replay."""
        return self.out / "replays" / f"{arm.replace('/', '-')}-{seed}.json"


def simulate(
    pool: Path,
    model: Path,
    *,
    out: Path,
    settings: SimulateSettings,
    overwrite: bool = False,
    resume: bool = False,
    cluster: Cluster | None = None,
    on_progress: Bar | None = None,
) -> Simulation:
    """Replay all arms over all seeds and write the result, with a drawing and a page, into `out`.

    For each seed `test_share` of the labelled pool is held out by its natural groups, and never asked for. All arms of
    a seed share that split and start from the same model.

    Args:
        pool: class folders.
        model: the run folder to start from.
        out: the folder to write.
        settings: see `SimulateSettings`.
        overwrite: delete what an earlier simulation left in `out`.
        resume: go on with it; finished replays are kept.
        cluster: what scores and replays, instead of this process.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError, InputError: the pool is not what it should be, or a resumed simulation was of something else.
        ModelError: `model` is not a sound run folder.
        OutputExistsError: `out` is not empty.
    """
    bar = on_progress or mute_bar
    loaded = load_model(model)
    examples = read_pool(pool, loaded.classes)
    place = SimulationFolder(out)
    known = _recorded(settings) | {"pool": _fingerprint(examples), "model": loaded.fingerprint}
    claim_folder(out, overwrite=overwrite, resume=resume)
    _require_same(place.settings, known)
    everything = write_copies(examples, out / "copies", copies=settings.copies, on_progress=bar("copying"))
    labels = np.array([loaded.classes.index(example.label) for example in everything], dtype=np.intp)
    learners = _prepare(loaded, model, everything, settings, cluster, bar("scoring"))
    divisions = {seed: divide(examples, everything, settings, seed) for seed in _seeds(settings)}
    study = _Study(learners, divisions, loaded.classes, labels, settings)
    done = _replay_all(study, place, cluster or InProcess(), bar("replaying"))
    sizes = [(len(division.pool), len(division.test)) for division in divisions.values()]
    simulation = summarize_simulation(done, classes=loaded.classes, sizes=sizes, settings=known)
    write_json(place.result, simulation.to_dict())
    write_simulation_report(simulation, out)
    return simulation


def _prepare(
    model: Model,
    folder: Path,
    examples: Sequence[Example],
    settings: SimulateSettings,
    cluster: Cluster | None,
    on_progress: OnProgress,
) -> Learners:
    variations = any(Arm.parse(name).strategy in COMPARE_VARIATIONS for name in settings.strategies)
    if settings.mode == "fast":
        return refitting(
            model, examples, pull=settings.pull, variations=variations, cluster=cluster, on_progress=on_progress
        )
    return fine_tuning(model, examples, start=folder, tuning=settings.fine_tuning, variations=variations)


def read_pool(pool: Path, classes: Sequence[str]) -> list[Example]:
    """Return the labelled pictures in their natural groups; those of equal content once.

    Raises:
        InputError: pictures of equal content have different labels, so that no answer is right.
    """
    found = hash_examples(read_examples(pool, classes))
    refuse_contradictions(found)
    seen: dict[str, Example] = {}
    for example in found:
        seen.setdefault(example.hash(), example)
    examples = list(seen.values())
    if len(examples) < len(found):
        take_note(
            f"{pool}: "
            f"{counted(len(found) - len(examples), 'copy of another picture is', 'copies of others are')} passed over"
        )
    return regroup(examples, natural_grouping(examples))


def _fingerprint(examples: Sequence[Example]) -> str:
    lines = (f"{example.content} {example.label} {example.group}" for example in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _recorded(settings: SimulateSettings) -> dict[str, Any]:
    """Return the settings as they are written down; what earlier versions know no other of is left out."""
    values = settings.model_dump(mode="json")
    if values["fine_tuning"]["layers"] == "all":
        del values["fine_tuning"]["layers"]
    return values


def _require_same(path: Path, known: Mapping[str, Any]) -> None:
    """Write down what is simulated, or see that a simulation that is gone on with is of the same."""
    if not path.exists():
        write_json(path, known)
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    for name, value in known.items():
        if before.get(name) != value and name not in ("seeds", "strategies"):
            raise InputError(f"{path.parent} was begun with another {name}; choose another folder, or --overwrite")
    write_json(path, known)


def _seeds(settings: SimulateSettings) -> range:
    return range(settings.seed, settings.seed + settings.seeds)


def divide(
    examples: Sequence[Example], everything: Sequence[Example], settings: SimulateSettings, seed: int
) -> Division:
    """Split by group; changed copies are in the pool alone."""
    kept, test = split_by_group(examples, share=settings.test_share, seed=seed)
    if not kept or not test:
        raise InputError("the pictures are of too few groups to hold some out for a test")
    groups, tested = {example.group for example in kept}, {example.path for example in test}
    pool = [row for row, example in enumerate(everything) if example.group in groups]
    rest = [row for row, example in enumerate(everything) if example.path in tested]
    return Division(np.array(pool, dtype=np.intp), np.array(rest, dtype=np.intp))


_Task = tuple[int, str]
"""A seed and an arm."""


@dataclass(frozen=True)
class _Study:
    """What a process needs to know for any replay; `labels` are those of all examples."""

    learners: Learners
    divisions: Mapping[int, Division]
    classes: Sequence[str]
    labels: Labels
    settings: SimulateSettings

    def tasks(self) -> list[_Task]:
        """Return all replays, those of a seed together."""
        return [(seed, arm) for seed in self.divisions for arm in self.settings.strategies]

    def prepare(self) -> Callable[[_Task], Replay]:
        """Return what replays, which keeps the learner of the latest seed."""
        learner = lru_cache(maxsize=1)(lambda seed: self.learners(self.divisions[seed]))

        def run(task: _Task) -> Replay:
            seed, arm = task
            division = self.divisions[seed]
            truth = Truth(self.classes, self.labels[division.pool], self.labels[division.test])
            return replay(arm, seed, learner=learner(seed), truth=truth, rounds=self.settings.plan)

        return run


def _replay_all(study: _Study, place: SimulationFolder, engine: Engine, on_progress: OnProgress) -> list[Replay]:
    """Replay, or read what a simulation that was stopped left."""
    tasks = study.tasks()
    done = {task: found for task in tasks if (found := _read_replay(place.replay(task[1], task[0])))}
    missing = [task for task in tasks if task not in done]
    on_progress(len(done), len(tasks))
    for (seed, arm), one in zip(missing, engine.map(study.prepare, missing), strict=True):
        write_text(place.replay(arm, seed), one.model_dump_json())
        done[seed, arm] = one
        on_progress(len(done), len(tasks))
    return [done[task] for task in tasks]


def _read_replay(path: Path) -> Replay | None:
    try:
        return Replay.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise InputError(f"{path} is damaged; delete it to replay it again") from error
