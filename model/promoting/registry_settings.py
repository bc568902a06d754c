"""When a model is promoted, and into which registry, for those who only look at one: it loads no network."""

from pathlib import Path

from pydantic import Field

from base.settings import Settings
from model.networks.registry_file import CURRENT, REGISTRY


class PromoteSettings(Settings):
    """When a model is promoted, and into which registry; `[promote]` of boxwright.toml."""

    registry: Path = REGISTRY
    alias: str = CURRENT
    alpha: float = Field(default=0.05, gt=0, lt=1, description="level of the paired test")
    margin: float = Field(default=1.0, ge=0, description="points that a quicker model may lose at worst")
    least_speed: float = Field(default=1.1, ge=1, description="times as quick a quicker model must be")
    rounds: int = Field(default=9, ge=1, description="passes whose median is the speed")
