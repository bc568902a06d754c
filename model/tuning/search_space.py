"""What a study may try: choices and ranges of the settings of training, read from a TOML file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import Field, ValidationError, model_validator

from base.errors import InputError, unknown_choice
from base.settings import Settings, flatten, read_toml
from model.learning.training_settings import TrainSettings

if TYPE_CHECKING:
    from optuna import Trial

FIXED = ("seed", "val_share", "epochs", "patience", "threads", "device", "precision", "tensorboard", "track")
"""Settings that trials share: they say what is measured on, how long, or by what, and would not be compared fairly."""

Value = bool | int | float | str
"""What a setting may be in a space."""


class NumberRange(Settings):
    """Numbers from `low` to `high`, whole ones where both are and `step` is."""

    low: int | float = Field(alias="from")
    high: int | float = Field(alias="to")
    step: int | float | None = Field(default=None, gt=0)
    log: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"from must be less than to; they are {self.low} and {self.high}")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log is for numbers above 0, without a step")
        return self

    @property
    def is_whole(self) -> bool:
        """Return whether only whole numbers are drawn."""
        return all(isinstance(number, int) for number in (self.low, self.high, self.step or 1))

    def holds(self, value: object) -> bool:
        """Return whether a value could be drawn."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        steps = 0.0 if self.step is None else (value - self.low) / self.step
        return self.low <= value <= self.high and abs(steps - round(steps)) < 1e-9


Choices = tuple[Value, ...]


class SearchSpace(Settings):
    """A space file: what all trials share, what is drawn for each, and what is multiplied where a choice is drawn."""

    train: dict[str, Any] = Field(default={})
    space: dict[str, NumberRange | Choices] = Field(min_length=1)
    times: dict[str, dict[str, dict[str, float]]] = Field(default={})

    def draw(self, trial: "Trial") -> dict[str, Value]:
        """Return the settings of a trial, as its study's sampler suggests them."""
        return self.settings_of({name: _suggest(trial, name, of) for name, of in self.space.items()})

    def settings_of(self, drawn: Mapping[str, Any]) -> dict[str, Value]:
        """Return the settings that what was drawn stands for, with six digits."""
        values = dict(drawn)
        for name, factor in self._factors(drawn):
            if name in values:
                values[name] *= factor
        return {name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in values.items()}

    def _factors(self, drawn: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        for chooser, tables in self.times.items():
            yield from tables.get(str(drawn.get(chooser)), {}).items()

    def start(self, settings: TrainSettings) -> dict[str, Value]:
        """Return what to draw to get settings, as far as the space holds them."""
        values = settings.model_dump() | {"learning_rate": settings.highest_rate}
        known = {name: values[name] for name in self.space}
        if all(known[chooser] in _choices(self.space[chooser]) for chooser in self.times):
            for name, factor in self._factors(known):
                known[name] /= factor
        return {name: value for name, value in known.items() if _holds(self.space[name], value)}

    def without(self, names: tuple[str, ...]) -> "SearchSpace":
        """Return the space that leaves settings as they are.

        Raises:
            InputError: nothing is left to try.
        """
        left = {name: of for name, of in self.space.items() if name not in names}
        if not left:
            raise InputError(f"the space only has {', '.join(self.space)}, which plays no part with these pictures")
        times = {chooser: tables for chooser, tables in self.times.items() if chooser in left}
        return self.model_copy(update={"space": left, "times": times})


def _suggest(trial: "Trial", name: str, of: NumberRange | Choices) -> Value:
    if not isinstance(of, NumberRange):
        return cast("Value", trial.suggest_categorical(name, list(of)))  # Optuna could give None, where it is a choice
    if of.is_whole:
        return trial.suggest_int(name, int(of.low), int(of.high), step=int(of.step or 1), log=of.log)
    return trial.suggest_float(name, of.low, of.high, step=of.step, log=of.log)


def _choices(of: NumberRange | Choices) -> Choices:
    return () if isinstance(of, NumberRange) else of


def _holds(of: NumberRange | Choices, value: object) -> bool:
    return of.holds(value) if isinstance(of, NumberRange) else value in of


def read_space(path: Path) -> SearchSpace:
    """Read a space file, each of whose choices and limits must be a setting that `train` takes.

    Raises:
        MissingError: there is no such file.
        InputError: it is no TOML, has a setting that cannot be tried, or a value that training would refuse.
    """
    try:
        space = SearchSpace.model_validate(read_toml(path))
    except ValidationError as error:
        raise InputError(flatten(error, str(path))) from error
    tunable = [name for name in TrainSettings.model_fields if name not in FIXED]
    for name, of in space.space.items():
        if name in FIXED:
            raise InputError(f"{path}: space.{name}: trials share it; set it in [train]")
        if name not in tunable:
            raise unknown_choice(f"setting in {path}", name, tunable)
        if not isinstance(of, NumberRange) and len(of) < 2:
            raise InputError(f"{path}: space.{name}: one value is no choice; set it in [train]")
    _check_times(space, path)
    for name, value in _extremes(space):
        try:
            TrainSettings.model_validate(space.train | {name: value})
        except ValidationError as error:
            raise InputError(flatten(error, f"{path}: space.{name} = {value!r}")) from error
    return space


def _check_times(space: SearchSpace, path: Path) -> None:
    for chooser, tables in space.times.items():
        choices = _choices(space.space.get(chooser, ()))
        for choice, factors in tables.items():
            if choice not in map(str, choices):
                raise InputError(f"{path}: times.{chooser}.{choice}: [space] does not offer {chooser} = {choice!r}")
            for name in factors:
                if not isinstance(space.space.get(name), NumberRange):
                    raise InputError(f"{path}: times.{chooser}.{choice}.{name}: [space] has no range of that name")


def _extremes(space: SearchSpace) -> Iterator[tuple[str, Value]]:
    """Yield every choice, and the ends of every range."""
    for name, of in space.space.items():
        yield from ((name, each) for each in ((of.low, of.high) if isinstance(of, NumberRange) else of))
