"""The loop: rounds of score, queue, label, train and report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.counting import counted
from commands.support.completion import complete_models
from commands.support.options import DEFAULT_STORE, Seed, Store
from commands.support.shared import RUNS, progress_bars, shown, stage_bars

if TYPE_CHECKING:
    from active.loop.loop import Loop
    from active.store.store import LabelStore

OUT = RUNS / "loop"


def loop(
    pool: Annotated[list[str], typer.Argument(help="Unlabelled images: files, folders or globs.")],
    screens: Annotated[
        bool, typer.Option("--screens", help="They are whole screenshots: ask about places on them.")
    ] = False,
    init: Annotated[
        Path | None,
        typer.Option(
            help="The run folder that each round trains from. [default: pretrained]", autocompletion=complete_models
        ),
    ] = None,
    synthetic: Annotated[Path | None, typer.Option(help="Generated crops to train on as well. [default: none]")] = None,
    n: Annotated[int | None, typer.Option("-n", help="Images a round.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the labels.")] = None,
    seed: Seed = None,
    annotator: Annotated[str | None, typer.Option(help="Who labels. [default: your login]", show_default=False)] = None,
    store: Store = DEFAULT_STORE,
    out: Annotated[Path, typer.Option(help="The folder of the rounds, which says where the loop stands.")] = OUT,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on though the rule says stop.")] = False,
) -> None:
    """Label and train in rounds until enough is enough; leave and come back at any point."""
    import getpass

    from active.choosing.choose import QueueSettings
    from active.loop.loop import LoopSettings, open_loop
    from active.loop.loop_round import tidy
    from active.store.store import LabelStore
    from base.settings import load_settings

    tuning = {name: value for name, value in (("epochs", epochs), ("synthetic", synthetic)) if value is not None}
    flags: dict[str, Any] = {"n": n, "seed": seed, "fine_tuning": tuning or None}
    settings = load_settings(LoopSettings, "loop", flags)
    choosing = load_settings(QueueSettings, "queue", {})
    opened = open_loop(tuple(pool), out, start=init, settings=settings, choosing=choosing, screens=screens)
    tidy(opened)
    with LabelStore.open(store, annotator=annotator or getpass.getuser()) as labels:
        _go_round(opened, labels, store, keep_going=keep_going)


def _go_round(opened: "Loop", labels: "LabelStore", store: str, *, keep_going: bool) -> None:
    """Take one step after another until there is none, or nobody to take it."""
    from active.loop.loop import next_step

    while True:
        step = next_step(opened, labels, keep_going=keep_going)
        if step == "stop":
            typer.echo(f"enough: the rule in [loop.stop] says stop; --keep-going goes on\n{_where(opened)}")
            return
        if step == "queue" and not _queue(opened, labels):
            what = "place that may be a widget" if opened.start.screens else "picture of the pool"
            typer.echo(f"nothing is left to choose: every {what} is decided\n{_where(opened)}")
            return
        if step == "train":
            _train(opened, labels)
        if step == "label" and not _label(opened, labels, store):
            typer.echo(_where(opened))
            return


def _queue(opened: "Loop", labels: "LabelStore") -> bool:
    from active.loop.loop import queue_round

    with progress_bars() as bar:
        queue = queue_round(opened, labels, bar)
    if queue is None:
        return False
    for error in queue.errors:
        typer.echo(f"{shown(error.path)}: {error.reason}", err=True)
    typer.echo(f"{counted(len(queue.items), 'image')} queued")
    return True


def _train(opened: "Loop", labels: "LabelStore") -> None:
    from active.gaps.gaps import GapsSettings
    from active.loop.loop_round import train_round
    from active.loop.round_recipe import offer_recipe
    from base.settings import load_settings

    with progress_bars() as bar:
        record = train_round(opened, labels, on_train=stage_bars(bar), on_progress=bar)
    typer.echo(record.to_text())
    with progress_bars() as bar:
        advice = offer_recipe(opened, settings=load_settings(GapsSettings, "gaps", {}), on_progress=bar)
    typer.echo(f"  {advice}")


def _label(opened: "Loop", labels: "LabelStore", store: str) -> bool:
    """Open the labeller; tell whether to go on."""
    from active.labelling.keys import LabelSettings
    from active.labelling.labeller import has_terminal, run_labeller
    from active.labelling.screen import Outlook
    from base.settings import load_settings

    waiting = labels.counts().open
    if not has_terminal():
        typer.echo(
            f"{counted(waiting, 'image waits', 'images wait')} for a label: run this again in a terminal, or "
            f"`boxwright label --store {store}`"
        )
        return False
    records = opened.records()
    if records and not typer.confirm(f"label the next {waiting}?", default=True):
        return False
    settings = load_settings(LabelSettings, "label", {})
    expectation = records[-1].projection.to_text() if records else ""
    outlook = Outlook(expectation, "q: leave, and train on them")
    left = run_labeller(store, annotator=labels.annotator, settings=settings, outlook=outlook).open
    return not left or _ask(opened, labels, left)


def _ask(opened: "Loop", labels: "LabelStore", left: int) -> bool:
    """Ask what to do with a round that is not labelled to its end."""
    from active.loop.loop import can_train

    if can_train(opened, labels) and typer.confirm(f"{left} are left; train on what there is?", default=False):
        _train(opened, labels)
        return True
    typer.echo(f"{left} are left; the same command goes on with them")
    return False


def _where(opened: "Loop") -> str:
    """Return where the model is, and what to do with it."""
    model, finder = opened.present(), opened.finder()
    if finder is not None:
        return f"model: {model}, finder: {finder}; boxwright scan SCREENS --model {model} --finder {finder}"
    if model == opened.start.model:
        return f"no round has a better model than {model} yet"
    return f"model: {model}; boxwright classify POOL --model {model}"
