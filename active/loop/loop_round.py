"""One round's training: labels in folds, a model judged on what it has not learned, and the record of it all."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from active.choosing.labelled import ScoredLabels
from active.exchange.labels import export_labels, read_export
from active.loop.finder_duel import FinderDuel
from active.loop.finder_round import JudgedPlaces, judge_places, teach_finder
from active.loop.loop import Loop, begin, load_start
from active.loop.loop_record import Answers, Begun, Predictions, Round, RoundRecord, read, round_at, write
from active.loop.projection import Evidence, Projection, project
from active.loop.stop_rule import agreement
from active.loop.takeover import Judgement, deal_folder
from active.store.disagreement import Answer, Flips, items_of
from active.store.events import Labelled
from active.store.store import LabelStore
from base.files import locked_file
from base.progress import Bar
from model.adapting.heads import warm_head
from model.adapting.last_block_runs import cross_validate_last_block
from model.adapting.score_cache import Scored, score_files, score_pool
from model.networks.model_folders import SETTINGS_FILE
from model.networks.trained_model import Model, load_model
from model.splitting.folds import write_split
from model.training.crossval import (
    FINAL,
    CrossValidation,
    Folding,
    OnFoldEpoch,
    cross_validate,
    resume_cross_validation,
)


def train_round(loop: Loop, store: LabelStore, *, on_train: OnFoldEpoch, on_progress: Bar) -> RoundRecord:
    """Train on all labels, judge the new model and record the round; go on with one that was stopped."""
    begin_round(loop, store)
    loop.current().log.unlink(missing_ok=True)  # of a process that did not come to its end
    return finish_round(loop, on_train=on_train, on_progress=on_progress)


def begin_round(loop: Loop, store: LabelStore) -> None:
    """Put down all that the next round takes from the store, unless it was begun before.

    What is answered later belongs to the round after it.
    """
    here = loop.current()
    if here.begun.exists() and here.answers.exists():
        return
    begun, answers = begin(store), store.answers()  # what comes in between is new to the next round
    write(here.answers, Answers(answers=tuple(answers)))
    if here.begun.exists():  # by an earlier version
        return
    export_labels(store, here.labels, overwrite=True)
    write_split(deal_folder(here.labels, seed=loop.settings.seed), here.split, overwrite=True)
    if loop.start.screens:
        write(here.places, judge_places(loop.cuts, store))
    write(here.begun, begun)


def finish_round(loop: Loop, *, on_train: OnFoldEpoch, on_progress: Bar) -> RoundRecord:
    """Train the round that is under way, judge its model and record it, as far as that was not done.

    The last thing written is the record; a kill before it leaves the round to be gone on with, and one after it
    leaves only what `tidy` does. Another process that is at it is waited for.
    """
    with locked_file(loop.out / LOCK):
        if loop.under_way() is None:
            return loop.records()[-1]  # of who was waited for
        return _finish(loop, on_train, on_progress)


LOCK = ".training"
"""The file, in the folder of a loop, that is locked while a round is trained."""


def _finish(loop: Loop, on_train: OnFoldEpoch, on_progress: Bar) -> RoundRecord:
    here = loop.current()
    begun, answers = read(here.begun, Begun), read(here.answers, Answers).answers
    trained = _train(loop, here, on_train)
    new = load_model(here.candidate / FINAL)
    labelled = read_export(here.labels)
    item_of = {each.path.relative_to(here.labels).as_posix(): each.item for each in labelled}
    unseen = {item_of[each.file_name]: each.prediction for each in trained.oof.readable if each.file_name in item_of}
    pool = score_pool(new, loop.pictures(), on_progress=on_progress("scoring"))
    predictions = Predictions(pool=_name(new, pool.scored.values()), unseen=unseen)
    truth = {each.item: each.label for each in labelled}
    present = _unseen_by_present(loop, here, labelled)
    judgement = Judgement.of(truth, present, unseen, items_of(answers, "audit"))
    record = RoundRecord(
        number=len(loop.records()) + 1,
        begun=begun,
        audit=Flips.of(answers, "audit"),
        picked=Flips.of(answers, "picked"),
        judgement=judgement,
        kappa=agreement(_pool_before(loop, pool.files, on_progress), predictions.pool),
        projection=_project(loop, answers, labelled),
        finder=_teach(loop, here, on_progress, takes_over=judgement.takes_over) if loop.start.screens else None,
    )
    write(here.predictions, predictions)
    write(here.record, record)
    tidy(loop)
    return record


def tidy(loop: Loop) -> None:
    """Put the models of finished rounds where they belong: in their place if they took over, or away."""
    for record in loop.records():
        here = round_at(loop.out, record.number)
        final = here.candidate / FINAL
        if record.judgement.takes_over and final.exists() and not here.model.exists():
            final.rename(here.model)
        finder = _finder_candidate(here)
        if record.finder and record.finder.takes_over and finder.exists() and not here.finder.exists():
            finder.rename(here.finder)
        if here.candidate.exists():
            shutil.rmtree(here.candidate)


def _teach(loop: Loop, here: Round, on_progress: Bar, *, takes_over: bool) -> FinderDuel | None:
    reader = here.candidate / FINAL if takes_over else loop.present()
    judged = read(here.places, JudgedPlaces)
    return teach_finder(loop, judged, _finder_candidate(here), reader=reader, on_progress=on_progress)


def _finder_candidate(here: Round) -> Path:
    return here.candidate / "finder"


def _train(loop: Loop, here: Round, on_train: OnFoldEpoch) -> CrossValidation:
    """Begin the trainings, or go on with them."""
    if (here.candidate / SETTINGS_FILE).exists():
        done = resume_cross_validation(here.candidate, sparing=True, on_progress=on_train)
        if isinstance(done, CrossValidation):
            return done
    tuning = loop.settings.fine_tuning
    changes = {"val_share": 0.0, "checkpoints": 0, "seed": loop.settings.seed}
    settings = tuning.training(loop.start.model).model_copy(update=changes)
    if tuning.keeps_trunk(load_start(loop)):
        return cross_validate_last_block(
            here.labels, split=here.split, out=here.candidate, settings=settings, on_progress=on_train
        )
    begin_training = partial(cross_validate, tuning.synthetic, here.labels, out=here.candidate, settings=settings)
    begin_training = partial(begin_training, folding=Folding(split=here.split), final=True, sparing=True)
    return begin_training(overwrite=here.candidate.exists(), on_progress=on_train)


def _name(model: Model, scored: Iterable[Scored]) -> dict[str, str]:
    """Return the class that each picture is taken for, by content; what could not be read is left out."""
    return {each.item: model.classes[int(each.probabilities.argmax())] for each in scored if each.error is None}


def _pool_before(loop: Loop, files: Mapping[str, Path], on_progress: Bar) -> Mapping[str, str]:
    """Return what the model of the round before, or the start, makes of the pool, whose contents are known by now."""
    number = len(loop.records())
    if number:
        return read(round_at(loop.out, number).predictions, Predictions).pool
    start = load_start(loop)
    return _name(start, score_files(start, files, on_progress=on_progress("scoring")))


def _unseen_by_present(loop: Loop, here: Round, labelled: Sequence[Labelled]) -> Mapping[str, str]:
    """Return what the present model, or a fold of it, made of each labelled picture before it learned it."""
    present = loop.present()
    model = load_model(present)
    direct = _name(model, score_files(model, {each.item: each.path for each in labelled}))
    learned = present.parent / here.predictions.name
    return {**direct, **(read(learned, Predictions).unseen if learned.exists() else {})}


def _project(loop: Loop, answers: Sequence[Answer], labelled: Sequence[Labelled]) -> Projection:
    start = load_start(loop)
    scored = {each.item: each for each in score_files(start, {each.item: each.path for each in labelled})}
    seen = ScoredLabels.of(labelled, scored, start.classes)
    flips = Flips.of(answers, "audit")
    evidence = Evidence(warm_head(start, seen.features), seen.features, seen.labels, (flips.flipped, flips.n))
    return project(evidence, labels=loop.settings.outlook, seed=loop.settings.seed)
