"""Scanning: the finder says where widgets may be, the network that reads crops says what each is and shows."""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from model.classifying.classifier import Classifier, load_classifier
from model.finding.cells import FOUND_KINDS, PossibleWidgets
from model.finding.cutouts import cut_out
from model.finding.evidence import CropEvidence, confidences
from model.finding.finder import Finder, load_finder
from model.finding.widgets import FoundWidget
from model.networks.model_folders import PRETRAINED
from model.running.any_model import AnyModel
from model.running.readings import Classification

NO_WIDGET = "other"
"""The class of crops that show no widget; a model that has none leaves the question to the finder."""

MIN_CONFIDENCE = 0.4
"""What is less likely a widget is left out, unless another bound is given: the highest F1 on synthetic screens."""

Scan = Callable[[Image.Image], list[FoundWidget]]
"""From an RGB screenshot to the widgets on it, the surest first."""


class Scanner:
    """A finder and a classifier at work. Any number of threads may use one at the same time."""

    def __init__(self, finder: Finder, classifier: Classifier) -> None:
        self.finder = finder
        self.classifier = classifier

    def __reduce__(self) -> "tuple[Callable[..., Scanner], tuple[dict[str, bytes], AnyModel]]":
        files = {path.name: path.read_bytes() for path in self.finder.folder.iterdir() if path.is_file()}
        return _unpack, (files, self.classifier.model)

    @property
    def fingerprint(self) -> str:
        """Return what tells apart scanners that can answer differently."""
        return f"{self.finder.card.finder_fingerprint}-{self.classifier.model.fingerprint}"

    @property
    def states(self) -> tuple[str, ...]:
        """Return the states that a widget may be found in."""
        return tuple(name for name in self.classifier.model.classes if name != NO_WIDGET)

    def scan(self, image: Image.Image, *, min_confidence: float = MIN_CONFIDENCE) -> list[FoundWidget]:
        """Return the widgets on an RGB screenshot, the surest first.

        Args:
            image: any size.
            min_confidence: the least probability of being a widget.
        """
        candidates = self.finder.candidates(image)
        readings = self.read(image, candidates)
        sure = confidences(self.finder.card.belief, candidates, self.crop_evidence(readings))
        kept = [index for index in np.argsort(-sure, kind="stable").tolist() if sure[index] >= min_confidence]
        return [self._widget(candidates, index, readings[index], float(sure[index])) for index in kept]

    def read(self, image: Image.Image, candidates: PossibleWidgets) -> list[Classification]:
        """Return what the network that reads crops makes of each candidate."""
        crops = [self.classifier.fit(cut_out(image, box)) for box in candidates.boxes.tolist()]
        return self.classifier.results(crops, in_floats=True)

    def crop_evidence(self, readings: Sequence[Classification]) -> CropEvidence:
        """Return what speaks for candidates by how they were read."""
        tells = NO_WIDGET in self.classifier.model.classes
        shares = [_widget_share(each) for each in readings]
        logits = [_logit(share) if tells else 0.0 for share in shares]
        certainties = [self._certainty(each) for each in readings]
        return CropEvidence(np.array(logits, np.float64), np.array(certainties, np.float64))

    def _state(self, reading: Classification) -> str:
        return max(self.states, key=lambda name: reading.probabilities[name])

    def _certainty(self, reading: Classification) -> float:
        """Return the probability of the state, if it is a widget."""
        return min(1.0, reading.probabilities[self._state(reading)] / max(_widget_share(reading), 1e-6))

    def _widget(
        self, candidates: PossibleWidgets, index: int, reading: Classification, confidence: float
    ) -> FoundWidget:
        left, top, width, height = candidates.boxes[index].tolist()
        return FoundWidget(
            kind=FOUND_KINDS[int(np.argmax(candidates.kinds[index]))],
            state=self._state(reading),
            box=(left, top, width, height),
            confidence=confidence,
            state_confidence=self._certainty(reading),
            enabled=bool(candidates.enabled[index] > 0),
        )


def load_scanner(model: str | Path = PRETRAINED, *, finder: str | Path | None = None) -> Scanner:
    """Return a scanner.

    Args:
        model: what reads crops; see `load_classifier`.
        finder: the folder of a finder; the one in the box when None.

    Raises:
        MissingError, ModelError: there is nothing of that name, or it is something else, or is damaged.
    """
    return Scanner(load_finder(finder), load_classifier(model))


def _unpack(files: Mapping[str, bytes], model: AnyModel) -> Scanner:
    """Return the scanner that was pickled, for a process that need not have its files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        return Scanner(Finder(Path(folder)), Classifier(model))


def _widget_share(reading: Classification) -> float:
    """Return the probability, by what reads crops, that it is a widget; 1 where it knows no other class."""
    return 1 - reading.probabilities.get(NO_WIDGET, 0.0)


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(inside / (1 - inside))
