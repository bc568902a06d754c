"""Teaching a finder that there is what one's own screenshots look like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.progress import Bar, OnProgress, mute_bar
from model.finder_learning.belief_fit import fit_belief, save_belief
from model.finder_learning.finder_training import FinderSettings, train_finder
from model.finder_learning.known_screens import KnownScreen, read_known_screens
from model.finding.finder_files import finder_folder
from model.finding.scanner import load_scanner

LEAST_HELD_OUT = 50
"""So many widgets have to be on the screenshots on which is fitted how sure to be of what is found."""


@dataclass(frozen=True)
class TunedFinder:
    """A finder that was taught: its folder, what it learned from, and how sure to be of what was fitted on.

    `believed_on` is the number of widgets held out for that; 0 where it was left as it was.
    """

    folder: Path
    screens: int
    widgets: int
    steps: int
    believed_on: int

    @property
    def summary(self) -> str:
        """Return what came out, in one line."""
        learned = f"{counted(self.steps, 'step')} on {counted(self.widgets, 'widget')}"
        fitted = f"fitted on {counted(self.believed_on, 'widget')} held out" if self.believed_on else "left as it was"
        return f"{self.folder}: a finder; {learned} of {counted(self.screens, 'screen')}; how sure it is, {fitted}"


def tune_finder(
    sets: Sequence[Path],
    *,
    out: Path,
    settings: FinderSettings,
    val: Path | None = None,
    overwrite: bool = False,
    on_progress: Bar | None = None,
) -> TunedFinder:
    """Train a finder that there is on annotated screenshots, and write its folder.

    Args:
        sets: of screenshots; see `read_screen_set`. Those that do not list all their widgets are passed over.
        out: does not exist, or is empty, or is an earlier folder and `overwrite` is set.
        settings: see `FinderSettings`; `init` is the finder in the box where it is None.
        val: a set that is not trained on, on which is fitted how sure to be, with the model in the box; without it,
            that is taken from `init`.
        overwrite: delete what is in `out`.
        on_progress: makes a progress callback a stage.

    Raises:
        MissingError: there is no such set, or no finder to start from.
        InputError: a set or a picture of it is not what it should be, no widget is on any, too few are on those of
            `val`, or some are in both.
        ModelError: what to start from is no finder, or is damaged.
        OutputExistsError: `out` is not empty.
        TrainingError: the loss is not finite.
    """
    bar = on_progress or mute_bar
    begin = finder_folder(settings.init)
    screens = [screen for folder in sets for screen in read_known_screens(folder)]
    held_out = [] if val is None else list(read_known_screens(val))
    if val is not None:
        _refuse_held_out(val, held_out, screens)
    start = settings.model_copy(update={"init": begin})
    train_finder(screens, out=out, settings=start, overwrite=overwrite, on_progress=bar("training"))
    if held_out:
        save_belief(out, fit_belief(load_scanner(finder=out), _told(held_out, bar("fitting how sure to be"))))
    return TunedFinder(out, len(screens), _count_widgets(screens), start.all_steps, _count_widgets(held_out))


def _refuse_held_out(val: Path, held_out: Sequence[KnownScreen], screens: Sequence[KnownScreen]) -> None:
    learned = {screen.content for screen in screens}
    if shared := sum(screen.content in learned for screen in held_out):
        raise InputError(f"{val}: {shared} of {counted(len(held_out), 'screen')} would be trained on as well")
    if (widgets := _count_widgets(held_out)) < LEAST_HELD_OUT:
        wanted = f"at least {LEAST_HELD_OUT} say how sure to be of what is found"
        raise InputError(f"{val}: {counted(widgets, 'widget')}, but {wanted}; without it, that is left as it was")


def _count_widgets(screens: Sequence[KnownScreen]) -> int:
    return sum(int((~screen.ignored).sum()) for screen in screens)


def _told(screens: Sequence[KnownScreen], report: OnProgress) -> Iterator[KnownScreen]:
    """Yield the screens, and tell how far they are."""
    for done, screen in enumerate(screens):
        report(done, len(screens))
        yield screen
    report(len(screens), len(screens))
