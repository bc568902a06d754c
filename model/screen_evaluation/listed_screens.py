"""Sets of screens as a line of JSON each: where the widgets are, and what counts neither way."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import InputError
from base.settings import flatten
from base.tabular.json_lines import read_json_lines
from model.reading.remarks import Remarks
from model.running.readings import BoxPx
from model.screen_evaluation.true_screens import ScreenSet, TrueScreen, TrueWidget, refuse_box
from model.screen_evaluation.widget_words import ICON, name_kind, name_state

LIST_NAME = "screens.jsonl"

NOT_USED = ("annotation is not used", "annotations are not used")
"""What is said of boxes that are not understood."""

STATELESS = ("state is not known", "states are not known")
"""What is said of states that are not understood."""


class ListedWidget(BaseModel):
    """A widget of a line; what else stands there is left aside."""

    model_config = ConfigDict(frozen=True)

    box: BoxPx
    kind: str
    state: str = ""


class ListedScreen(BaseModel):
    """A line; what else stands there is left aside."""

    model_config = ConfigDict(frozen=True)

    file: str
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    widgets: tuple[ListedWidget, ...]
    ignore: tuple[BoxPx, ...] = ()
    complete: bool = True
    lineage: str = ""


def read_listed_screens(path: Path) -> ScreenSet:
    """Read a list of screens; their files lie beside it.

    Raises:
        InputError: a line is not what it should be, or a box has no area or is not on its picture.
    """
    unused, stateless = Remarks(NOT_USED), Remarks(STATELESS)
    screens = []
    for number, values in read_json_lines(path):
        where = f"{path}:{number}"
        try:
            line = ListedScreen.model_validate(values)
        except ValidationError as error:
            raise InputError(flatten(error, where).splitlines()[0]) from error
        widgets = tuple(_widgets(line, where, unused, stateless))
        icons = (widget.box for widget in line.widgets if name_kind(widget.kind) == ICON)
        ignore = (*line.ignore, *icons)
        for box in (*line.ignore, *(widget.box for widget in line.widgets)):
            refuse_box(box, (line.width, line.height), where)
        file = path.parent / line.file
        screens.append(TrueScreen(file, line.width, line.height, widgets, ignore, line.complete, line.lineage))
    unused.say(str(path))
    stateless.say(str(path))
    return ScreenSet(tuple(screens), "lineage")


def _widgets(line: ListedScreen, where: str, unused: Remarks, stateless: Remarks) -> Iterator[TrueWidget]:
    for widget in line.widgets:
        kind, state = name_kind(widget.kind), name_state(widget.state)
        if not kind:
            unused.add(f"kind {widget.kind!r}", where)
        elif kind != ICON:
            if not state:
                stateless.add(f"{widget.state!r}" if widget.state else "none is given", where)
            yield TrueWidget(widget.box, kind, state)
