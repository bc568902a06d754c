"""Promoting a model: a paired test on labelled pictures that neither has learned decides who is at work."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.progress import Bar, mute_bar
from model.evaluation.compare import compare
from model.evaluation.judged import judge
from model.export.network_speed import MOST_TIMED, time_in_turns
from model.labelled_folders.examples import Example
from model.labelled_folders.folders import read_folder
from model.networks.model_folders import PRETRAINED
from model.networks.registry_file import RegistryEvent, read_registry
from model.networks.trained_model import Model, load_model
from model.promoting.promotion_result import PairedTest, Promotion, PromotionRule
from model.promoting.registry import add_version, move_alias, note_event, require_alias, require_registry, utc_now
from model.promoting.registry_settings import PromoteSettings
from model.splitting.folds import Fold, read_held_out
from model.splitting.overlap import find_overlap


@dataclass(frozen=True)
class _Side:
    """A model of the two, and how it was named."""

    name: Path
    model: Model


def promote_model(
    model: Path,
    folder: Path,
    *,
    against: Path | None = None,
    fold: Fold | None = None,
    settings: PromoteSettings | None = None,
    dry_run: bool = False,
    on_progress: Bar | None = None,
) -> Promotion:
    """Let a model take the place of the one at work where a paired test says better, or no worse and quicker.

    Args:
        model: the run folder of the new model.
        folder: class folders to compare the two on; pictures that one of them has learned are left out.
        against: the model at work; the one that the registry's name stands for when None, and the one in the box
            where there is no such name yet. With the first promotion it comes into the registry too, so that there is
            something to go back to.
        fold: compare on this part of the folder alone.
        settings: see `PromoteSettings`.
        dry_run: compare, and write nothing.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError, ModelError: there is no such model or folder, or a model is damaged.
        InputError: the folder is not what it should be or has nothing that both have not learned, the new model is at
            work already, or `against` is not the one at work.
    """
    chosen = settings or PromoteSettings()
    bar = on_progress or mute_bar
    require_alias(chosen.alias)
    require_registry(chosen.registry)
    present = read_registry(chosen.registry).aliases.get(chosen.alias)
    new = _Side(model, load_model(model))
    old = _at_work(against, present, chosen)
    if new.model.fingerprint == old.model.fingerprint:
        raise InputError(f"{new.name} is the same model as {old.name}: {new.model.fingerprint}")
    read_folder(folder, old.model.classes)
    examples, left_out = _not_learned(read_held_out(folder, fold, new.model.classes), (new, old), folder)
    test, unreadable = _compare(new, old, examples, chosen, bar)
    promoted, reason = PromotionRule(chosen.alpha, chosen.margin, chosen.least_speed).decide(test)
    version = None if dry_run else _write(new, old, present, chosen, (promoted, reason))
    return Promotion(
        model=str(new.name),
        fingerprint=new.model.fingerprint,
        against=str(old.name),
        against_fingerprint=old.model.fingerprint,
        test=test,
        left_out=left_out,
        unreadable=unreadable,
        promoted=promoted,
        reason=reason,
        version=version,
        alias=chosen.alias,
    )


def _at_work(against: Path | None, present: str | None, settings: PromoteSettings) -> _Side:
    """Return the model that would be replaced."""
    if present is None:
        name = against or Path(PRETRAINED)
        return _Side(name, load_model(name))
    stands = settings.registry / present
    name = against or settings.registry / settings.alias
    side = _Side(name, load_model(name))
    if side.model.fingerprint != load_model(stands).fingerprint:
        raise InputError(
            f"{settings.alias} is {present}, another model than {name}; compare with what would be replaced: leave "
            f"out --against, or name {settings.registry / settings.alias}"
        )
    return side


def _not_learned(examples: Sequence[Example], sides: Sequence[_Side], folder: Path) -> tuple[list[Example], int]:
    """Return the examples that no model has learned, nor a near copy of them, and how many others there are."""
    learned: set[Path] = set()
    for side in sides:
        overlap = find_overlap(side.name, examples)
        if overlap is not None:
            learned.update(overlap.copies, overlap.near)
    kept = [example for example in examples if example.path not in learned]
    if not kept:
        raise InputError(f"{folder}: all of {counted(len(examples), 'picture')} were learned by one of the models")
    return kept, len(examples) - len(kept)


def _compare(
    new: _Side, old: _Side, examples: Sequence[Example], settings: PromoteSettings, bar: Bar
) -> tuple[PairedTest, int]:
    this, unreadable = judge(new.model, examples, on_progress=bar("classifying"))
    other, _ = judge(old.model, this.examples, on_progress=bar("comparing"))
    timed = this.examples[:: -(-len(this) // MOST_TIMED)]
    seconds = time_in_turns([new.model, old.model], timed, settings.rounds, bar)
    ratios = [theirs / max(own, 1e-9) for own, theirs in zip(*seconds, strict=True)]
    counts = compare(this, other, name=str(old.name)).counts
    return PairedTest(counts, statistics.median(ratios), len(timed), settings.rounds), len(unreadable)


def _write(new: _Side, old: _Side, present: str | None, settings: PromoteSettings, decision: tuple[bool, str]) -> str:
    """Put the decision into the registry, and return what the name stands for now."""
    root, alias = settings.registry, settings.alias
    promoted, reason = decision
    if present is None:
        present = add_version(root, old.name)
        move_alias(root, RegistryEvent(at=utc_now(), action="begin", alias=alias, version=present, model=str(old.name)))
    tried = {"at": utc_now(), "alias": alias, "before": present, "model": str(new.name), "reason": reason}
    if not promoted:
        note_event(root, RegistryEvent(action="refused", version=present, **tried))
        return present
    version = add_version(root, new.name)
    move_alias(root, RegistryEvent(action="promote", version=version, **tried))
    return version
