"""The ways in which a replayed model learns."""

from typing import Literal

ReplayMode = Literal["fast", "true"]

REPLAY_MODES: dict[ReplayMode, str] = {"fast": "refit the last layer", "true": "fine-tune"}
"""Name to what it does."""
