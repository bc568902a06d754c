"""What a loop leaves on disk: its start, and for each round what came of it; nothing else says where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from active.loop.finder_duel import FinderDuel
from active.loop.projection import Projection
from active.loop.stop_rule import Signs
from active.loop.takeover import Judgement
from active.store.disagreement import Answer, Flips
from base.counting import counted
from base.errors import InputError
from base.files import write_text
from base.settings import Settings, flatten
from model.networks.model_folders import CANDIDATE

_SettingsT = TypeVar("_SettingsT", bound=Settings)


class Start(Settings):
    """loop.json: the model that every round trains from, as it was named, and its fingerprint.

    `screens` says that the pool are screenshots.
    """

    model: Path
    fingerprint: str
    screens: bool = False


class Begun(Settings):
    """begun.json of a round: the labels that are trained on, and the newest batch of the store then."""

    batch: int
    digest: str
    labels: int


class Answers(Settings):
    """answers.json of a round: what had been answered when it began, of which its report tells."""

    answers: tuple[Answer, ...]


class RoundRecord(Settings):
    """round.json: a finished round.

    `audit` and `picked` are flips, `kappa` the agreement of this round's model with that of the round before, and
    `finder` what became of the finder, where the pool are screenshots.
    """

    number: int
    begun: Begun
    audit: Flips
    picked: Flips
    judgement: Judgement
    kappa: float | None
    projection: Projection
    finder: FinderDuel | None = None

    @property
    def signs(self) -> Signs:
        """Return what the round says of stopping."""
        return Signs(self.kappa, self.projection.high)

    def to_text(self) -> str:
        """Return the report of the round."""
        agreed = "too few pictures to tell" if self.kappa is None else f"kappa {self.kappa:.3f}"
        return "\n".join(
            (
                f"round {self.number}: {counted(self.begun.labels, 'label')}",
                f"  flips, drawn at random: {self.audit.to_text()}",
                f"  flips, picked:          {self.picked.to_text()}",
                f"  {self.judgement.to_text()}",
                *([f"  {self.finder.to_text()}"] if self.finder else []),
                f"  agreement with the model before, on the pool: {agreed}",
                f"  {self.projection.to_text()}",
            )
        )


class Predictions(Settings):
    """predictions.json: classes by item that a round's model gives the pool, and labelled pictures unseen."""

    pool: Mapping[str, str]
    unseen: Mapping[str, str]


@dataclass(frozen=True)
class Round:
    """A round's place on disk."""

    folder: Path

    @property
    def labels(self) -> Path:
        """Return the class folders that the round trains on."""
        return self.folder / "labels"

    @property
    def split(self) -> Path:
        """Return the folds by which its model is judged."""
        return self.folder / "split.csv"

    @property
    def answers(self) -> Path:
        """Return the file of the answers until then."""
        return self.folder / "answers.json"

    @property
    def begun(self) -> Path:
        """Return the file that is written before the training."""
        return self.folder / "begun.json"

    @property
    def log(self) -> Path:
        """Return what a process of its own wrote while it trained, until the round's report is shown."""
        return self.folder / "training.log"

    @property
    def candidate(self) -> Path:
        """Return where the model is trained and judged, which no command takes for the newest run."""
        return self.folder / CANDIDATE

    @property
    def model(self) -> Path:
        """Return where the model goes if it takes over."""
        return self.folder / "model"

    @property
    def places(self) -> Path:
        """Return the file of what was said of places on screenshots."""
        return self.folder / "places.json"

    @property
    def finder(self) -> Path:
        """Return where the finder goes if it takes over."""
        return self.folder / "finder"

    @property
    def predictions(self) -> Path:
        """Return the file of the model's predictions."""
        return self.folder / "predictions.json"

    @property
    def recipe(self) -> Path:
        """Return the file that says what to draw more of, if anybody asks."""
        return self.folder / "recipe.toml"

    @property
    def record(self) -> Path:
        """Return the file that is written last."""
        return self.folder / "round.json"


def round_at(out: Path, number: int) -> Round:
    """Return the place of a round, numbered from 1."""
    return Round(out / f"round-{number:02}")


def read_rounds(out: Path) -> list[RoundRecord]:
    """Return the finished rounds, in order."""
    records: list[RoundRecord] = []
    while (path := round_at(out, len(records) + 1).record).exists():
        records.append(read(path, RoundRecord))
    return records


def read(path: Path, kind: type[_SettingsT]) -> _SettingsT:
    """Return what a file of a loop holds.

    Raises:
        InputError: it is damaged.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(flatten(error, str(path)).splitlines()[0]) from error


def write(path: Path, value: Settings) -> None:
    """Write a file of a loop, whole or not at all."""
    write_text(path, value.model_dump_json(indent=2) + "\n")
