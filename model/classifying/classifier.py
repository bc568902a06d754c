"""A model at work: it classifies pictures of any origin, for any number of threads."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Floats, Pixels
from base.errors import ImageError, InputError
from base.threads import core_count
from model.classifying.gate import Gate
from model.decoding.upright import Decoded
from model.networks.model_folders import PRETRAINED
from model.reading.crop_fitting import Geometry
from model.reading.images import MAX_PIXELS, decode_bytes, decode_opened, read_bytes
from model.running.any_model import AnyModel, load_any_model
from model.running.readings import Classification
from model.running.runtime_names import QUICK_FIRST
from model.running.runtimes import build_scorer
from model.running.scorer import Scorer, Scores
from model.running.stages import Fitted, Looks, look_at

__all__ = ["AnyPicture", "Classification", "Classifier", "load_classifier"]

AnyPicture = str | Path | bytes | Image.Image | Pixels
"""A path, an encoded picture (the bytes of a PNG, say), a Pillow image, or RGB pixels as uint8 (H, W, 3)."""

CHUNK = 512
"""Pictures in memory at a time."""

_gate = Gate()
"""To fold a network, torch.fx replaces `nn.Module.__call__` for all threads: whoever scored meanwhile would fail."""


class Classifier:
    """A model at work. Any number of threads may use one at the same time.

    A picture's result does not depend on what else is classified with it.
    """

    def __init__(self, model: AnyModel) -> None:
        self.model = model
        self._looks = Looks(model.geometry, model.closer_look)
        with _gate.alone():
            self._scorer = build_scorer(model, QUICK_FIRST)

    def __call__(self, pictures: Iterable[AnyPicture]) -> list[Classification]:
        """Return a result for each picture, in order; one that cannot be read gives one with an error.

        Raises:
            InputError: something is no picture at all: an array that is not RGB, or another type.
        """
        if isinstance(pictures, str | bytes | Path | Image.Image | np.ndarray):
            raise InputError("one picture was given; give a list of pictures: classify([picture])")
        results: list[Classification] = []
        rest = iter(pictures)
        with ThreadPoolExecutor(core_count()) as pool:
            while chunk := list(islice(rest, CHUNK)):
                results += self._classify(list(pool.map(self._try_to_fit, chunk)))
        return results

    def fit(self, picture: AnyPicture, *, most_pixels: int = MAX_PIXELS) -> Fitted:
        """Return the picture, decoded, at the size that the model looks at.

        Raises:
            ImageError: it cannot be read, or has more than `most_pixels`; the text is a short reason.
            InputError: it is no picture at all.
        """
        decoded = decode_picture(picture, most_pixels=most_pixels, geometry=self.model.geometry)
        return Fitted.of(decoded, self._looks)

    def results(self, fitted: Sequence[Fitted], *, in_floats: bool = False) -> list[Classification]:
        """Return the results of pictures that `fit` returned, in order; with or without what is quick.

        Scanning does without: it compares the probability of being a widget with limits that were set in floats.
        """
        if not fitted:
            return []
        score = self._score_in_floats if in_floats else self._score
        readings = look_at(score, fitted, looks=self._looks, locates=self.model.locates, with_features=False)
        return [Classification(self.model.classes, reading) for reading in readings]

    def probabilities(self, pixels: Sequence[Pixels]) -> Floats:
        """Return the probabilities (N, classes) of pictures that are at their fitted size already, in floats.

        Whoever takes one from another, as those who draw heat maps, sees no steps of 8-bit integers.
        """
        return self._score_in_floats(pixels).probabilities

    @cached_property
    def _exact(self) -> Scorer:
        with _gate.alone():
            return build_scorer(self.model)

    def _score_in_floats(self, pixels: Sequence[Pixels]) -> Scores:
        score = self._exact
        with _gate.shared():
            return score(pixels)

    def _score(self, pixels: Sequence[Pixels]) -> Scores:
        with _gate.shared():
            return self._scorer(pixels)

    def _try_to_fit(self, picture: AnyPicture) -> Fitted | Classification:
        try:
            return self.fit(picture)
        except ImageError as error:
            return Classification.failed(str(error))

    def _classify(self, items: Sequence[Fitted | Classification]) -> list[Classification]:
        found = iter(self.results([item for item in items if isinstance(item, Fitted)]))
        return [next(found) if isinstance(item, Fitted) else item for item in items]


def load_classifier(model: str | Path = PRETRAINED) -> Classifier:
    """Return a classifier with the model of a run folder or an exported file, or with the one in the box.

    Raises:
        MissingError: there is nothing of that name.
        ModelError: it is something else, or is damaged.
    """
    return Classifier(load_any_model(model))


def decode_picture(picture: AnyPicture, *, most_pixels: int = MAX_PIXELS, geometry: Geometry | None = None) -> Decoded:
    """Return a picture of any origin as RGB in sRGB, upright.

    Raises:
        ImageError: it cannot be read, has more than `most_pixels`, or is nothing for `geometry`; the text is a reason.
        InputError: it is no picture at all.
    """
    if isinstance(picture, str | Path):
        return decode_bytes(read_bytes(Path(picture)), most_pixels=most_pixels, geometry=geometry)
    if isinstance(picture, bytes):
        return decode_bytes(picture, most_pixels=most_pixels, geometry=geometry)
    if isinstance(picture, np.ndarray):
        picture = _from_array(picture)
    if not isinstance(picture, Image.Image):
        raise InputError(f"a {type(picture).__name__} is no picture; give a path, bytes, a Pillow image or an array")
    if 0 in picture.size:
        raise ImageError("is empty")
    return decode_opened(picture, most_pixels=most_pixels, geometry=geometry)


def _from_array(pixels: Pixels) -> Image.Image:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise InputError(f"an array {pixels.dtype} {pixels.shape} is no RGB picture; give uint8 (height, width, 3)")
    return Image.fromarray(np.ascontiguousarray(pixels))
