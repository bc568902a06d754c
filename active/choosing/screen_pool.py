"""A pool of screenshots: crops of what may be a widget on them, each with its place, in a folder that grows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from base.counting import counted
from base.errors import ImageError, InputError, NothingToQueueError
from base.file_texts import read_file_text
from base.progress import OnProgress
from model.finding.box_arrays import box_array, intersection_over_union
from model.labelled_folders.metadata_rows import METADATA
from model.reading.images import Unreadable, content_hash, find_images
from model.running.readings import BoxPx
from model.scanning.screen_rows import WidgetFilter
from model.scanning.screen_work import ScreenScanner
from model.scanning.widget_crops import cut_widgets
from model.screen_evaluation.widget_matching import LEAST_IOU

DOUBT = 0.1
"""What is less likely a widget is not asked about."""


@dataclass(frozen=True)
class ScreenPlace:
    """What may be a widget on a screenshot: its crop, its box there, and how sure the scanner last was that it is."""

    crop: Path
    screen: Path
    box: BoxPx
    kind: str
    enabled: bool
    confidence: float


@dataclass(frozen=True)
class ScreenPool:
    """The places to ask about, and the screenshots that could not be read."""

    places: tuple[ScreenPlace, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def crops(self) -> list[Path]:
        """Return the crops, to queue them."""
        return [place.crop for place in self.places]

    @property
    def confidences(self) -> Mapping[Path, float]:
        """Return of each crop how probably it shows a widget."""
        return {place.crop: place.confidence for place in self.places}


def cut_screens(
    scanner: ScreenScanner, sources: Sequence[str | Path], out: Path, *, on_progress: OnProgress | None = None
) -> ScreenPool:
    """Cut what the scanner takes for a widget, doubtful or not, out of screenshots; return all places known so far.

    Each scanner, and each state of the screenshots, has a folder in `out`, which is written once. A place that an
    earlier one found already keeps its crop, and with it what was said of it. Crops in `out` are no screenshots, where
    the sources have that folder in them.

    Args:
        scanner: made by `model.finding.scanner.load_scanner`.
        sources: files, folders or globs.
        out: the folder of the crops.
        on_progress: called with screens done and in all.

    Raises:
        MissingError, InputError: a source is not there or holds no picture, or `out` is no folder or holds them all.
        NothingToQueueError: there may be a widget on none of them.
        OutputExistsError: `out` holds something else.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; the crops go into a folder")
    screens = [each for each in find_images(sources) if not each.resolve().is_relative_to(out.resolve())]
    if not screens:
        raise InputError(f"all screenshots lie in {out}, where their crops go; choose another folder for the crops")
    name = _name_cut(scanner, screens)
    before = sorted(each.name for each in out.iterdir()) if out.is_dir() else []
    folder = out / next((each for each in before if each.endswith(name)), f"{len(before) + 1:03}-{name}")
    unreadable: tuple[Unreadable, ...] = ()
    if not (folder / METADATA).exists():
        bounds = WidgetFilter(min_confidence=DOUBT)
        cut = cut_widgets(scanner, screens, folder, settings=bounds, resume=folder.exists(), on_progress=on_progress)
        unreadable = cut.unreadable
    places = known_places(out, newest=folder.name)
    if not places:
        raise NothingToQueueError(f"nothing to queue: {_tell_empty(screens, unreadable)}")
    return ScreenPool(tuple(places), unreadable)


def known_places(out: Path, *, newest: str | None = None) -> list[ScreenPlace]:
    """Return each place that was ever cut out into `out` once, as sure as the `newest` cut is of it, or the last one.

    Raises:
        InputError: a row of the folders is damaged.
    """
    cuts = sorted(each for each in out.iterdir() if (each / METADATA).exists()) if out.is_dir() else []
    cuts.sort(key=lambda each: each.name == newest)
    known: dict[Path, list[ScreenPlace]] = {}
    for cut in cuts:
        found: dict[Path, list[ScreenPlace]] = {}
        for place in _read_cut(cut):
            found.setdefault(place.screen, []).append(place)
        for screen in known.keys() | found.keys():
            known[screen] = _joined(known.get(screen, []), found.get(screen, []))
    return sorted((place for places in known.values() for place in places), key=lambda place: place.crop)


def _joined(known: Sequence[ScreenPlace], found: Sequence[ScreenPlace]) -> list[ScreenPlace]:
    """Return the places of one screenshot: those known, as sure as they are found again, and the new ones."""
    overlap = intersection_over_union(box_array(each.box for each in known), box_array(each.box for each in found))
    same = overlap >= LEAST_IOU
    sure = np.array([each.confidence for each in found])
    again = [replace(each, confidence=float(sure[row].max(initial=0.0))) for each, row in zip(known, same, strict=True)]
    return [*again, *(each for column, each in enumerate(found) if not same[:, column].any())]


def _read_cut(folder: Path) -> list[ScreenPlace]:
    places = []
    for number, line in enumerate(read_file_text(folder / METADATA).splitlines(), start=1):
        try:
            row = json.loads(line)
            screen = (folder / row["screenshot"]).resolve()
            left, top, width, height = row["screen_box"]
            box = (float(left), float(top), float(width), float(height))
            crop = folder / row["file_name"]
            place = ScreenPlace(crop, screen, box, row["kind"], row["enabled"] is not False, float(row["confidence"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{folder / METADATA}:{number}: this is no row of a crop that was cut out") from error
        places.append(place)
    return places


def _name_cut(scanner: ScreenScanner, screens: Sequence[Path]) -> str:
    """Return what tells apart what the scanner, and other ones, make of these and of other screenshots."""
    digest = hashlib.sha256(scanner.fingerprint.encode())
    for screen in screens:
        digest.update(f"\n{screen.resolve()}\t{_content(screen)}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:12]


def _content(screen: Path) -> str:
    try:
        return content_hash(screen)
    except ImageError:
        return "unreadable"


def _tell_empty(screens: Sequence[Path], unreadable: Sequence[Unreadable]) -> str:
    if not unreadable:
        return f"no place on {counted(len(screens), 'screenshot')} may be a widget"
    first = unreadable[0]
    return (
        f"of {counted(len(screens), 'screenshot')}, {len(unreadable)} cannot be read ({first.path}: {first.reason}), "
        "and no place on the others may be a widget"
    )
