"""The last block of a network and its heads, taught alone on maps that were computed once; the rest stays as it is."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from base.arrays import Doubles, Labels
from base.errors import TrainingError
from model.adapting.light_adamw import AdamWGroup
from model.adapting.stage_maps import StageMaps, last_block, with_last_block
from model.learning.averaging import AveragedWeights
from model.learning.batches import BALANCES, plan_batches
from model.learning.learner import BatchResult, EpochTally, use_bfloat16
from model.learning.losses import LOSSES
from model.learning.parameter_groups import parameter_groups
from model.learning.schedules import rate_at
from model.learning.training_settings import TrainSettings
from model.networks.backbones import Backbone
from model.networks.trained_model import Model
from model.running.torch_scorer import torch_threads
from model.training.run_folder import Epoch

CPU = torch.device("cpu")
"""The maps are so small that a GPU would wait for each of them."""


@dataclass(frozen=True)
class Taught:
    """A last block that was taught, and a row for each epoch."""

    ending: Backbone
    epochs: tuple[Epoch, ...]

    def probabilities(self, maps: Sequence[StageMaps]) -> Doubles:
        """Return the probabilities of pictures as they are, (N, C)."""
        with torch.inference_mode(), torch_threads(1):
            logits = [self.ending(each.plain[None]) for each in maps]
            found: Doubles = torch.cat(logits).double().softmax(1).numpy()
        return found

    def model(self, start: Model) -> Model:
        """Return `start` with this last block; it has no fingerprint until it is saved.

        The heads for kind and place of a widget were not taught along, so that it does not say that it locates.
        """
        source = with_last_block(start.network, self.ending)
        return replace(start, source=source, fingerprint="", calibration=None, locates=False)


def teach_last_block(start: Model, maps: Sequence[StageMaps], labels: Labels, settings: TrainSettings) -> Taught:
    """Return a copy of the last block and the heads of `start`, taught; `start` stays as it is.

    Batch statistics are those that `start` has, and the mean of old and new weights is kept, as `init_share` says. One
    thread does it, so that the result does not depend on the number of cores.

    Args:
        start: a model whose network has a last block.
        maps: of all pictures, by `start`.
        labels: (N,), indices of classes.
        settings: as of a training from `start`; of what is drawn at random only `balance` and `seed` count.

    Raises:
        TrainingError: the loss is not finite.
    """
    with torch_threads(1):
        lesson = _Lesson(last_block(start.network), settings, total=settings.epochs * len(labels))
        shown = _Versions(maps)
        epochs = tuple(_epoch(number, lesson, shown, labels) for number in range(1, settings.epochs + 1))
        return Taught(lesson.average.network_like(lesson.ending), epochs)


class _Versions:
    """The changed versions of pictures, each shown in turn."""

    def __init__(self, maps: Sequence[StageMaps]) -> None:
        self.maps = maps
        self._turns = [0] * len(maps)

    def take(self, row: int) -> Tensor:
        """Return the next version of a picture."""
        versions = self.maps[row].changed
        self._turns[row] += 1
        return versions[(self._turns[row] - 1) % len(versions)]


class _Lesson:
    """A last block with its optimiser, its averaged weights and its place in the schedule."""

    def __init__(self, ending: Backbone, settings: TrainSettings, *, total: int) -> None:
        self.ending = ending.eval()
        self.settings = settings
        self.average = AveragedWeights(ending, settings.ema, start_share=settings.init_share)
        self._loss = LOSSES[settings.loss]
        self._groups = [AdamWGroup.of(group) for group in parameter_groups(ending, settings.weight_decay)]
        self._bfloat16 = use_bfloat16(settings, CPU)
        self._total = total
        self._seen = 0
        self._pending = 0

    @property
    def learning_rate(self) -> float:
        """Return the rate of the next step."""
        given, done = self.settings, min(1.0, self._seen / self._total)
        return rate_at(given.schedule, done, height=given.highest_rate, warmup=given.warmup)

    def learn(self, maps: Tensor, labels: Tensor) -> BatchResult:
        """Add the gradient of a batch, and step where at least half of `batch_size` pictures have added theirs."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            logits: Tensor = self.ending(maps)
        losses = self._loss(logits.float(), labels, None, self.settings.label_smoothing)
        if not math.isfinite(losses.item()):
            raise TrainingError(f"the loss became {losses.item()}; lower learning_rate")
        losses.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self._pending += len(labels)
        if 2 * self._pending >= self.settings.batch_size:
            self.step()
        return BatchResult(losses.item(), int((logits.argmax(1) == labels).sum()), len(labels))

    def step(self) -> None:
        """Take a step by what has been added since the last one."""
        if not self._pending:
            return
        parameters = [weights for weights in self.ending.parameters() if weights.grad is not None]
        gradients = [gradient for weights in parameters if (gradient := weights.grad) is not None]
        torch._foreach_div_(gradients, self._pending)
        clip_grad_norm_(parameters, self.settings.max_gradient or math.inf)
        for group in self._groups:
            group.step(self.learning_rate)
        self.average.update()
        self._seen += self._pending
        self._pending = 0


def _epoch(number: int, lesson: _Lesson, shown: _Versions, labels: Labels) -> Epoch:
    settings, tally, began = lesson.settings, EpochTally(), time.perf_counter()
    rng = np.random.default_rng([settings.seed, number])
    drawn = BALANCES[settings.balance].draw(labels, len(labels), rng)
    shapes = [shown.maps[row].cells for row in drawn]
    for batch in plan_batches(shapes, batch_size=settings.batch_size, rng=rng):
        rows = drawn[batch]
        maps = _stack([shown.take(row) for row in rows], rng)
        tally.add(lesson.learn(maps, torch.from_numpy(labels[rows])))
    lesson.step()
    seconds = time.perf_counter() - began
    return Epoch(
        epoch=number,
        loss=tally.loss / tally.count,
        train_accuracy=tally.right / tally.count,
        val_loss=None,
        val_accuracy=None,
        learning_rate=lesson.learning_rate,
        seconds=round(seconds, 3),
        images_per_s=round(tally.count / seconds, 1),
    )


def _stack(maps: Sequence[Tensor], rng: np.random.Generator) -> Tensor:
    """Return maps in one batch, (N, C, h, w), each at a random place, the room around it filled by its edges."""
    height, width = max(each.shape[1] for each in maps), max(each.shape[2] for each in maps)
    placed = []
    for each in maps:
        down, right = height - each.shape[1], width - each.shape[2]
        if down or right:
            top, left = int(rng.integers(down + 1)), int(rng.integers(right + 1))
            room = (left, right - left, top, down - top)
            placed.append(functional.pad(each[None], room, mode="replicate")[0])
        else:
            placed.append(each)
    return torch.stack(placed).contiguous(memory_format=torch.channels_last)
