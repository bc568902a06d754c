"""The audit of a folder of pictures, with labels or without: every check, on pictures that are read once."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import field_validator

from active.choosing.folder_pictures import list_examples
from active.faults.audit_result import Audit, CheckResult
from active.faults.audited_set import AuditedPicture, AuditedSet
from active.faults.check_catalogue import CHECKS
from active.faults.judging import judge_pictures
from active.faults.picture_measures import read_measures
from base.counting import counted
from base.errors import InputError, unknown_choice
from base.progress import Bar, mute_bar
from base.settings import Settings
from base.timing import package_log, timed
from model.labelled_folders.examples import Example
from model.networks.trained_model import Model
from model.reading.images import Unreadable
from model.splitting.overlap import load_seen

LOG = package_log(__name__)


class AuditSettings(Settings):
    """Settings of `[audit]` in boxwright.toml; flags of the same names override them."""

    check: tuple[str, ...] = ()
    seed: int = 0

    @field_validator("check")
    @classmethod
    def _known(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for name in given:
            if name not in CHECKS:
                raise unknown_choice("check", name, CHECKS)
        return given


def audit_folder(
    folder: Path,
    model: Model,
    *,
    run: Path,
    unlabelled: bool = False,
    settings: AuditSettings | None = None,
    on_progress: Bar | None = None,
) -> Audit:
    """Look for faults in a folder of pictures; nothing in it is changed.

    Args:
        folder: as `model.labelled_folders.folders.read_folder` takes it; or pictures without labels.
        model: tells what pictures show; one that has not learned their labels.
        run: where it was loaded from.
        unlabelled: take no folder for a class.
        settings: which checks; all by default.
        on_progress: makes a bar for each stage.

    Raises:
        MissingError, InputError: the folder is not what it should be.
        StoreError: the cache of scores cannot be used.
    """
    chosen = settings or AuditSettings()
    bar = on_progress or mute_bar
    examples = list_examples(folder, unlabelled=unlabelled)
    pictures = _read(examples, bar)
    if all(each.measures is None for each in pictures):
        first = pictures[0]
        raise InputError(
            f"{folder}: none of its {counted(len(pictures), 'picture')} can be read, the first, "
            f"{first.example.shown}: {first.error}"
        )
    judge = partial(judge_pictures, model=model, seed=chosen.seed, on_progress=bar("scoring"))
    audited = AuditedSet(tuple(pictures), judge, bar("comparing"))
    results = {name: _run(name, audited) for name in CHECKS if not chosen.check or name in chosen.check}
    warnings = _warnings(audited, run)
    return Audit(folder, str(run), audited, results, warnings)


def _read(examples: Sequence[Example], bar: Bar) -> list[AuditedPicture]:
    with timed(LOG, "reading and measuring") as told:
        found = read_measures(examples, on_progress=bar("reading"))
        told.note(pictures=len(found))
    pictures = []
    for example, each in zip(examples, found, strict=True):
        if isinstance(each, Unreadable):
            pictures.append(AuditedPicture(example, None, each.reason))
        else:
            signature, measures = each
            known = replace(example, content=signature.content, pixels=signature.pixels)
            pictures.append(AuditedPicture(known, measures))
    return pictures


def _run(name: str, audited: AuditedSet) -> CheckResult:
    check = CHECKS[name]
    if check.needs_labels and not audited.is_labelled:
        return CheckResult(check, (), "needs labels")
    with timed(LOG, f"check {name}") as told:
        found = sorted(check.find(audited), key=lambda finding: -finding.doubt)
        told.note(found=len(found))
    return CheckResult(check, tuple(found))


def _warnings(audited: AuditedSet, run: Path) -> tuple[str, ...]:
    seen = load_seen(run) if audited.is_labelled else None
    learned = (
        0 if seen is None else seen.count_known(audited.pictures[place].example.content for place in audited.measured)
    )
    if not learned:
        return ()
    return (f"{run} has learned {learned} of these pictures and will not doubt their labels; name another model",)
