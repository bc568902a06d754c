"""The kinds of widgets that networks tell apart, for those who need no network: it loads without torch."""

from typing import get_args

from generator.families.family_kinds import Kind

KINDS: tuple[str, ...] = get_args(Kind)
"""The kinds that families declare, in the order of the kind head; the first stands for no widget."""
