"""The names of the checks. They stand apart from them, so that help loads nothing heavy."""

CHECK_NAMES = (
    *("unreadable", "exact", "near", "leakage"),
    *("blank", "blurred", "pale", "dark", "shape"),
    *("label", "undecidable", "outlier", "balance"),
)
"""The keys of `active.faults.check_catalogue.CHECKS`."""
