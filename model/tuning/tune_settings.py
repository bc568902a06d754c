"""How settings are tried, and what is tried by default; it loads without Optuna and torch."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from base.errors import unknown_choice
from base.settings import Settings

DEFAULT_SPACE = Path(__file__).with_name("default_space.toml")
"""The space that is tried where none is named; `boxwright tune --print-space` prints it."""


@dataclass(frozen=True)
class Measure:
    """A figure of an epoch on the validation pictures that trials are compared by."""

    figure: str
    words: str
    is_share: bool = True
    less_is_better: bool = False

    def show(self, value: float) -> str:
        """Return a value as text."""
        return f"{value:.1%}" if self.is_share else f"{value:.4f}"


MEASURES = {
    "accuracy": Measure("val_accuracy", "validation accuracy"),
    "macro_f1": Measure("val_macro_f1", "validation macro-F1", is_share=False),
    "log_loss": Measure("val_loss", "validation loss", is_share=False, less_is_better=True),
}
"""Name to what trials are compared by."""

PRUNERS = ("median", "none")
"""When a trial is given up: where after an epoch it is worse than the median of those before at the same; never."""


class TuneSettings(Settings):
    """How to try settings; `[tune]` of boxwright.toml."""

    trials: int = Field(default=20, ge=1, description="how many settings a study tries in all")
    measure: str = Field(default="accuracy", description=", ".join(MEASURES))
    pruner: str = Field(default="median", description=", ".join(PRUNERS))
    workers: int = Field(default=1, ge=1, description="trials at a time, each in a process")
    seed: int = Field(default=0, ge=0)

    @field_validator("measure", "pruner")
    @classmethod
    def _is_known(cls, name: str, info: ValidationInfo) -> str:
        choices = {"measure": MEASURES, "pruner": PRUNERS}[str(info.field_name)]
        if name not in choices:
            raise unknown_choice(str(info.field_name), name, choices)
        return name
