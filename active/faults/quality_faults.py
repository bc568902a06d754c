"""Pictures that show too little: blank, blurred, pale, dark."""

from collections.abc import Iterator

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding
from active.faults.picture_measures import PictureMeasures

BLANK_SPAN = 8
"""Levels that compression alone makes of one colour."""

PALE_SPAN = 26
"""Levels below which people see hardly anything; grey rules of disabled widgets on white span 30."""

DARK = 0.2
"""The lightness that the brightest pixels stay below where a picture is too dark; dark themes have bright ink."""

SOFT = 0.32
"""The share of the span that even the steepest step stays below in a blurred picture.

Of crops of screens, 1 in 100 is so soft; blurred by a Gaussian of 1.5 px, 97 in 100 are.
"""


def _is_blank(measures: PictureMeasures) -> bool:
    return measures.span <= BLANK_SPAN


def _is_dark(measures: PictureMeasures) -> bool:
    return measures.brightest < DARK and not _is_blank(measures)


def _is_pale(measures: PictureMeasures) -> bool:
    return measures.span <= PALE_SPAN and not any(test(measures) for test in (_is_blank, _is_blurred, _is_dark))


def _is_blurred(measures: PictureMeasures) -> bool:
    """Tell whether it is soft; a pale one too, for blur takes the contrast of thin strokes."""
    return measures.steepest < SOFT and not _is_blank(measures)


def has_too_little_contrast(measures: PictureMeasures) -> bool:
    """Tell whether a picture is blank, pale or dark, blurred or not."""
    return measures.span <= PALE_SPAN or _is_dark(measures)


def shows_too_little(measures: PictureMeasures) -> bool:
    """Tell whether a picture is blank, blurred, pale or dark."""
    return _is_blurred(measures) or has_too_little_contrast(measures)


def find_blank(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures of one colour."""
    for place, measures in audited.measured.items():
        if _is_blank(measures):
            yield FaultFinding((place,), f"its colours span {measures.span} of 255 levels", 1.0, leave_out=True)


def find_pale(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures of so little contrast that nobody sees much."""
    for place, measures in audited.measured.items():
        if _is_pale(measures):
            reason = f"its colours span {measures.span} of 255 levels"
            yield FaultFinding((place,), reason, 1 - measures.span / 255, ask=True)


def find_dark(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures of which even the brightest pixels are dark."""
    for place, measures in audited.measured.items():
        if _is_dark(measures):
            reason = f"its brightest pixels have {measures.brightest:.0%} of the lightness of white"
            yield FaultFinding((place,), reason, 1 - measures.brightest, ask=True)


def find_blurred(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures without a single sharp edge."""
    for place, measures in audited.measured.items():
        if _is_blurred(measures):
            reason = f"its sharpest edge steps by {measures.steepest:.0%} of the contrast from pixel to pixel"
            yield FaultFinding((place,), reason, 1 - measures.steepest, leave_out=True, ask=True)


BLANK_CHECK = FaultCheck(
    find_blank,
    meaning="is of one colour",
    misses="an empty picture with noise or a gradient",
)
BLURRED_CHECK = FaultCheck(
    find_blurred,
    meaning="has no sharp edge",
    misses="blur of less than about 1.5 px, or of a part of the picture; a blurred screenshot with something sharp, as "
    "a pointer, in it; pictures scaled up by nearest neighbour",
)
PALE_CHECK = FaultCheck(
    find_pale,
    meaning="has so little contrast that hardly anything is seen",
    misses="a pale widget beside dark words",
)
DARK_CHECK = FaultCheck(
    find_dark,
    meaning="is so dark that even its brightest pixels are",
    misses="a dark picture with a bright spot in it; pictures that are too bright, which are blank or pale",
)
