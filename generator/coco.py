"""COCO: the annotations of screenshots, for those who train detectors."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generator.files import write_json
from generator.screens import ScreenRow


def write_annotations(out: Path, rows: Iterable[ScreenRow]) -> None:
    """Write annotations.json; a category is a kind in a state, its supercategory the kind.

    Source: https://cocodataset.org/#format-data
    """
    rows = list(rows)
    named = {name: kind for row in rows for name, kind in zip(row.objects.category, row.objects.kind, strict=True)}
    numbers = {name: number for number, name in enumerate(sorted(named), start=1)}
    annotations: list[dict[str, Any]] = []
    for row in rows:
        for place, box in enumerate(row.objects.bbox):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": row.index,
                    "category_id": numbers[row.objects.category[place]],
                    "bbox": list(box),
                    "area": round(box[2] * box[3], 1),
                    "iscrowd": 0,
                    "state": row.objects.state[place],
                    "family": row.objects.family[place],
                }
            )
    images = [{"id": row.index, "file_name": row.file_name, "width": row.width, "height": row.height} for row in rows]
    categories = [{"id": number, "name": name, "supercategory": named[name]} for name, number in numbers.items()]
    write_json(out / "annotations.json", {"images": images, "categories": categories, "annotations": annotations})
