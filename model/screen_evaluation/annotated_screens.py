"""Sets of screens in COCO's form: those of `generate --format coco`, and others as far as their categories tell."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import ImageError, InputError
from base.file_texts import read_file_text
from base.settings import flatten
from base.tabular.json_lines import parse_json
from model.reading.images import decode_image
from model.reading.remarks import Remarks
from model.running.readings import BoxPx
from model.screen_evaluation.listed_screens import NOT_USED, STATELESS
from model.screen_evaluation.true_screens import ScreenSet, TrueScreen, TrueWidget, refuse_box
from model.screen_evaluation.widget_words import ICON, is_state_alone, name_kind, name_state

COCO_NAME = "annotations.json"


class CocoImage(BaseModel):
    """A picture; `layout` is what `generate` says besides. Label Studio gives one without boxes no size."""

    model_config = ConfigDict(frozen=True)

    id: int
    file_name: str
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)
    layout: str = ""


class CocoCategory(BaseModel):
    """A category, as `switch checked`."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    supercategory: str | None = None


class CocoAnnotation(BaseModel):
    """A box; `family` and `enabled` are what `generate` says besides."""

    model_config = ConfigDict(frozen=True)

    id: int
    image_id: int
    category_id: int
    bbox: BoxPx
    iscrowd: int = 0
    family: str = ""
    enabled: bool = True


class CocoSet(BaseModel):
    """What of COCO's file is used."""

    model_config = ConfigDict(frozen=True)

    images: tuple[CocoImage, ...]
    categories: tuple[CocoCategory, ...]
    annotations: tuple[CocoAnnotation, ...]


def read_coco_screens(path: Path) -> ScreenSet:
    """Read a file of annotations; the pictures lie beside it.

    Crowds and icons count neither way. Categories that name no kind and no state are not used, which is said.
    The size of a picture is taken from the picture where the file does not say it.

    Raises:
        InputError: it is not COCO's form, a box has no area or is not on its picture, or a picture whose size
            is not said cannot be read.
    """
    try:
        coco = CocoSet.model_validate(parse_json(read_file_text(path), str(path), "COCO's form is expected"))
    except ValidationError as error:
        raise InputError(flatten(error, str(path)).splitlines()[0]) from error
    images = {image.id: image for image in coco.images}
    sizes = {number: _size_px(image, path) for number, image in images.items()}
    widgets, ignore = _sort_out(coco, sizes, path)
    return ScreenSet(
        tuple(
            TrueScreen(
                path.parent / image.file_name,
                *sizes[image.id],
                tuple(widgets[image.id]),
                tuple(ignore[image.id]),
                origin=image.layout,
            )
            for image in images.values()
        ),
        "layout",
    )


def _size_px(image: CocoImage, path: Path) -> tuple[int, int]:
    if image.width is not None and image.height is not None:
        return image.width, image.height
    try:
        return decode_image(path.parent / image.file_name).size
    except ImageError as error:
        reason = f"{image.file_name}, which would tell them, cannot be read: {error}"
        raise InputError(f"{path}: image {image.id} lacks width or height, and {reason}") from error


def _sort_out(
    coco: CocoSet, sizes: Mapping[int, tuple[int, int]], path: Path
) -> tuple[Mapping[int, list[TrueWidget]], Mapping[int, list[BoxPx]]]:
    """Return the widgets and what is to be ignored by picture."""
    named = {category.id: _name(category) for category in coco.categories}
    names = {category.id: category.name for category in coco.categories}
    unused, stateless = Remarks(NOT_USED), Remarks(STATELESS)
    widgets: defaultdict[int, list[TrueWidget]] = defaultdict(list)
    ignore: defaultdict[int, list[BoxPx]] = defaultdict(list)
    for one in coco.annotations:
        where = f"{path}: annotation {one.id}"
        if one.image_id not in sizes or one.category_id not in named:
            what = f"image {one.image_id}" if one.image_id not in sizes else f"category {one.category_id}"
            raise InputError(f"{where}: there is no {what}")
        refuse_box(one.bbox, sizes[one.image_id], where)
        kind, state = named[one.category_id]
        if not (kind or is_state_alone(names[one.category_id])):
            unused.add(f"category {names[one.category_id]!r}")
        elif one.iscrowd or kind == ICON:
            ignore[one.image_id].append(one.bbox)
        else:
            if not state:
                stateless.add(f"category {names[one.category_id]!r}")
            widgets[one.image_id].append(TrueWidget(one.bbox, kind, state, one.family.rpartition("/")[0], one.enabled))
    unused.say(str(path))
    stateless.say(str(path))
    return widgets, ignore


def _name(category: CocoCategory) -> tuple[str, str]:
    """Return the kind and the state of a category, as far as its name and what stands above it tell."""
    above = category.supercategory or ""
    return name_kind(category.name) or name_kind(above), name_state(category.name)
