"""What is labelled already, as a model sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from active.choosing.choose import LabelledFeatures
from active.store.events import Labelled
from base.arrays import Labels, Reals
from base.errors import ImageError
from model.reading.images import content_hash

if TYPE_CHECKING:
    from model.networks.checkpoint import Model


@dataclass(frozen=True)
class ScoredLabels:
    """Labelled pictures that could be read: features (M, F), probabilities (M, C), and the index of each label."""

    labelled: tuple[Labelled, ...]
    features: Reals
    probabilities: Reals
    labels: Labels

    def to_known(self) -> LabelledFeatures | None:
        """Return what choosing wants to know of them; None where there are none."""
        if not self.labelled:
            return None
        return LabelledFeatures(
            self.features, self.labels, [f"{each.label} {each.path.name}" for each in self.labelled]
        )


def see(labelled: Sequence[Labelled], model: "Model") -> ScoredLabels:
    """Score labelled pictures; those whose files are gone or changed, or of unknown classes, are passed over."""
    from model.adapting.score_cache import score_files  # here, because it needs torch

    there = {each.item: each for each in labelled if each.label in model.classes and _is_still_there(each)}
    scored = score_files(model, {item: each.path for item, each in there.items()})
    read = [each for each in scored if each.error is None]
    indices = [model.classes.index(there[each.item].label) for each in read]
    return ScoredLabels(
        tuple(there[each.item] for each in read),
        np.array([each.features for each in read]),
        np.array([each.probabilities for each in read]),
        np.array(indices, dtype=np.intp),
    )


def _is_still_there(labelled: Labelled) -> bool:
    try:
        return content_hash(labelled.path) == labelled.item
    except ImageError:
        return False
