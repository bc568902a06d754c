"""The catalogue of label formats, by the names that `labels export` and `labels import` take."""

from active.exchange.label_formats.class_folders import CLASS_FOLDERS
from active.exchange.label_formats.csv_labels import CSV_LABELS
from active.exchange.label_formats.imagefolder import IMAGEFOLDER
from active.exchange.label_formats.jsonl_labels import JSONL_LABELS
from active.exchange.label_formats.label_rows import LabelFormat
from active.exchange.label_formats.label_studio import LABEL_STUDIO

LABEL_FORMATS: dict[str, LabelFormat] = {
    "folders": CLASS_FOLDERS,
    "csv": CSV_LABELS,
    "jsonl": JSONL_LABELS,
    "imagefolder": IMAGEFOLDER,
    "label-studio": LABEL_STUDIO,
}
