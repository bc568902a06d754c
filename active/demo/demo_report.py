"""What the demo's report says: its figures, pictures and next steps."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from active.demo.demo import DemoRound, Outcome
from active.demo.round_trip_report import (
    Chart,
    Confusion,
    Headline,
    ReportPicture,
    RoundTripReport,
    ShownSheet,
    draw_learning_curve,
    draw_training_curve,
    picture_of,
    write_round_trip_report,
)
from active.store.events import QueueItem
from base.counting import counted
from base.errors import ImageError
from generator.crops.manifest import read_manifest
from generator.formats.contact_sheet import contact_sheet
from model.evaluation.evaluate import Evaluation, Mistake
from model.evaluation.page_parts import image_url
from model.reading.images import read_image

CROPS_A_CLASS = 60
MOST_CARDS = 48


def write_demo_report(outcome: Outcome) -> Path:
    """Write the report and return its path."""
    write_round_trip_report(_build(outcome), outcome.place.report)
    return outcome.place.report


def summarize_demo(outcome: Outcome) -> str:
    """Return the outcome in a few lines for a terminal."""
    lines = []
    for done in outcome.rounds:
        if done.evaluation:
            lines.append(f"accuracy with {counted(done.labels, 'label'):>10}: {_accuracy(done.evaluation)}")
    if not outcome.pool.has_oracle:
        store = outcome.place.store(oracle=False)
        lines += [
            f"{counted(len(outcome.queue), 'image is', 'images are')} queued; label them with",
            f"  boxwright label --store {store}",
        ]
    lines += [f"predictions: {outcome.place.predictions}", f"report:      {outcome.place.report}"]
    return "\n".join(lines)


def _accuracy(evaluation: Evaluation) -> str:
    low, high = evaluation.interval
    return f"{evaluation.accuracy:.1%} (95 % interval {low:.1%} to {high:.1%}, {counted(evaluation.n, 'crop')})"


def _build(outcome: Outcome) -> RoundTripReport:
    last = outcome.rounds[-1].evaluation
    return RoundTripReport(
        title="Once round the loop",
        lead=f"Synthetic crops trained a network, which then met {outcome.pool_name}, asked about the images it was "
        "least sure of, and learned from the answers.",
        figures=_figures(outcome),
        drawn=f"{sum(outcome.drawn.classes.values()):,} crops of "
        f"{counted(len(outcome.drawn.families), 'family', 'families')}, labelled by construction. "
        "A sample of each class:",
        sheets=tuple(_sheets(outcome)),
        curve=_curve(outcome.rounds),
        confusion=Confusion(last.classes, last.confusion) if last else None,
        queue=tuple(_queue_pictures(outcome)),
        queue_caption=_queue_caption(outcome),
        errors=tuple(_error_pictures(last.mistakes)) if last else None,
        errors_caption=f"{len(last.mistakes)} of {last.n} test crops, most confident first." if last else "",
        next="Label your own images: put them in a folder, and let the model ask.",
        commands=_commands(outcome),
    )


def _figures(outcome: Outcome) -> tuple[Headline, ...]:
    first, last = outcome.rounds[0], outcome.rounds[-1]
    minutes, seconds = divmod(round(outcome.seconds), 60)
    time = Headline(f"{minutes}:{seconds:02}", "minutes for everything on this page")
    drawn = Headline(f"{sum(outcome.drawn.classes.values()):,}", f"crops drawn, {_trained(outcome)}")
    asked = Headline(str(len(outcome.queue)), f"images queued from a pool of {len(outcome.pool.paths):,}")
    if first.evaluation is None or last.evaluation is None:
        return (drawn, asked, Headline(str(last.labels), "labels trained on"), time)
    return (
        Headline(f"{first.evaluation.accuracy:.1%}", "right before any label"),
        Headline(
            f"{last.evaluation.accuracy:.1%}",
            f"right after {counted(last.labels, 'label')}, on {counted(last.evaluation.n, 'other crop')}",
        ),
        drawn,
        asked,
        time,
    )


def _trained(outcome: Outcome) -> str:
    epochs = counted(len(outcome.rounds[0].trained.epochs), "epoch")
    return f"trained on for {epochs}, then for {counted(len(outcome.rounds) - 1, 'round')} with labels"


def _sheets(outcome: Outcome) -> Iterable[ShownSheet]:
    folder = outcome.place.synthetic
    for name in outcome.drawn.classes:
        files = (folder / row.file_name for row in read_manifest(folder) if row.label == name)
        sheet = contact_sheet((read_image(file) for file in islice(files, CROPS_A_CLASS)), row_px=44, widest_px=220)
        yield ShownSheet(f"{name}, {outcome.drawn.classes[name]:,} crops", image_url(sheet))


def _curve(rounds: tuple[DemoRound, ...]) -> Chart:
    known = [(done.labels, done.evaluation) for done in rounds if done.evaluation]
    if known:
        labels = [count for count, _ in known]
        accuracy = [evaluation.accuracy for _, evaluation in known]
        source = draw_learning_curve(labels, accuracy, [evaluation.interval for _, evaluation in known])
        caption = "Accuracy on crops that were never queued, with 95 % Wilson intervals. One run, one seed."
        return Chart("Learning curve", caption, source)
    epochs = rounds[-1].trained.epochs
    source = draw_training_curve([epoch.epoch for epoch in epochs], [epoch.val_accuracy for epoch in epochs])
    return Chart("Training", "Accuracy on held-out synthetic crops.", source)


def _queue_caption(outcome: Outcome) -> str:
    who = "An oracle answered." if outcome.pool.has_oracle else "Yours to label."
    shown = min(MOST_CARDS, len(outcome.queue))
    return f"What the model asked about, and why; {shown} of {len(outcome.queue)} shown. {who}"


def _queue_pictures(outcome: Outcome) -> Iterable[ReportPicture]:
    for item in outcome.queue[:MOST_CARDS]:
        yield _queue_picture(item, outcome.pool.labels.get(item.item))


def _queue_picture(item: QueueItem, answer: str | None) -> ReportPicture:
    if answer is None:
        return picture_of(item.path, title=f"{item.predicted}?", note=item.reason)
    tone = "good" if answer == item.predicted else "bad"
    title = answer if answer == item.predicted else f"{answer}, not {item.predicted}"
    return picture_of(item.path, title=title, note=item.reason, tone=tone)


def _error_pictures(mistakes: tuple[Mistake, ...]) -> Iterable[ReportPicture]:
    for mistake in mistakes[:MOST_CARDS]:
        note = f"taken for {mistake.prediction}, {mistake.confidence:.0%} sure"
        try:
            yield picture_of(mistake.path, title=mistake.label, note=note, tone="bad")
        except ImageError:
            # It was readable a minute ago; a report should not fail over a file that has gone since.
            continue


def _commands(outcome: Outcome) -> tuple[str, ...]:
    last = outcome.rounds[-1].trained.folder
    if outcome.pool.has_oracle:
        return ("make demo POOL=path/to/your/crops", f"boxwright classify path/to/your/crops --model {last} -o out.csv")
    return (f"boxwright label --store {outcome.place.store(oracle=False)}", f"make demo POOL={outcome.pool_name}")
