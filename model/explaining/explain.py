"""Explaining pictures: an overlay for each, a table of what the maps are worth, and a page, errors first."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from PIL import Image
from pydantic import Field

from base.errors import BoxwrightError, ImageError, InputError, unknown_choice
from base.files import atomic_open, claim_folder
from base.progress import OnProgress
from base.settings import Settings
from model.classifying.classifier import Classifier
from model.explaining.explained_page import write_explained_page
from model.explaining.explained_rows import ExplainedPicture, ExplainResult, explained_formats
from model.explaining.faithfulness import measure_faithfulness
from model.explaining.heat_maps import check_method, draw_heat_map
from model.explaining.method_names import AUTO_METHOD, EXPLAIN_METHODS
from model.explaining.overlay import beside, draw_over
from model.labelled_folders.folders import Example, read_folder
from model.reading.images import Unreadable, decode_bytes
from model.reading.picture_reference import PictureReference
from model.reading.sources import check_sources, count_pictures, find_pictures
from model.running.any_model import AnyModel
from model.tables.output import check_beside, write_rows

EXPLAINED_PAGE = "explained.html"
TABLE = "explained.csv"
OVERLAYS = "overlays"


class ExplainSettings(Settings):
    """How pictures are explained; `[explain]` of boxwright.toml."""

    method: str = Field(default=AUTO_METHOD, description=f"{AUTO_METHOD}, {', '.join(EXPLAIN_METHODS)}")
    label: str | None = Field(default=None, description="the class to explain; the predicted one when None")
    seed: int = Field(default=0, ge=0, description="of the random maps to compare with")


@dataclass(frozen=True)
class _Task:
    """What a run works with."""

    classifier: Classifier
    settings: ExplainSettings
    method: str
    out: Path
    known: Mapping[str, Example]


def explain_pictures(
    model: AnyModel,
    sources: Sequence[str | Path],
    out: Path,
    *,
    settings: ExplainSettings | None = None,
    overwrite: bool = False,
    listed: BinaryIO | None = None,
    on_progress: OnProgress | None = None,
) -> ExplainResult:
    """Write, for each picture, an overlay into `out`/overlays and a row into explained.csv, and explained.html.

    Args:
        model: of a run folder, the one in the box, or an exported file, which has occlusion alone.
        sources: see `model.reading.sources.find_pictures`. Labels are those of class folders, or of metadata beside
            the pictures, which may also say where the widget is.
        out: a folder that is empty or not there, beside the sources.
        settings: see `ExplainSettings`; its defaults when None.
        overwrite: empty the folder first.
        listed: what the source `-` stands for.
        on_progress: called with pictures done and in all, 0 while that is not known.

    Raises:
        MissingError, InputError: a source does not exist or holds no picture, or there is no such class or method.
        OutputExistsError: the folder holds something.
    """
    chosen = settings or ExplainSettings()
    if chosen.label is not None and chosen.label not in model.classes:
        raise unknown_choice("class", chosen.label, model.classes)
    check_sources(sources)
    check_beside(out, sources)
    classifier = Classifier(model)
    method = check_method(classifier, chosen.method)
    claim_folder(out, overwrite=overwrite)
    task = _Task(classifier, chosen, method, out, _known(sources))
    total = count_pictures(sources) or 0
    rows: list[ExplainedPicture] = []
    unreadable: list[Unreadable] = []
    for number, picture in enumerate(find_pictures(sources, listed=listed)):
        try:
            rows.append(_explain(task, picture, number))
        except ImageError as error:
            unreadable.append(Unreadable(Path(picture.name), str(error)))
        if on_progress is not None:
            on_progress(number + 1, total)
    return _finish(task, model, rows, unreadable, sources)


def _finish(
    task: _Task,
    model: AnyModel,
    rows: Sequence[ExplainedPicture],
    unreadable: Sequence[Unreadable],
    sources: Sequence[str | Path],
) -> ExplainResult:
    if not rows:
        raise InputError(f"none of the pictures can be read: {unreadable[0].path}: {unreadable[0].reason}")
    result = ExplainResult(task.out, task.method, tuple(rows), tuple(unreadable))
    write_rows(task.out / TABLE, iter(rows), explained_formats())
    write_explained_page(result, task.out / EXPLAINED_PAGE, model=model.fingerprint, sources=sources)
    return result


def _known(sources: Sequence[str | Path]) -> dict[str, Example]:
    """Return what is known of the pictures of labelled folders, by their paths."""
    found: dict[str, Example] = {}
    for folder in map(Path, sources):
        if folder.is_dir():
            with suppress(BoxwrightError):  # it has no labels, or unsound ones, and its pictures can be explained still
                found |= {str(example.path): example for example in read_folder(folder).examples}
    return found


def _explain(task: _Task, picture: PictureReference, number: int) -> ExplainedPicture:
    image = decode_bytes(picture.read(), geometry=task.classifier.model.geometry).image.convert("RGB")
    fitted = task.classifier.fit(image)
    [result] = task.classifier.results([fitted])
    example = task.known.get(picture.name)
    label = _label(picture, example, task.classifier.model.classes)
    prediction = result.label or ""
    explained = task.settings.label or prediction
    found = draw_heat_map(task.classifier, fitted, label=explained, method=task.method)
    peak = found.peak(fitted)
    row = ExplainedPicture(
        path=picture.name,
        label=label,
        prediction=prediction,
        confidence=result.confidence or 0.0,
        explained=explained,
        method=task.method,
        peak=None if found.is_even else peak,
        faithfulness=measure_faithfulness(
            task.classifier, fitted, found, seed=task.settings.seed, name=Path(picture.name).name
        ),
        box=example.box if example else None,
        file=f"{OVERLAYS}/{_overlay_name(number, picture.name)}",
    )
    _save(beside(image, draw_over(image, found, peak), caption(row)), task.out / row.file)
    return row


def caption(row: ExplainedPicture) -> str:
    """Return the line below an overlay: the prediction, its confidence, the label, and the class if it is another."""
    parts = [f"{row.prediction} {row.confidence:.0%}"]
    parts += [f"label {row.label}"] if row.label else []
    parts += [f"map of {row.explained}"] if row.explained != row.prediction else []
    return " · ".join(parts)


def _label(picture: PictureReference, example: Example | None, classes: Sequence[str]) -> str:
    """Return what the folder says, or the picture's own, where that is a class: other folders sort by other things."""
    name = example.label if example else picture.path.resolve().parent.name if picture.path else ""
    return name if name in classes else ""


def _overlay_name(number: int, name: str) -> str:
    stem = PurePosixPath(name.replace("::", "/")).stem
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in stem)[:60].strip(".-")
    return f"{number:06}-{kept}.png" if kept else f"{number:06}.png"


def _save(image: Image.Image, path: Path) -> None:
    with atomic_open(path) as file:
        image.save(file, "PNG")
