"""What two runs differ in: sources, settings, pictures and classes."""

from dataclasses import dataclass
from typing import Any

from model.runs.run_records import RunCell, RunRecord
from model.runs.run_table import show_cell


@dataclass(frozen=True)
class RunDifference:
    """The names in which two runs differ, with what each has; `figures` is what they came to, alike or not."""

    names: tuple[str, str]
    choices: dict[str, tuple[RunCell, RunCell]]
    figures: dict[str, tuple[RunCell, RunCell]]

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as JSON values."""
        return {"runs": list(self.names), "differ": self.choices, "figures": self.figures}

    def to_text(self) -> str:
        """Return the difference for a terminal."""
        rows: list[tuple[str, ...]] = [("", *self.names)]
        rows += [(name, *map(show_cell, pair)) for name, pair in self.choices.items()]
        rows += [("", "", "")] + [(name, *map(show_cell, pair)) for name, pair in self.figures.items()]
        left, right = (max(len(row[place]) for row in rows) for place in (0, 1))
        lines = [f"{name:{left}}  {one:{right}}  {other}".rstrip() for name, one, other in rows]
        return "\n".join(lines if self.choices else ["no setting differs", *lines])


def compare_runs(one: RunRecord, other: RunRecord) -> RunDifference:
    """Return in which settings, sources, pictures and classes two runs differ, and their figures."""
    pairs = {name: (one.choices.get(name), other.choices.get(name)) for name in {**one.choices, **other.choices}}
    pairs |= {
        f"pictures: {name}": (_pictures(one, name), _pictures(other, name)) for name in {**one.data, **other.data}
    }
    pairs["classes"] = (", ".join(one.classes), ", ".join(other.classes))
    figures = {name: (value, other.figures[name]) for name, value in one.figures.items() if name != "run"}
    return RunDifference(
        (one.name, other.name),
        {name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        {name: pair for name, pair in figures.items() if pair != (None, None)},
    )


def _pictures(run: RunRecord, source: str) -> str:
    """Return how many pictures a source had and which, by the beginning of their hash."""
    known = run.data.get(source) or {}
    return f"{known.get('n', 0)} ({str(known.get('sha256', ''))[:8]})"
