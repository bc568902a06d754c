"""What an audit found: as text, as JSON, what to leave out and what to look at again."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding
from base.counting import counted


@dataclass(frozen=True)
class CheckResult:
    """What a check found, the surest first; or why it was `skipped`."""

    check: FaultCheck
    findings: tuple[FaultFinding, ...]
    skipped: str = ""


@dataclass(frozen=True)
class Audit:
    """An audit of `folder`, by a model loaded from `model`: the result of each check, by its name."""

    folder: Path
    model: str
    audited: AuditedSet
    results: Mapping[str, CheckResult]
    warnings: tuple[str, ...] = ()

    @property
    def unreadable(self) -> int:
        """Return how many pictures cannot be read."""
        return len(self.audited.pictures) - len(self.audited.measured)

    def left_out(self) -> dict[int, list[str]]:
        """Return the pictures that a cleaned list goes without, with the checks that say so."""
        return self._named(leave_out=True)

    def doubtful(self) -> dict[int, list[str]]:
        """Return the pictures that a person should look at, the surest of the first checks first, with the reasons."""
        return self._named(leave_out=False)

    def _named(self, *, leave_out: bool) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for name, result in self.results.items():
            for finding in result.findings:
                if finding.pictures and (finding.leave_out if leave_out else finding.ask):
                    said = name if leave_out else f"{name}: {finding.reason}"
                    found.setdefault(finding.pictures[0], []).append(said)
        return found

    def classes(self) -> dict[str, int]:
        """Return the readable pictures of each class."""
        return dict(sorted(Counter(self.audited.label(place) for place in self.audited.measured).items()))

    def to_dict(self) -> dict[str, Any]:
        """Return the audit as JSON values."""
        return {
            "folder": str(self.folder),
            "model": self.model,
            "pictures": len(self.audited.pictures),
            "unreadable": self.unreadable,
            "classes": self.classes() if self.audited.is_labelled else {},
            "checks": {name: self._check_values(result) for name, result in self.results.items()},
            "left_out": [self.audited.shown(place) for place in sorted(self.left_out())],
            "warnings": list(self.warnings),
        }

    def _check_values(self, result: CheckResult) -> dict[str, Any]:
        return {
            "meaning": result.check.meaning,
            "misses": result.check.misses,
            "skipped": result.skipped,
            "found": len(result.findings),
            "findings": [self._finding_values(finding) for finding in result.findings],
        }

    def _finding_values(self, finding: FaultFinding) -> dict[str, Any]:
        first = finding.pictures[:1]
        return {
            "path": self.audited.shown(first[0]) if first else None,
            "label": self.audited.label(first[0]) if first else None,
            "others": [self.audited.shown(place) for place in finding.pictures[1:]],
            "reason": finding.reason,
            "doubt": round(finding.doubt, 4),
            "leave_out": finding.leave_out,
            "ask": finding.ask,
        }

    def to_text(self, *, most: int = 3) -> str:
        """Return the audit for a terminal: a table of the checks, and the first `most` findings of each."""
        return "\n".join(self._lines(most))

    def _lines(self, most: int) -> Iterator[str]:
        labels = ", ".join(f"{name} {count}" for name, count in self.classes().items())
        yield f"{self.folder}: {counted(len(self.audited.pictures), 'picture')}, " + (
            labels if self.audited.is_labelled else "without labels"
        )
        yield from ("", *_table(self.results), "")
        for name, result in self.results.items():
            for finding in result.findings[:most]:
                where = f"{self.audited.shown(finding.pictures[0])}: " if finding.pictures else ""
                yield f"{name}: {where}{finding.reason}"
            if len(result.findings) > most:
                yield f"{name}: … and {len(result.findings) - most} more"
        left, asked = len(self.left_out()), len(self.doubtful())
        yield f"{counted(left, 'picture')} to leave out, {counted(asked, 'picture')} to look at"


def _table(results: Mapping[str, CheckResult]) -> list[str]:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("check", no_wrap=True)
    table.add_column("found", justify="right", no_wrap=True)
    table.add_column("a picture that …", no_wrap=True)
    for name, result in results.items():
        table.add_row(name, (result.skipped and "–") or str(len(result.findings)), result.check.meaning)
    page = io.StringIO()
    Console(file=page, width=200, color_system=None, markup=False, emoji=False, highlight=False).print(table)
    return [line.rstrip() for line in page.getvalue().splitlines()]
