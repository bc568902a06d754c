"""The kinds of what families draw, for those who need no family."""

from typing import Literal

Kind = Literal["none", "checkbox", "radio", "switch", "icon"]
"""`none` is no widget. Models tell kinds in this order: a new one goes to the end."""
