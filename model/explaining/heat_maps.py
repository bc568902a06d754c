"""Drawing heat maps by any of the methods, and choosing the one that fits a network."""

from collections.abc import Callable

import numpy as np

from base.arrays import Floats
from base.errors import InputError, unknown_choice
from model.classifying.classifier import Classifier
from model.explaining.heat_map import HeatMap
from model.explaining.method_names import ATTENTION_ROLLOUT, AUTO_METHOD, GRAD_CAM, LAYER_CAM, OCCLUSION
from model.explaining.occlusion import occlusion
from model.networks.trained_model import Model
from model.running.stages import Fitted

Method = Callable[[Classifier, Fitted, int], Floats]
"""From a picture and the index of a class to heat, (rows, columns)."""

BY_FIT = (ATTENTION_ROLLOUT, LAYER_CAM, OCCLUSION)
"""What `auto` tries, in this order; the last fits everything."""


def _grad_cam(classifier: Classifier, picture: Fitted, index: int) -> Floats:
    from model.explaining.class_activation import grad_cam  # torch, which occlusion does without

    return grad_cam(_require_network(classifier, GRAD_CAM), picture, index)


def _layer_cam(classifier: Classifier, picture: Fitted, index: int) -> Floats:
    from model.explaining.class_activation import layer_cam

    return layer_cam(_require_network(classifier, LAYER_CAM), picture, index)


def _attention_rollout(classifier: Classifier, picture: Fitted, index: int) -> Floats:
    from model.explaining.attention_rollout import attention_rollout

    return attention_rollout(_require_network(classifier, ATTENTION_ROLLOUT), picture, index)


METHODS: dict[str, Method] = {
    LAYER_CAM: _layer_cam,
    GRAD_CAM: _grad_cam,
    ATTENTION_ROLLOUT: _attention_rollout,
    OCCLUSION: occlusion,
}
"""By the names in `method_names`."""


def draw_heat_map(
    classifier: Classifier, picture: Fitted, *, label: str | None = None, method: str = OCCLUSION
) -> HeatMap:
    """Return what of a picture speaks for a class.

    Args:
        classifier: whose answer is explained.
        picture: as `classifier.fit` returns it.
        label: the class; the most probable one when None.
        method: of `METHODS`, or `auto`; occlusion does for any network.

    Raises:
        InputError: there is no such class or method, or the method does not fit the network.
    """
    classes = classifier.model.classes
    if method == AUTO_METHOD:
        method = choose_method(classifier)
    if method not in METHODS:
        raise unknown_choice("method", method, (AUTO_METHOD, *METHODS))
    if label is None:
        label = classes[int(classifier.probabilities([picture.pixels])[0].argmax())]
    elif label not in classes:
        raise unknown_choice("class", label, classes)
    return HeatMap(label, METHODS[method](classifier, picture, classes.index(label)), method)


def choose_method(classifier: Classifier) -> str:
    """Return the method that fits the network, found by showing it one picture.

    Attention rollout for transformers, LayerCAM where there are convolutions, occlusion for files that hold a graph
    alone and for all others.
    """
    blank = Fitted(np.full((48, 96, 3), 255, np.uint8), (96, 48))
    for name in BY_FIT[:-1]:
        try:
            METHODS[name](classifier, blank, 0)
        except InputError:
            continue
        return name
    return BY_FIT[-1]


def check_method(classifier: Classifier, method: str) -> str:
    """Return the method's name, that of `auto` found out, before any picture is read.

    Raises:
        InputError: there is no such method, or it does not fit the network.
    """
    chosen = choose_method(classifier) if method == AUTO_METHOD else method
    blank = np.full((48, 96, 3), 255, np.uint8)
    draw_heat_map(classifier, Fitted(blank, (96, 48)), label=classifier.model.classes[0], method=chosen)
    return chosen


def _require_network(classifier: Classifier, method: str) -> Model:
    if not isinstance(classifier.model, Model):
        raise InputError(
            f"{method} looks inside a network, and this file holds a graph alone: take the run folder that it was "
            f"exported from, or {OCCLUSION}"
        )
    return classifier.model
