"""Recipe files: sampling weights as TOML that people can read and change, with what led to them."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from base.errors import InputError
from base.settings import Settings, flatten, read_toml
from generator.sampling.sampling_weights import SamplingWeights


class UncoveredCrop(Settings):
    """A real crop that nothing synthetic resembles: no weight helps there, but a new family may."""

    path: str
    label: str = ""
    predicted: str = ""


class RecipeFile(SamplingWeights):
    """What a recipe file holds: the weights, and for who reads it what they were made from and what they leave out."""

    about: Mapping[str, str | int | float] = Field(default={})
    uncovered: tuple[UncoveredCrop, ...] = ()

    def weights(self) -> SamplingWeights:
        """Return what the generator goes by."""
        return SamplingWeights(base=self.base, families=self.families, factors=self.factors, parameters=self.parameters)


def read_recipe(path: Path) -> RecipeFile:
    """Read a recipe file.

    Raises:
        MissingError: there is none.
        InputError: it is no TOML, or holds what no recipe file can; the message names the place.
    """
    needed = "a recipe file is needed, as `boxwright gaps` writes it"
    try:
        return RecipeFile.model_validate(read_toml(path, what="recipe file", needed=needed))
    except ValidationError as error:
        raise InputError(flatten(error, str(path)).splitlines()[0]) from error
