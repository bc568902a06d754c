"""The loop: rounds of score, queue, label, train and report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base.counting import counted
from commands.support.completion import complete_models
from commands.support.options import DEFAULT_STORE, Seed, Store
from commands.support.shared import RUNS, progress_bars, shown, stage_bars

if TYPE_CHECKING:
    from active.loop.loop import Loop, LoopStep
    from active.loop.round_process import RoundProcess
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
    ahead: Annotated[
        bool | None,
        typer.Option("--ahead/--no-ahead", help="Train while the next images are labelled; not with --screens."),
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on though the rule says stop.")] = False,
) -> None:
    """Label and train in rounds until enough is enough; leave and come back at any point."""
    import getpass

    from active.choosing.choose import QueueSettings
    from active.labelling.labeller import has_terminal
    from active.loop.loop import LoopSettings, open_loop
    from active.loop.loop_round import tidy
    from active.store.store import LabelStore
    from base.settings import load_settings

    tuning = {name: value for name, value in (("epochs", epochs), ("synthetic", synthetic)) if value is not None}
    flags: dict[str, Any] = {"n": n, "seed": seed, "fine_tuning": tuning or None, "ahead": ahead}
    settings = load_settings(LoopSettings, "loop", flags)
    choosing = load_settings(QueueSettings, "queue", {})
    opened = open_loop(tuple(pool), out, start=init, settings=settings, choosing=choosing, screens=screens)
    tidy(opened)
    with LabelStore.open(store, annotator=annotator or getpass.getuser()) as labels:
        # Screenshots are cut anew for each batch, by what the round before has taught; and without a terminal nobody
        # waits for the next picture.
        beside = settings.ahead and not opened.start.screens and has_terminal()
        with _Rounds(opened, labels, ahead=beside, keep_going=keep_going) as rounds:
            _go_round(rounds, store)


class _Rounds:
    """A loop that is gone round, and the process that trains beside the labelling, if one does."""

    def __init__(self, opened: "Loop", labels: "LabelStore", *, ahead: bool, keep_going: bool) -> None:
        self.loop, self.labels, self.ahead = opened, labels, ahead
        self._keep_going = keep_going
        self._process: RoundProcess | None = None

    def __enter__(self) -> "_Rounds":
        self._report()  # of a round that was finished when nobody looked
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.stop()

    def next_step(self) -> "LoopStep":
        """Return what is to be done next; what a process has finished is reported first."""
        from active.loop.loop import next_step

        if self._process is not None and self._process.is_done():
            self.finish()
        return next_step(self.loop, self.labels, keep_going=self._keep_going, ahead=self.ahead)

    def train(self) -> None:
        """Train the next round or, ahead, begin it, or wait for the one that is under way."""
        if not self.ahead:
            self._train_here()
        elif self._process is not None or self.loop.under_way() is not None:
            self.finish()
        else:
            self._begin()

    def train_now(self) -> None:
        """Begin the next round, and train it unless that is done beside the labelling."""
        if self.ahead:
            self.finish()
            self._begin()
        else:
            self._train_here()

    def start(self) -> None:
        """Have a process train the round that is under way, if one is and none does."""
        from active.gaps.gaps import GapsSettings
        from active.loop.round_process import RoundProcess
        from base.settings import load_settings

        if self.ahead and self._process is None and self.loop.under_way() is not None:
            self._begin()
            self._process = RoundProcess(self.loop, recipe=load_settings(GapsSettings, "gaps", {}))

    def finish(self) -> None:
        """Wait until the round that is under way is trained, if one is, and report it."""
        self.start()
        if self._process is None:
            return
        with progress_bars() as bar:
            advice = self._process.wait(bar(f"training round {self._process.number}"))
        self._end()
        self._report()
        typer.echo(f"  {advice}")

    def leave(self) -> None:
        """End the process that trains, and say where things stand."""
        from active.loop.loop_round import tidy

        self._end()
        tidy(self.loop)
        self._report()
        begun = self.loop.under_way()
        if begun is not None:
            typer.echo(f"round {len(self.loop.records()) + 1} is not trained yet; the same command goes on with it")
        typer.echo(_where(self.loop))

    def _begin(self) -> None:
        from active.loop.loop_round import begin_round

        begin_round(self.loop, self.labels)

    def _end(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _report(self) -> None:
        from active.loop.round_process import take_report

        if taken := take_report(self.loop):
            record, said = taken
            typer.echo(said, err=True, nl=False)
            typer.echo(record.to_text())

    def _train_here(self) -> None:
        from active.gaps.gaps import GapsSettings
        from active.loop.loop_round import train_round
        from active.loop.round_recipe import offer_recipe
        from base.settings import load_settings

        with progress_bars() as bar:
            record = train_round(self.loop, self.labels, on_train=stage_bars(bar), on_progress=bar)
        typer.echo(record.to_text())
        with progress_bars() as bar:
            advice = offer_recipe(self.loop, settings=load_settings(GapsSettings, "gaps", {}), on_progress=bar)
        typer.echo(f"  {advice}")


def _go_round(rounds: _Rounds, store: str) -> None:
    """Take one step after another until there is none, or nobody to take it."""
    while True:
        step = rounds.next_step()
        if step == "stop":
            typer.echo(f"enough: the rule in [loop.stop] says stop; --keep-going goes on\n{_where(rounds.loop)}")
            return
        if step == "queue" and not _queue(rounds.loop, rounds.labels):
            if rounds.loop.under_way() is None:
                what = "place that may be a widget" if rounds.loop.start.screens else "picture of the pool"
                typer.echo(f"nothing is left to choose: every {what} is decided\n{_where(rounds.loop)}")
                return
            rounds.finish()
        if step == "train":
            rounds.train()
        if step == "label":
            rounds.start()
            if not _label(rounds, store):
                rounds.leave()
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


def _label(rounds: _Rounds, store: str) -> bool:
    """Open the labeller; tell whether to go on."""
    from active.labelling.keys import LabelSettings
    from active.labelling.labeller import has_terminal, run_labeller
    from active.labelling.screen import Outlook
    from base.settings import load_settings

    waiting = rounds.labels.counts().open
    if not has_terminal():
        typer.echo(
            f"{counted(waiting, 'image waits', 'images wait')} for a label: run this again in a terminal, or "
            f"`boxwright label --store {store}`"
        )
        return False
    records = rounds.loop.records()
    if records and not typer.confirm(f"label the next {waiting}?", default=True):
        rounds.finish()  # Ctrl-C leaves it, for the next time
        return False
    settings = load_settings(LabelSettings, "label", {})
    expectation = records[-1].projection.to_text() if records else ""
    outlook = Outlook(expectation, "q: leave, and train on them")
    left = run_labeller(store, annotator=rounds.labels.annotator, settings=settings, outlook=outlook).open
    return not left or _ask(rounds, left)


def _ask(rounds: _Rounds, left: int) -> bool:
    """Ask what to do with a round that is not labelled to its end."""
    from active.loop.loop import can_train

    if rounds.next_step() != "label":
        typer.echo(f"the rule in [loop.stop] says stop by now; the {left} that are left stay in the queue")
        return True
    trainable = can_train(rounds.loop, rounds.labels)
    if trainable and typer.confirm(f"{left} are left; train on what there is?", default=False):
        rounds.train_now()
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
