"""Training the finder's network: tiles of known screenshots in, the folder of a finder out; same seed, same weights."""

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from pydantic import Field
from torch import Tensor

from base.errors import InputError, TrainingError
from base.files import claim_folder
from base.progress import OnProgress
from base.settings import Settings
from model.finder_learning.finder_folder import read_finder_network, save_finder
from model.finder_learning.finder_loss import finder_loss
from model.finder_learning.finder_network import FinderNetwork
from model.finder_learning.known_screens import KnownScreen
from model.finder_learning.tiles import ScreenTile, Targets, cut_tiles, targets_of
from model.finding.finder_files import Belief, finder_folder, read_finder_file
from model.learning.averaging import AveragedWeights
from model.networks.backbones import channels_last
from model.running.torch_scorer import torch_threads

BATCHES_AHEAD = 8
"""So many batches are mixed with each other, and made ready while the network learns."""

DECAY = 0.998
WARM_UP = 0.08
MAX_GRADIENT = 5.0
WEIGHT_DECAY = 0.02

TileBatch = tuple[Tensor, list[Targets]]


class FinderSettings(Settings):
    """How to train a finder."""

    steps: int | None = Field(default=None, ge=1, description="batches; 8000 from random weights, else 400")
    batch_size: int = Field(default=16, ge=1, description="tiles of 320 px a step")
    learning_rate: float | None = Field(
        default=None, gt=0, description="its height; 3e-3 from random weights, else 5e-4"
    )
    init: Path | None = Field(default=None, description="folder of a finder whose weights to start from")
    init_share: float = Field(default=0.0, ge=0, lt=1, description="share of init's weights in those that are kept")
    seed: int = Field(default=0, ge=0)
    threads: int | None = Field(default=None, ge=1, description="CPU threads; torch's own number when None")

    @property
    def all_steps(self) -> int:
        """Return how many batches there will be."""
        return self.steps or (8000 if self.init is None else 400)

    @property
    def highest_rate(self) -> float:
        """Return the height of the learning rate."""
        return self.learning_rate or (3e-3 if self.init is None else 5e-4)


def train_finder(
    screens: Sequence[KnownScreen],
    *,
    out: Path,
    settings: FinderSettings,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train a finder on screenshots whose widgets are known, and write its folder; return it.

    How sure the finder is to be of what it finds is taken from `init`, see `fit_belief`.

    Args:
        screens: at least one of them with a widget.
        out: does not exist, or is empty, or an earlier folder and `overwrite` is set.
        settings: see `FinderSettings`.
        overwrite: delete what is in `out`.
        on_progress: called with steps done and in all.

    Raises:
        InputError: no screenshot has a widget.
        MissingError, ModelError: there is no finder to start from.
        OutputExistsError: `out` is not empty.
        TrainingError: the loss is not finite.
    """
    if not any((~screen.ignored).any() for screen in screens):
        raise InputError("no screenshot shows a widget: there is nothing to learn from")
    begin = None if settings.init is None else finder_folder(settings.init)
    before = None if begin is None else read_finder_file(begin)
    belief = Belief() if before is None else before.belief
    claim_folder(out, overwrite=overwrite)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = FinderNetwork() if begin is None else read_finder_network(begin)
    with torch_threads(settings.threads or torch.get_num_threads()):
        network = _fit(network, screens, settings, on_progress)
    recorded = settings.model_dump(mode="json", exclude={"init"}) | {"screens": len(screens)}
    if before is not None:
        recorded["init"] = before.fingerprint
    save_finder(network, out, belief=belief, training=recorded)
    return out


def _fit(
    network: FinderNetwork, screens: Sequence[KnownScreen], settings: FinderSettings, on_progress: OnProgress | None
) -> FinderNetwork:
    network = channels_last(network).train()
    averaged = AveragedWeights(network, DECAY, start_share=settings.init_share)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.highest_rate, weight_decay=WEIGHT_DECAY)
    steps = settings.all_steps
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.highest_rate, steps + 1, pct_start=WARM_UP)
    with _Feed(screens, settings) as feed:
        for step in range(1, steps + 1):
            pictures, targets = feed.take()
            loss = finder_loss(network(pictures), targets)
            if not torch.isfinite(loss):
                raise TrainingError(f"the loss is not finite at step {step}; a lower learning rate may help")
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            torch.nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT)
            optimizer.step()
            schedule.step()
            averaged.update()
            if on_progress is not None:
                on_progress(step, steps)
    return averaged.network_like(network)


class _Feed:
    """Makes batches in a thread of its own; the same ones in the same order for one seed."""

    def __init__(self, screens: Sequence[KnownScreen], settings: FinderSettings) -> None:
        self._batches = _batches(screens, settings.batch_size, np.random.default_rng(settings.seed))
        self._ready: queue.Queue[TileBatch | BaseException] = queue.Queue(BATCHES_AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tiles", daemon=True)

    def __enter__(self) -> "_Feed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._ready.get(timeout=0.05)

    def take(self) -> TileBatch:
        """Return the next batch."""
        found = self._ready.get()
        if isinstance(found, BaseException):
            raise found
        return found

    def _work(self) -> None:
        try:
            for batch in self._batches:
                if self._stopped.is_set():
                    return
                self._ready.put(batch)
        except Exception as error:  # raised where the batch is asked for
            self._ready.put(error)


def _batches(screens: Sequence[KnownScreen], size: int, rng: Generator) -> Iterator[TileBatch]:
    """Yield batches for ever: tiles of one screenshot seldom share one."""
    waiting: list[ScreenTile] = []
    while True:
        for index in rng.permutation(len(screens)):
            waiting += cut_tiles(screens[index], rng)
            while len(waiting) >= size * BATCHES_AHEAD:
                chosen = set(rng.permutation(len(waiting))[:size].tolist())
                tiles = [waiting[place] for place in sorted(chosen)]
                waiting = [tile for place, tile in enumerate(waiting) if place not in chosen]
                pixels = torch.from_numpy(np.stack([tile.pixels for tile in tiles]))
                yield pixels.permute(0, 3, 1, 2).float().div_(255), [targets_of(tile) for tile in tiles]
