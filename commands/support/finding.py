"""One widget on one screenshot, by its label: what is printed, and how a script is told."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from base.errors import BoxwrightError, InputError, NoSuchWidgetError, SeveralWidgetsError

if TYPE_CHECKING:
    from model.captioning.labelling_scanner import WidgetScanner
    from model.finding.widgets import FoundWidget
    from model.scanning.screen_rows import WidgetFilter

CHECKED_STATE = "checked"

OTHER_STATE = 1
TROUBLE = 2
NOT_FOUND = 4
SEVERAL_FOUND = 5


def refuse_beside(option: str, others: Mapping[str, object]) -> None:
    """Refuse options that mean nothing beside another one.

    Raises:
        InputError: one of them is given.
    """
    if given := [name for name, value in others.items() if value]:
        raise InputError(f"{option} tells of one widget and writes nothing: leave out {', '.join(given)}")


@contextlib.contextmanager
def exit_codes_of_finding() -> Iterator[None]:
    """Exit with a code that cannot be taken for a widget's state where one is not found, or something goes wrong."""
    codes: dict[type[Exception], int] = {NoSuchWidgetError: NOT_FOUND, SeveralWidgetsError: SEVERAL_FOUND}
    try:
        yield
    except (BoxwrightError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(codes.get(type(error), TROUBLE)) from None


def find_on_screen(scanner: "WidgetScanner", sources: Sequence[str], text: str, chosen: "WidgetFilter") -> NoReturn:
    """Print the state, box and centre of the widget with that label, and exit by its state.

    Raises:
        NoSuchWidgetError, SeveralWidgetsError: not exactly one widget matches.
        InputError, ImageError: that is not one picture, or it cannot be read.
    """
    from model.captioning.labelling_scanner import LabellingScanner
    from model.captioning.widget_search import find_widget
    from model.finding.cells import FOUND_KINDS
    from model.reading.images import read_image

    if len(sources) != 1 or Path(sources[0]).is_dir():
        raise InputError(f"--find looks at one screenshot, but {', '.join(sources)} is not the name of one file")
    chosen.check(FOUND_KINDS, scanner.states)
    labelled = LabellingScanner(scanner).scan(read_image(Path(sources[0])), min_confidence=chosen.min_confidence)
    widget = find_widget([each for each in labelled if chosen.takes(each)], text)
    typer.echo(_line(widget))
    raise typer.Exit(0 if widget.state == CHECKED_STATE else OTHER_STATE)


def _line(widget: "FoundWidget") -> str:
    box, centre = (",".join(f"{value:.1f}" for value in place) for place in (widget.box, widget.centre))
    return f"{widget.state}\tbox {box}\tcentre {centre}\t{widget.kind}\t{widget.label}"
