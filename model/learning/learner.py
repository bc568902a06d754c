"""The optimisation itself: batches in, better weights out."""

import copy
import itertools
import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from base.errors import InputError, TrainingError
from model.learning.augment import AugmentStrength
from model.learning.averaging import AveragedWeights
from model.learning.batches import UNLABELLED, Batch
from model.learning.consistency import Guesses, guess
from model.learning.hints import Hints, hint_loss
from model.learning.learning_rate import LearningRate
from model.learning.losses import LOSSES
from model.learning.named_changes import change_by_name
from model.learning.optimizers import build_optimizer
from model.learning.parameter_groups import parameter_groups
from model.learning.training_settings import TrainSettings
from model.networks.backbones import BFLOAT16_HURTS, Backbone
from model.networks.locating import LocatingBackbone
from model.running.torch_scorer import to_floats


@dataclass(frozen=True)
class BatchResult:
    """What one batch gave: the sum of its losses, how many were right, of how many.

    `unlabelled` pictures came on top; the teacher was sure of the class of so many.
    """

    loss: float
    right: int
    count: int
    unlabelled: int = 0
    sure: int = 0


class EpochTally:
    """Sums up the results of batches."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.right = 0
        self.count = 0
        self.unlabelled = 0
        self.sure = 0

    def add(self, result: BatchResult) -> None:
        """Count one more batch."""
        self.loss += result.loss
        self.right += result.right
        self.count += result.count
        self.unlabelled += result.unlabelled
        self.sure += result.sure


@dataclass(frozen=True)
class _Replica:
    """A network that shares its weights with the others, but has its own gradient, statistics and augmentation."""

    network: Backbone
    generator: torch.Generator


class Optimisation:
    """A network being trained, with its optimiser, its averaged weights and its place in the schedule.

    On a CPU each thread works on a batch of its own, with a replica of the network. That is 1.4 times as fast as
    giving each batch to all threads, and does not stall when other processes want the same cores.
    """

    def __init__(
        self,
        network: Backbone,
        settings: TrainSettings,
        *,
        total: int,
        threads: int,
        class_weights: Tensor | None = None,
    ) -> None:
        self._device = choose_device(settings.device)
        self._network = network.to(self._device)
        self._settings = settings
        self._total = total
        self.seen = 0
        self._bfloat16 = use_bfloat16(settings, self._device)
        self._strength = AugmentStrength(settings.augment_place, settings.augment_colour, settings.augment_damage)
        self._loss = LOSSES[settings.loss]
        self._class_weights = None if class_weights is None else class_weights.to(self._device)
        rates = {"trunk_rate": settings.trunk_rate, "layer_decay": settings.layer_decay}
        groups = parameter_groups(network, settings.weight_decay, **rates)
        self._optimizer = build_optimizer(settings.optimizer, groups)
        self._rate = LearningRate(settings.schedule, height=settings.highest_rate, warmup=settings.warmup)
        self._average = AveragedWeights(network, settings.ema, start_share=settings.init_share)
        count = threads if self._device.type == "cpu" else 1
        self._replicas = [
            _Replica(_twin(network) if number else network, torch.Generator().manual_seed(settings.seed + number))
            for number in range(count)
        ]

    @property
    def replicas(self) -> int:
        """Return how many batches are worked on at a time."""
        return len(self._replicas)

    @property
    def learning_rate(self) -> float:
        """Return the rate of the next step."""
        return self._rate.at(min(1.0, self.seen / self._total))

    def end_epoch(self, val_loss: float | None) -> None:
        """Let the schedule take note of the validation."""
        self._rate.end_epoch(val_loss)

    def state_dict(self) -> dict[str, Any]:
        """Return all that training goes on from, between two epochs: tensors, numbers and lists of them."""
        return {
            "seen": self.seen,
            "network": self._network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "rate": self._rate.state_dict(),
            "average": self._average.state_dict(),
            "replicas": [
                {"buffers": dict(replica.network.named_buffers()), "generator": replica.generator.get_state()}
                for replica in self._replicas
            ],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from the state of a learner with the same network, settings and number of replicas."""
        self.seen = state["seen"]
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._rate.load_state_dict(state["rate"])
        self._average.load_state_dict(state["average"])
        for replica, saved in zip(self._replicas, state["replicas"], strict=True):
            for name, buffer in replica.network.named_buffers():
                buffer.copy_(saved["buffers"][name])
            replica.generator.set_state(saved["generator"])

    def averaged(self) -> Backbone:
        """Return a copy of the network with the averaged weights, on the CPU and in eval mode."""
        return self._average.network_like(self._network)

    def learn(self, batches: Iterable[Batch], *, frozen: bool = False) -> Iterator[BatchResult]:
        """Train on batches, yielding a result after each; with a frozen trunk, the head alone.

        Crops of like shape come together, so that batches are of uneven size; the optimiser steps whenever at least
        half of `batch_size` pictures have added to the gradient.

        Raises:
            TrainingError: the loss or the gradient is not finite.
        """
        for replica in self._replicas:
            set_training(replica.network, frozen=frozen)
        pending = 0
        stream = iter(batches)
        with ThreadPoolExecutor(self.replicas, initializer=self._start_thread) as pool:
            while group := list(itertools.islice(stream, self.replicas)):
                for result in pool.map(self._add_gradient, self._replicas, group):
                    pending += result.count + result.unlabelled
                    yield result
                if 2 * pending >= self._settings.batch_size:
                    self._step(pending)
                    pending = 0
        if pending:
            self._step(pending)

    def _start_thread(self) -> None:
        if self.replicas > 1:
            torch.set_num_threads(1)

    def _add_gradient(self, replica: _Replica, batch: Batch) -> BatchResult:
        labels = torch.from_numpy(batch.labels)
        given = labels != UNLABELLED
        guesses = self._guess(to_floats(batch.pictures[~given.numpy()]))
        pictures, boxes = self._augment_some(batch, replica.generator)
        pictures, labels, given = (tensor.to(self._device) for tensor in (pictures, labels, given))
        sight = None
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            if isinstance(replica.network, LocatingBackbone):
                sight = replica.network.sight(pictures)
            logits: Tensor = replica.network(pictures) if sight is None else sight.logits
        logits, smoothing = logits.float(), self._settings.label_smoothing
        losses = self._loss(logits[given], labels[given], self._class_weights, smoothing)
        loss = losses.item()
        if not math.isfinite(loss):
            raise self._not_finite("loss", loss)
        if sight is not None and self._settings.hints:
            hints = Hints(torch.from_numpy(batch.kinds), boxes).to(self._device)
            canvas = (pictures.shape[2], pictures.shape[3])
            losses = losses + self._settings.hints * hint_loss(sight, hints, canvas)
        sure = guesses.sure
        doubt = self._loss(logits[~given][sure], guesses.labels[sure], None, smoothing)
        losses = losses + self._settings.unlabelled_weight * doubt
        losses.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        right, labelled = int((logits.argmax(1) == labels).sum()), int(given.sum())
        return BatchResult(loss, right, labelled, len(labels) - labelled, int(sure.sum()))

    def _guess(self, pictures: Tensor) -> Guesses:
        """Return what the averaged network takes pictures for."""
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            return guess(self._average.network, pictures.to(self._device), confidence=self._settings.confidence)

    def _augment_some(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Change all real pictures and a share of the synthetic ones, which are varied as they are; boxes follow."""
        pictures, boxes = to_floats(batch.pictures), torch.from_numpy(batch.boxes)
        chosen = torch.from_numpy(batch.real)
        chosen |= torch.rand(len(chosen), generator=generator) < self._settings.augment_synthetic
        if chosen.any():
            seeds, changes = batch.seeds[chosen.numpy()], self._settings.augment
            pictures[chosen], boxes[chosen] = change_by_name(
                pictures[chosen], boxes[chosen], seeds, changes, generator, strength=self._strength
            )
        return pictures, boxes

    def _step(self, pending: int) -> None:
        parameters = list(self._network.parameters())
        self._gather(parameters)
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        torch._foreach_div_(gradients, pending)  # the sum over pictures becomes their mean
        norm = clip_grad_norm_(parameters, self._settings.max_gradient or math.inf).item()
        if not math.isfinite(norm):
            raise self._not_finite("gradient's norm", norm)
        for group in self._optimizer.param_groups:
            group["lr"] = self.learning_rate * group["rate"]
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._average.update()
        self.seen += pending

    def _not_finite(self, what: str, value: float) -> TrainingError:
        return TrainingError(f"the {what} became {value}; lower learning_rate (now {self._settings.highest_rate:g})")

    def _gather(self, parameters: list[nn.Parameter]) -> None:
        """Add the other replicas' gradients to the network's own, always in the same order."""
        for replica in self._replicas[1:]:
            for own, other in zip(parameters, replica.network.parameters(), strict=True):
                if other.grad is None:
                    continue
                own.grad = other.grad if own.grad is None else own.grad.add_(other.grad)
                other.grad = None


def set_training(network: Backbone, *, frozen: bool) -> None:
    """Put a network into training mode; a frozen trunk gets no gradient and keeps its batch statistics."""
    network.train()
    network.body.requires_grad_(not frozen)
    if frozen:
        network.body.eval()


def _twin(network: Backbone) -> Backbone:
    """Return a copy of the network whose weights are the network's own memory."""
    twin = copy.deepcopy(network)
    for own, original in zip(twin.parameters(), network.parameters(), strict=True):
        own.data = original.data
    return twin


def choose_device(name: str) -> torch.device:
    """Return the device of that name; "auto" is a CUDA GPU where there is one, else the CPU.

    Raises:
        InputError: this machine has no such device.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device("cuda" if available["cuda"] else "cpu")
    if not available[name]:
        there = ", ".join(key for key, value in available.items() if value)
        raise InputError(f"no {name} device here; available: auto, {there}")
    return torch.device(name)


def use_bfloat16(settings: TrainSettings, device: torch.device) -> bool:
    """Tell whether to train in bfloat16: on "auto", where there are instructions for it and the network gains."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    if settings.backbone in BFLOAT16_HURTS or device.type == "mps":
        return False
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
