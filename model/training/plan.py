"""What a training will work on, settled and checked before any picture is read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from base.errors import InputError
from base.tabular.class_map import ClassMap
from model.labelled_folders.folders import Example, read_examples
from model.learning.consistency import find_unlabelled
from model.learning.training_settings import TrainSettings
from model.networks.backbones import build_backbone
from model.networks.pruning import prune
from model.networks.trained_model import Model, load_model
from model.networks.two_stages import set_two_stages
from model.splitting.folds import Fold
from model.splitting.grouping import hold_out
from model.training.labelled_sources import BY_SPLIT, LabelledSource, open_sources

MIN_REAL_FOR_VAL = 50
"""With fewer real pictures than this all are needed for training, and synthetic ones are held out instead."""


MAX_VAL = 2000
"""No more pictures than this are held out: they are scored after every epoch, and more would say little more."""


@dataclass(frozen=True)
class TrainingSources:
    """The folders of a training, of which at least one of the first two is there.

    `fold` is a part of the real pictures that is not trained on. All hold labelled pictures but `unlabelled`: files,
    folders or patterns. `mapping` says which folders make a class.
    """

    synthetic: Path | None
    real: Path | None
    val: Path | None
    fold: Fold | None = None
    unlabelled: tuple[Path, ...] = ()
    mapping: ClassMap | None = None

    @property
    def by_name(self) -> dict[str, object]:
        """Return the folders and the fold by the names of the command's flags."""
        split, number = (None, None) if self.fold is None else (self.fold.split, self.fold.number)
        labelled: dict[str, object] = {"synthetic": self.synthetic, "real": self.real, "val": self.val}
        labelled |= {"unlabelled": self.unlabelled, "classes": self.mapping}
        return labelled | {"split": split, "fold": number}


@dataclass(frozen=True)
class TrainingPlan:
    """The examples to train and to validate on, and the model to start from: random, or an earlier run's.

    `held_out_by` names the grouping by which `val` was held out, or is "split" where it is a split of a folder; empty
    where a folder was named for it. The labels of the unlabelled are "". `left_out` are real pictures that training
    does not touch: a fold, a test split.
    """

    synthetic: Sequence[Example]
    real: Sequence[Example]
    val: Sequence[Example]
    start: Model
    held_out_by: str = ""
    unlabelled: Sequence[Example] = ()
    left_out: Sequence[Example] = ()


def plan_training(sources: TrainingSources, settings: TrainSettings) -> TrainingPlan:
    """List the examples of all sources, hold some out, and build the network.

    Classes are the sorted names of the class folders, or of what the class map makes of them; with `settings.init`,
    those of the earlier run, in its order.
    Where a folder has splits, that for training is trained on, that for validation validated on, and a test split is
    left out.

    Raises:
        MissingError: a folder does not exist.
        InputError: a folder is not what it should be, there is no source, only one class, a class is unknown, or the
            split is not of the real pictures.
        ModelError: `settings.init` is not a sound run folder.
    """
    if sources.synthetic is None and sources.real is None:
        raise InputError("nothing to train on: name a folder of synthetic crops, of real ones, or both")
    earlier = None if settings.init is None else load_model(settings.init)
    known = None if earlier is None else earlier.classes
    sources = sources if earlier is None else replace(sources, mapping=sources.mapping or earlier.mapping)
    folded, mapping = sources.fold is not None, sources.mapping
    drawn, given = open_sources(sources.synthetic, sources.real, known, folded=folded, mapping=mapping)
    found = {each.label for own in (drawn, given) for each in (*own.training, *own.validation)}
    classes = known or tuple(sorted(found))
    if len(classes) < 2:
        raise InputError(f"only one class, {classes[0]}; at least two class folders are needed")
    real = given.training if sources.fold is None else _without_fold(given.training, sources.real, sources.fold)
    parts = _set_apart(sources, settings, classes, drawn, replace(given, training=real))
    # The fold that is left out, and a test split, must stay unseen too.
    unlabelled = find_unlabelled(sources.unlabelled, labelled=[*given.everything, *parts.val])
    start = _continue(earlier, settings) if earlier else _begin(classes, settings)
    start = replace(start, mapping=sources.mapping)
    used = {each.path for each in (*parts.real, *parts.val)}
    left_out = [each for each in given.everything if each.path not in used]
    return TrainingPlan(parts.synthetic, parts.real, parts.val, start, parts.held_out_by, unlabelled, left_out)


@dataclass(frozen=True)
class _Parts:
    """What is trained on and what validated on."""

    synthetic: list[Example]
    real: list[Example]
    val: list[Example]
    held_out_by: str = ""


def _set_apart(
    sources: TrainingSources,
    settings: TrainSettings,
    classes: Sequence[str],
    drawn: LabelledSource,
    given: LabelledSource,
) -> _Parts:
    """Return what to validate on: the folder that was named, else a folder's own split, else a part held out."""
    synthetic, real = drawn.training, given.training
    validating: LabelledSource | None = None
    if sources.val is not None:
        parts = _Parts(synthetic, real, read_examples(sources.val, classes, part="validation", mapping=sources.mapping))
    elif given.validation:
        validating, parts = given, _Parts(synthetic, real, given.validation, BY_SPLIT)
    elif len(real) >= MIN_REAL_FOR_VAL or not synthetic:
        kept, val, by = _hold_out(real, settings)
        parts = _Parts(synthetic, kept, val, by)
    elif drawn.validation:
        validating, parts = drawn, _Parts(synthetic, real, drawn.validation, BY_SPLIT)
    else:
        kept, val, by = _hold_out(synthetic, settings)
        parts = _Parts(kept, real, val, by)
    for own in (drawn, given):
        own.tell_uses(validates=own is validating)
    return parts


def _without_fold(real: list[Example], folder: Path | None, fold: Fold) -> list[Example]:
    if folder is None:
        raise InputError("a fold is a part of the real pictures: name their folder too")
    return fold.divide(real, folder)[0]


def _hold_out(examples: list[Example], settings: TrainSettings) -> tuple[list[Example], list[Example], str]:
    share = min(settings.val_share, MAX_VAL / len(examples))
    return hold_out(examples, share=share, seed=settings.seed)


def _begin(classes: tuple[str, ...], settings: TrainSettings) -> Model:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = build_backbone(settings.backbone, len(classes), weights=settings.weights)
    background = settings.background if settings.two_stage else ""
    if background:
        set_two_stages(network, classes, background)
    return Model(network, classes, settings.geometry, settings.backbone, background=background)


def _continue(earlier: Model, settings: TrainSettings) -> Model:
    own = {"backbone": earlier.backbone, "geometry": earlier.geometry, "two_stage": bool(earlier.background)}
    own |= {"background": earlier.background} if earlier.background else {}
    for name, theirs in own.items():
        if name in settings.model_fields_set and getattr(settings, name) != theirs:
            raise InputError(f"{name}: {settings.init} was trained with {theirs}; leave {name} out to continue from it")
    return prune(earlier, settings.prune) if settings.prune else earlier
