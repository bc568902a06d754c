"""Whether a new model may take over from the present one: judged on labels that neither has learned."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from active.suspects.cross_fitting import deal_evenly
from model.labelled_folders.folders import read_examples
from model.splitting.folds import Split, SplitRow, name_of

JUDGING_FOLDS = 3
"""Each costs a training; the new model is judged a little too harshly for learning from two thirds of the labels."""


@dataclass(frozen=True)
class Duel:
    """Two models on the same `n` pictures: how many each got right, and how many one alone did."""

    n: int
    present: int
    new: int
    gained: int
    lost: int

    @classmethod
    def of(cls, truth: Mapping[str, str], present: Mapping[str, str], new: Mapping[str, str]) -> "Duel":
        """Compare predictions by item on the items that all have."""
        items = [item for item in truth if item in present and item in new]
        before = [present[item] == truth[item] for item in items]
        after = [new[item] == truth[item] for item in items]
        pairs = Counter(zip(before, after, strict=True))
        return cls(len(items), sum(before), sum(after), pairs[False, True], pairs[True, False])

    @property
    def clearly_worse(self) -> bool:
        """Tell whether the new model lost more than chance explains: by more than one standard error."""
        return self.lost - self.gained > math.sqrt(self.lost + self.gained)


@dataclass(frozen=True)
class Judgement:
    """A new model against the present one: on all labelled pictures, and on the random audit among them."""

    everything: Duel
    audit: Duel

    @classmethod
    def of(
        cls,
        truth: Mapping[str, str],
        present: Mapping[str, str],
        new: Mapping[str, str],
        audit: Collection[str],
    ) -> "Judgement":
        """Compare predictions by item."""
        drawn = {item: label for item, label in truth.items() if item in audit}
        return cls(Duel.of(truth, present, new), Duel.of(drawn, present, new))

    @property
    def takes_over(self) -> bool:
        """Tell whether the new model is not worse.

        It makes no more mistakes on all labelled pictures, and is not clearly worse on the random audit: pictures that
        the present model found hard are many among the rest, which favours the new one.
        """
        return self.everything.new >= self.everything.present and not self.audit.clearly_worse

    def to_text(self) -> str:
        """Return what came out, in words."""
        verdict = "it takes over" if self.takes_over else "it is worse, and the present one stays"
        one, drawn = self.everything, self.audit
        return (
            f"new model, cross-validated: {one.new} of {one.n} right, the present one {one.present};"
            f" on the audit {drawn.new} of {drawn.n}, the present one {drawn.present}: {verdict}"
        )


def deal_folder(folder: Path, *, seed: int) -> Split:
    """Deal a folder's pictures into folds, alike in every class as far as its number allows."""
    examples = read_examples(folder)
    names = sorted({example.label for example in examples})
    labels = np.array([names.index(example.label) for example in examples], dtype=np.intp)
    dealt = deal_evenly(labels, folds=min(JUDGING_FOLDS, len(examples)), rng=np.random.default_rng(seed))
    named = [(name_of(each, folder), each.label) for each in examples]
    return Split(
        tuple(
            SplitRow(file_name=name, label=label, group=name, fold=fold)
            for (name, label), fold in zip(named, dealt.tolist(), strict=True)
        )
    )
