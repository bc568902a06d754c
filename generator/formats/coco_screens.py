"""The data-set format coco: whole screenshots with the boxes of their widgets, for those who train detectors."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from base.counting import counted
from base.files import write_json, write_text
from generator.crops.manifest import MANIFEST
from generator.formats.crop_storage import CropFormat, picture_files, write_picture_files
from generator.screens.rows import Objects, ScreenRow, Screenshot
from generator.screens.screenshots import render_screen


def _finish_screens(out: Path, rows: Iterable[ScreenRow]) -> None:
    """Write annotations.json and the data set's card.

    A category is a kind in a state, its supercategory the kind. Source: https://cocodataset.org/#format-data
    """
    rows = list(rows)
    write_annotations(out, rows)
    _write_card(out, rows)


def write_annotations(out: Path, rows: Sequence[ScreenRow]) -> None:
    """Write annotations.json: a category is a kind in a state, its supercategory the kind."""
    named = {name: kind for row in rows for name, kind in zip(row.objects.category, row.objects.kind, strict=True)}
    numbers = {name: number for number, name in enumerate(sorted(named), start=1)}
    places = [(row, place) for row in rows for place in range(len(row.objects.bbox))]
    annotations = [
        {"id": number, "image_id": row.index, **_annotation(row.objects, place, numbers)}
        for number, (row, place) in enumerate(places, start=1)
    ]
    named_fields = ("file_name", "width", "height", "layout", "scale")
    images = [{"id": row.index} | {name: getattr(row, name) for name in named_fields} for row in rows]
    categories = [{"id": number, "name": name, "supercategory": named[name]} for name, number in numbers.items()]
    write_json(out / "annotations.json", {"images": images, "categories": categories, "annotations": annotations})


def _annotation(objects: Objects, place: int, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return a widget's annotation. COCO calls a crowd what counts neither as missed nor as wrongly found."""
    box, label_box = objects.bbox[place], objects.label_bbox[place]
    return {
        "category_id": numbers[objects.category[place]],
        "bbox": list(box),
        "area": round(box[2] * box[3], 1),
        "iscrowd": int(objects.ignored[place]),
        "kind": objects.kind[place],
        "state": objects.state[place],
        "enabled": objects.enabled[place],
        "label": objects.label[place],
        "label_bbox": list(label_box) if label_box else None,
        "visible": objects.visible[place],
        "family": objects.family[place],
    }


def _write_card(out: Path, rows: Sequence[ScreenRow]) -> None:
    counts = Counter(name for row in rows for name in row.objects.category)
    families = {family for row in rows for family in row.objects.family}
    lines = [
        "# Synthetic screenshots of checkboxes, radio buttons and switches",
        "",
        f"{counted(len(rows), 'screen')} with {counted(counts.total(), 'widget')} of "
        f"{counted(len(families), 'family', 'families')}, beside other things that are",
        "not annotated. `annotations.json` is COCO's: a category is a kind in a state, its supercategory the kind.",
        "`metadata.jsonl` has the same boxes a line a screen; `dataset.json` says what was drawn with what.",
        "",
        *(f"![a screen]({row.file_name})" for row in rows[:4]),
        "",
        "| category | widgets |",
        "| --- | --- |",
        *(f"| {name} | {counts[name]} |" for name in sorted(counts)),
    ]
    write_text(out / "README.md", "\n".join(lines) + "\n")


def _read_screens(out: Path) -> Iterator[Screenshot]:
    with (out / MANIFEST).open(encoding="utf-8") as lines:
        for line in lines:
            row = ScreenRow.model_validate_json(line)
            yield Screenshot(row, (out / row.file_name).read_bytes())


COCO_SCREENS = CropFormat(
    write=write_picture_files,
    files=picture_files,
    read=_read_screens,
    pages_a_shard=10,
    finish=_finish_screens,
    slots_a_page=1,
    render=render_screen,
    row=ScreenRow,
)
