"""Hard crops: the real ones that a model gets wrong, or is unsure of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.gap.crop_statistics import Described


@dataclass(frozen=True)
class HardCrop:
    """A real crop, by its place among the described ones, that the model gets wrong or is unsure of.

    `label` is empty where nobody gave one. `doubt` is one minus the probability of the label; without a label, of the
    prediction.
    """

    place: int
    label: str
    predicted: str
    doubt: float

    @property
    def wrong(self) -> bool:
        """Tell whether there is a label, and the model says otherwise."""
        return bool(self.label) and self.label != self.predicted


def find_hard_crops(
    real: Described, classes: Sequence[str], *, sure: float, unseen: Mapping[str, str] | None = None
) -> tuple[HardCrop, ...]:
    """Return the crops that the model gets wrong, or right with a probability below `sure`, most doubtful first.

    Args:
        real: with the labels that there are; the others are empty.
        classes: of the model, in its order.
        sure: the least probability with which a crop is not hard.
        unseen: by content, what a model that never learned the label of a crop takes it for; that says then whether
            it is hard, and not the model, which may know it by heart.
    """
    judged = [_judge(place, real, classes, (unseen or {}).get(content)) for place, content in enumerate(real.contents)]
    hard = [each for each in judged if each.wrong or each.doubt > 1 - sure]
    return tuple(sorted(hard, key=lambda each: (-each.doubt, each.place)))


def _judge(place: int, real: Described, classes: Sequence[str], unseen: str | None) -> HardCrop:
    label = real.examples[place].label
    found = dict(zip(classes, real.readings[place].probabilities or (), strict=True))
    if unseen is not None and label:
        return HardCrop(place, label, unseen, float(unseen != label))
    predicted = max(found, key=lambda name: found[name])
    return HardCrop(place, label, predicted, 1 - found[label or predicted])
