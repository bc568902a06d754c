"""The HTML report of an audit: the figures, and the pictures that each check found, beside what they are like."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from active.faults.audit_result import Audit
from active.faults.findings import FaultFinding
from base.document import render_html
from base.errors import ImageError
from base.files import write_text
from model.evaluation.gallery import MOST_SHOWN, GalleryCard, GalleryGroup, Thumbnail, make_shot, thumbnail
from model.evaluation.page_parts import read_style
from model.reading.images import read_image


def write_audit_report(audit: Audit, path: Path) -> None:
    """Write the page, whole or not at all."""
    values = {
        "style": read_style(),
        "audit": audit,
        "left_out": len(audit.left_out()),
        "doubtful": len(audit.doubtful()),
        "classes": audit.classes() if audit.audited.is_labelled else {},
        "groups": list(_groups(audit)),
        "general": [(name, each.reason) for name, each in _of_the_set(audit)],
    }
    write_text(path, render_html("active.faults", "audit_report.html", values))


def _groups(audit: Audit) -> Iterator[GalleryGroup]:
    for name, result in audit.results.items():
        found = [finding for finding in result.findings if finding.pictures]
        if found:
            cards = (_card(audit, finding) for finding in islice(found, MOST_SHOWN))
            yield GalleryGroup(name, tuple(cards), len(found))


def _of_the_set(audit: Audit) -> Iterator[tuple[str, FaultFinding]]:
    for name, result in audit.results.items():
        yield from ((name, finding) for finding in result.findings if not finding.pictures)


def _card(audit: Audit, finding: FaultFinding) -> GalleryCard:
    place = finding.pictures[0]
    label = audit.audited.label(place)
    return GalleryCard(
        tuple(_shots(audit, finding)),
        finding.reason,
        f"label: {label}" if label else "",
        audit.audited.shown(place),
    )


def _shots(audit: Audit, finding: FaultFinding) -> Iterator[Thumbnail]:
    """Yield the pictures of a finding that can be read."""
    for place in finding.pictures:
        try:
            yield make_shot(thumbnail(read_image(audit.audited.pictures[place].example.path)))
        except ImageError:
            continue
