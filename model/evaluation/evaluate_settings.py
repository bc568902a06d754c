"""How models are measured, for those who measure without scikit-learn."""

from pydantic import Field

from base.settings import Settings


class EvaluateSettings(Settings):
    """How to evaluate; `[evaluate]` of boxwright.toml."""

    sample: int = Field(default=300, ge=1, description="pictures that robustness is measured on, at most")
    seed: int = Field(default=0, ge=0, description="of that sample")
    top_k: int | None = Field(
        default=None, ge=2, description="count as right too what is among the k most probable of more classes"
    )
    threads: int | None = Field(default=None, ge=1)
