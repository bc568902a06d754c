"""The decoded pictures of a training, and what tells whether they are the same as last time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from base.counting import counted
from base.errors import InputError
from base.notes import take_note
from model.labelled_folders.contradictions import describe_contradictions, find_contradictions
from model.labelled_folders.examples import Example
from model.labelled_folders.signatures import add_hashes, read_signatures
from model.learning.batches import BALANCES, Mixture, TrainingSet, decode_examples
from model.learning.training_settings import TrainSettings
from model.reading.images import Unreadable
from model.splitting.overlap import Overlap, SeenPictures
from model.training.plan import TrainingPlan
from model.training.run_state import Fingerprints


@dataclass(frozen=True)
class TrainingData:
    """The decoded examples of a plan."""

    mixture: Mixture
    val: TrainingSet

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """Return the pictures that were passed over."""
        return tuple(item for decoded in self._sets.values() for item in decoded.unreadable)

    @property
    def fingerprints(self) -> Fingerprints:
        """Return number and hash of the pictures of each part."""
        return {name: {"n": len(decoded), "sha256": decoded.fingerprint} for name, decoded in self._sets.items()}

    @property
    def _sets(self) -> dict[str, TrainingSet]:
        sets = {"synthetic": self.mixture.synthetic, "real": self.mixture.real, "val": self.val}
        return sets | ({"unlabelled": self.mixture.unlabelled} if len(self.mixture.unlabelled) else {})

    def seen(self) -> tuple[SeenPictures, Overlap]:
        """Return what training will have seen when it is done, and what is validated on of what is trained on."""
        trained = SeenPictures.of([*self.mixture.synthetic.signatures, *self.mixture.real.signatures])
        rest = SeenPictures.of([*self.val.signatures, *self.mixture.unlabelled.signatures])
        total = len(self.val) + len(self.val.unreadable)
        return trained | rest, trained.find_signed(self.val.signatures, total=total)

    def require_same(self, earlier: Fingerprints, run: Path) -> None:
        """Do nothing where these are the pictures of an earlier part of the run.

        Raises:
            InputError: they are not.
        """
        for name, now in self.fingerprints.items():
            if now != earlier[name]:
                raise InputError(
                    f"{run}: the {name} pictures have changed since the run began ({earlier[name]['n']} then, "
                    f"{now['n']} now); put them back, or begin again with --overwrite"
                )


def read_plan(plan: TrainingPlan, settings: TrainSettings, *, on_read: Callable[[int, int], None]) -> TrainingData:
    """Decode all examples of a plan; bad files are passed over as long as some are left.

    Raises:
        InputError: no picture to train on is left.
    """
    # Of synthetic pictures only the bytes are known again: they are many, and a real crop is never nearly one of them.
    sources = ((plan.synthetic, False), (plan.real, True), (plan.val, True), (plan.unlabelled, True))
    total = sum(len(examples) for examples, _ in sources)
    sets: list[TrainingSet] = []
    before = 0

    def report(before: int, done: int, _: int) -> None:
        on_read(before + done, total)

    for examples, looks in sources:
        decoded = decode_examples(
            examples,
            plan.start.geometry,
            plan.start.classes,
            threads=settings.threads or torch.get_num_threads(),
            looks=looks,
            on_progress=partial(report, before),
        )
        before += len(examples)
        sets.append(decoded)
    balance = BALANCES[settings.balance]
    mixture = Mixture(
        sets[0],
        sets[1],
        settings.real_share,
        settings.synthetic_per_epoch,
        balance,
        unlabelled=sets[3],
        unlabelled_share=settings.unlabelled_share,
    )
    if len(mixture) == 0:
        raise InputError(f"none of {counted(len(plan.synthetic) + len(plan.real), 'picture')} to train on can be read")
    if plan.unlabelled and not len(mixture.unlabelled):
        raise InputError(f"none of {counted(len(plan.unlabelled), 'unlabelled picture')} can be read")
    _tell_contradictions(sets[1:3], plan)
    return TrainingData(mixture, sets[2])


def _tell_contradictions(labelled: Sequence[TrainingSet], plan: TrainingPlan) -> None:
    """Say which pictures are there under two labels, be one of the two in a part that is left out.

    What was read for the training has been hashed already.
    """
    examples = [
        Example(each.path, plan.start.classes[label], "", content=each.content, pixels=each.pixels)
        for pictures in labelled
        for each, label in zip(pictures.signatures, pictures.labels.tolist(), strict=True)
    ]
    left_out, _ = add_hashes(plan.left_out, read_signatures([example.path for example in plan.left_out]))
    if found := describe_contradictions(find_contradictions([*examples, *left_out])):
        take_note(found)
