"""The loop: rounds of score, queue, label, train and report, each step found from what is on disk."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from active.choosing.choose import QueueSettings
from active.choosing.queue import Queue, fill_queue
from active.choosing.screen_pool import ScreenPool, cut_screens, known_places
from active.loop.loop_record import Begun, Round, RoundRecord, Start, read, read_rounds, round_at, write
from active.loop.stop_rule import StopSettings, is_enough
from active.replay.learners import FineTuning
from active.store.events import PLACE_WORDS
from active.store.store import LabelStore
from active.suspects.label_errors import find_suspects, second_looks
from base.errors import InputError, NothingToQueueError, OutputExistsError
from base.files import MARKER, claim_folder
from base.progress import Bar
from base.settings import Settings
from model.finding.scanner import load_scanner
from model.networks.trained_model import Model, load_model
from model.reading.images import find_images

FEWEST = 10
"""Fewer labels than this are not trained on."""

AHEAD_BY_DEFAULT = True
"""Whether a loop queues the next pictures before it trains, unless told otherwise; bench/makers.py measures that."""

LoopStep = Literal["train", "label", "queue", "stop"]


class LoopSettings(Settings):
    """How a loop goes round; `[loop]` of boxwright.toml. Choosing is set in `[queue]`."""

    n: int = Field(default=50, ge=1, description="pictures a round")
    ahead: bool = Field(
        default=AHEAD_BY_DEFAULT,
        description="queue the next pictures at once, by the model that is there, and train meanwhile",
    )
    fine_tuning: FineTuning = Field(default=FineTuning(), description="how a round trains")
    outlook: int = Field(default=50, ge=1, description="how many labels the projection looks ahead")
    stop: StopSettings = StopSettings()
    finder_steps: int = Field(default=150, ge=1, description="batches that a round trains a finder of screenshots on")
    seed: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class Loop:
    """A loop over the pictures of `pool`, whose rounds are in `out`; `start` is what each of them trains from.

    Where `start` says so the pool are screenshots, and the pictures are crops of places on them.
    """

    pool: tuple[str, ...]
    out: Path
    start: Start
    settings: LoopSettings
    choosing: QueueSettings

    def records(self) -> list[RoundRecord]:
        """Return the finished rounds, in order."""
        return read_rounds(self.out)

    def present(self) -> Path:
        """Return the folder of the model that is in use: of the last round whose model took over, or the start."""
        taken = [record.number for record in self.records() if record.judgement.takes_over]
        return round_at(self.out, taken[-1]).model if taken else self.start.model

    def finder(self) -> Path | None:
        """Return the folder of the finder that is in use; None: the one in the box."""
        taken = [record.number for record in self.records() if record.finder and record.finder.takes_over]
        return round_at(self.out, taken[-1]).finder if taken else None

    @property
    def cuts(self) -> Path:
        """Return the folder of the crops of screenshots."""
        return self.out / "crops"

    def pictures(self) -> list[Path]:
        """Return the pictures that labels are asked for: of screenshots, the crops of all places known so far.

        Raises:
            MissingError, InputError: the pool is not there.
        """
        return [place.crop for place in known_places(self.cuts)] if self.start.screens else find_images(self.pool)

    def current(self) -> Round:
        """Return the place of the round that is under way."""
        return round_at(self.out, len(self.records()) + 1)

    def under_way(self) -> Begun | None:
        """Return what the round that was begun and is not finished trains on, if there is one."""
        path = self.current().begun
        return read(path, Begun) if path.exists() else None


def open_loop(
    pool: tuple[str, ...],
    out: Path,
    *,
    start: Path | None,
    settings: LoopSettings,
    choosing: QueueSettings,
    screens: bool = False,
) -> Loop:
    """Begin a loop in `out`, or go on with the one that is there.

    Args:
        pool: files, folders or globs of unlabelled pictures; it may grow from one time to the next.
        out: the folder of the rounds.
        start: the run folder that every round trains from; None: what the loop was begun with, or else the one given
            in the box.
        settings: how it goes round.
        choosing: how pictures are chosen; `n` and `seed` are set from `settings`.
        screens: the pool are screenshots; a loop that was begun with such needs not be told again.

    Raises:
        MissingError, InputError: the pool is not there, or the loop was begun with another model.
        ModelError: `start` is not a sound run folder.
        OutputExistsError: `out` holds something else.
    """
    find_images(pool)
    known = read(out / "loop.json", Start) if (out / "loop.json").exists() else None
    named = start or (known.model if known else Path("pretrained"))
    found = Start(model=named, fingerprint=load_model(named).fingerprint, screens=screens)
    if known is not None and known.fingerprint != found.fingerprint:
        raise InputError(f"{out} was begun with model {known.model}, not with {named}; choose another --out")
    if known is not None and screens and not known.screens:
        raise InputError(f"{out} was begun with crops, not with screenshots; choose another --out")
    if known is None:
        if out.is_dir() and any(path.name != MARKER for path in out.iterdir()):
            raise OutputExistsError(f"{out} holds something else than a loop; choose another --out")
        claim_folder(out, resume=out.exists())
        write(out / "loop.json", found)
    return Loop(pool, out, known or found, settings, choosing)


def next_step(loop: Loop, store: LabelStore, *, keep_going: bool = False, ahead: bool = False) -> LoopStep:
    """Return what is to be done next, from the store and the rounds on disk alone.

    Ahead, a round that is under way is trained when the batch after its own is queued and decided, or none is to be
    queued. When the rule says stop, such a batch is not labelled to its end: what is decided of it is trained on.

    Args:
        loop: see `open_loop`.
        store: the labels.
        keep_going: do not stop when the rule says so.
        ahead: queue and label the next batch while a round is under way.
    """
    begun = loop.under_way()
    if begun is not None and not ahead:
        return "train"
    enough = not keep_going and is_enough([record.signs for record in loop.records()], loop.settings.stop)
    last = begun or _last_begun(loop)
    queued = store.newest_batch() > (last.batch if last else 0)
    if queued and store.counts().open and not (ahead and enough):
        return "label"
    if begun is not None:
        return "train" if queued or enough else "queue"
    if can_train(loop, store):
        return "train"
    return "stop" if enough else "queue"


def can_train(loop: Loop, store: LabelStore) -> bool:
    """Tell whether there are enough labels, and others than the last round has, finished or under way."""
    last, begun = loop.under_way() or _last_begun(loop), begin(store)
    return begun.labels >= FEWEST and (last is None or begun.digest != last.digest)


def _last_begun(loop: Loop) -> Begun | None:
    records = loop.records()
    return records[-1].begun if records else None


def begin(store: LabelStore) -> Begun:
    """Return what a round that begins now trains on."""
    labels = sorted((each.item, each.label) for each in store.labels())
    places = sorted((item, event.action) for item, event in store.decisions().items() if event.action in PLACE_WORDS)
    said = "\n".join(f"{item} {word}" for item, word in (*labels, *places))
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return Begun(batch=store.newest_batch(), digest=digest, labels=len(labels))


def queue_round(loop: Loop, store: LabelStore, on_progress: Bar) -> Queue | None:
    """Queue the next pictures, as the present model sees them; None where nothing is left.

    Labels that may be wrong come again, each once: doubted by the features of the start, which learned none of them.

    Raises:
        NothingToQueueError: the pool are screenshots, on none of which there may be a widget.
    """
    model = load_model(loop.present())
    begun = len(loop.records()) + (loop.under_way() is not None)
    chosen = loop.choosing.model_copy(update={"n": loop.settings.n, "seed": loop.settings.seed + begun})
    reviewed = store.reviewed()
    labels = [each for each in store.labels() if each.item not in reviewed]
    start = load_model(loop.start.model)
    looks = second_looks(find_suspects(labels, start, seed=loop.settings.seed), start.classes)
    cut = _cut_pool(loop, on_progress) if loop.start.screens else None
    try:
        queue = fill_queue(
            cut.crops if cut else loop.pool,
            store,
            model=model,
            settings=chosen,
            confidences=cut.confidences if cut else None,
            second_look=looks,
            on_progress=on_progress("scoring"),
        )
    except NothingToQueueError:
        return None
    errors = (*(cut.unreadable if cut else ()), *queue.errors)
    return replace(queue, errors=errors) if queue.items else None


def _cut_pool(loop: Loop, on_progress: Bar) -> ScreenPool:
    scanner = load_scanner(loop.present(), finder=loop.finder())
    return cut_screens(scanner, loop.pool, loop.cuts, on_progress=on_progress("cutting"))


def load_start(loop: Loop) -> Model:
    """Return the model that every round trains from."""
    return load_model(loop.start.model)
