"""The checks of an audit, by name. Another one is a module beside these, a line here and its name in `fault_names`."""

from collections.abc import Mapping

from active.faults.duplicate_faults import EXACT_CHECK, LEAKAGE_CHECK, NEAR_CHECK
from active.faults.fault_names import CHECK_NAMES
from active.faults.findings import FaultCheck
from active.faults.label_faults import BALANCE_CHECK, LABEL_CHECK, UNDECIDABLE_CHECK
from active.faults.outlier_faults import OUTLIER_CHECK
from active.faults.quality_faults import BLANK_CHECK, BLURRED_CHECK, DARK_CHECK, PALE_CHECK
from active.faults.shape_faults import SHAPE_CHECK
from active.faults.unreadable_faults import UNREADABLE_CHECK

CHECKS: Mapping[str, FaultCheck] = dict(
    zip(
        CHECK_NAMES,
        (
            *(UNREADABLE_CHECK, EXACT_CHECK, NEAR_CHECK, LEAKAGE_CHECK),
            *(BLANK_CHECK, BLURRED_CHECK, PALE_CHECK, DARK_CHECK, SHAPE_CHECK),
            *(LABEL_CHECK, UNDECIDABLE_CHECK, OUTLIER_CHECK, BALANCE_CHECK),
        ),
        strict=True,
    )
)
"""Every check, in the order of a report."""
