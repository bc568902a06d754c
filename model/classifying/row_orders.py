"""The orders in which rows of a classification can be written."""

from collections.abc import Mapping

SORTS: Mapping[str, str] = {
    "path": "path, seq",
    "confidence": "confidence IS NULL, confidence, seq",
    "prediction": "prediction IS NULL, prediction, confidence, seq",
}
"""By name: the order in SQL. Least certain first, and what could not be read last."""
