"""The catalogue of label formats, by the names that `labels export` and `labels import` take. It loads none of them."""

from typing import TYPE_CHECKING

from base.plugins import PluginCatalogue, is_a

if TYPE_CHECKING:
    from active.exchange.label_formats.label_rows import LabelFormat

LABEL_FORMATS: "PluginCatalogue[LabelFormat]" = PluginCatalogue(
    "format",
    {
        "folders": "active.exchange.label_formats.class_folders:CLASS_FOLDERS",
        "csv": "active.exchange.label_formats.csv_labels:CSV_LABELS",
        "jsonl": "active.exchange.label_formats.jsonl_labels:JSONL_LABELS",
        "imagefolder": "active.exchange.label_formats.imagefolder:IMAGEFOLDER",
        "label-studio": "active.exchange.label_formats.label_studio:LABEL_STUDIO",
    },
    group="boxwright.label_formats",
    check=is_a("boxwright:LabelFormat"),
)
