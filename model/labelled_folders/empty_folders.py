"""Why a folder holds no labelled pictures: what its metadata lacks, or that it is a set for detecting."""

from collections.abc import Iterator

from base.counting import counted
from model.labelled_folders.folder_report import name_some
from model.labelled_folders.metadata_rows import MatchedRows

DETECTION_FOLDERS = frozenset({"annotations", "imagesets", "jpegimages", "labels", "segmentationclass"})
"""What YOLO, Roboflow and Pascal VOC call the folders of boxes, beside the folder of the pictures, in small letters."""


def explain_unlabelled(matched: MatchedRows) -> Iterator[str]:
    """Yield what of the metadata there is, and why it labels nothing."""
    lost = matched.without_picture
    if lost:
        yield (
            f"{counted(len(lost), 'row')} of the metadata {'names' if len(lost) == 1 else 'name'} no picture, as "
            f"{name_some(lost, most=1)}: names begin at the metadata's folder, with the same capitals and ending"
        )
    rows = list(matched.rows.values())
    if rows and not any(row.label or row.no_label for row in rows):
        others = dict.fromkeys(name for row in rows for name in (*row.others, *row.unread))
        found = f", only {name_some(list(others), most=5)}" if others else ""
        have = counted(len(rows), "row of the metadata has", "rows of the metadata have")
        yield f"{have} no column label{found}"


def describe_detection_layout(name: str) -> str:
    """Return what to do with a folder that looks as it does in sets for detecting; empty for another."""
    if name.rpartition("/")[2].casefold() not in DETECTION_FOLDERS:
        return ""
    return (
        "it looks like the boxes of a set for detecting (YOLO, Roboflow, Pascal VOC), and single crops are needed: cut "
        "the boxes out into a folder for each class, as checked/a.png and unchecked/b.png"
    )
