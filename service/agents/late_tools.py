"""The tools with the models that they need, none of which is loaded before it is used."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from service.agents.given_pictures import GivenPictures
from service.agents.screen_tools import ScreenTools
from service.late import Late

if TYPE_CHECKING:
    from model.classifying.classifier import Classifier
    from model.finding.scanner import Scan
    from service.agents.screen_tools import LabelThem


def late_tools(roots: Iterable[Path], model: Path, finder: Path | None) -> ScreenTools:
    """Return tools that read pictures in `roots`.

    Args:
        roots: folders.
        model: what reads crops, see `model.classifying.classifier.load_classifier`.
        finder: what finds widgets; the one in the box when None.

    Raises:
        MissingError: a root is no folder.
    """

    def load_classifier_now() -> "Classifier":
        from model.classifying.classifier import load_classifier

        return load_classifier(model)

    def load_scan() -> "Scan":
        from model.finding.finder import load_finder
        from model.finding.scanner import Scanner

        return Scanner(load_finder(finder), classifier.get()).scan

    classifier = Late(load_classifier_now)
    return ScreenTools(GivenPictures(roots), classifier=classifier, scan=Late(load_scan), label=Late(load_labelling))


def load_labelling() -> "LabelThem":
    """Return what reads the words beside widgets.

    Raises:
        InputError: there is nothing to read them with.
    """
    from model.captioning.text_reader import load_text_reader
    from model.captioning.widget_labels import label_widgets

    reader = load_text_reader()
    return lambda image, widgets: label_widgets(image, widgets, reader)
