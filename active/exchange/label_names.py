"""Which labels can be exported: their folders lie beside the files of an export."""

from active.exchange.copy_names import CARD_NAME
from active.exchange.label_formats.class_folders import CSV_NAME
from active.exchange.label_formats.imagefolder import METADATA_FILES, REST_NAME
from base.tabular.class_names import class_name_fault

TAKEN_NAMES = frozenset({CARD_NAME, CSV_NAME, *METADATA_FILES, REST_NAME})
"""Names of files in an export."""


def label_name_fault(label: str) -> str:
    """Return why no class folder of an export can be called by a label; empty for one that will do."""
    return "is the name of a file in an export" if label in TAKEN_NAMES else class_name_fault(label)
