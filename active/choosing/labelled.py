"""What is labelled already, as a model sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from active.choosing.choose import LabelledFeatures
from active.store.events import Labelled
from base.arrays import Labels, Reals

if TYPE_CHECKING:
    from model.adapting.score_cache import Scored
    from model.networks.trained_model import Model


@dataclass(frozen=True)
class ScoredLabels:
    """Labelled pictures that could be read: features (M, F), probabilities (M, C), and the index of each label."""

    labelled: tuple[Labelled, ...]
    features: Reals
    probabilities: Reals
    labels: Labels

    @classmethod
    def of(cls, labelled: Sequence[Labelled], scored: "Mapping[str, Scored]", classes: Sequence[str]) -> "ScoredLabels":
        """Put labels and scores together by content; what has no score, or a label of no class, is passed over."""
        both = [(each, scored[each.item]) for each in labelled if each.item in scored and each.label in classes]
        read = [(each, score) for each, score in both if score.error is None]
        return cls(
            tuple(each for each, _ in read),
            np.array([score.features for _, score in read]),
            np.array([score.probabilities for _, score in read]),
            np.array([classes.index(each.label) for each, _ in read], dtype=np.intp),
        )

    def to_known(self) -> LabelledFeatures | None:
        """Return what choosing wants to know of them; None where there are none."""
        if not self.labelled:
            return None
        return LabelledFeatures(
            self.features, self.labels, [f"{each.label} {each.path.name}" for each in self.labelled]
        )


def see(labelled: Sequence[Labelled], model: "Model") -> ScoredLabels:
    """Score labelled pictures, each read once; those that are gone, changed or of unknown classes are passed over."""
    from model.adapting.score_cache import score_pool  # here, because it needs torch

    known = [each for each in labelled if each.label in model.classes]
    return ScoredLabels.of(known, score_pool(model, [each.path for each in known]).scored, model.classes)
