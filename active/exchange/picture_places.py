"""Where the pictures are that rows of labels name: here, or as another machine would write it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from active.exchange.label_formats.label_rows import LabelRow
from base.counting import counted
from base.errors import ImageError
from base.file_texts import has_raw_bytes, read_as_windows
from base.notes import take_note
from model.reading.images import content_hash

_DRIVE = re.compile(r"/?[A-Za-z]:/")


@dataclass(frozen=True)
class PicturePlace:
    """A picture by its content's hash, and where it lies; or lay, where it `is_there` no more."""

    item: str
    path: Path
    is_there: bool = True


def find_row_pictures(
    rows: Sequence[LabelRow], root: Path, *, on_progress: Callable[[int, int], None] | None = None
) -> list[PicturePlace | None]:
    """Return each row's picture: where it was labelled if it is still there, or its copy; None where there is none.

    With its hash a row need not have a picture. Names with a drive, of which nothing is here, are looked for below
    `root` without their first folders, and count where only one name leads to a picture.
    """
    found: list[PicturePlace | None] = []
    for row in rows:
        found.append(_find(row, root))
        if on_progress:
            on_progress(len(found), len(rows))
    _tell_changed(rows, root, found)
    _find_moved(rows, root, found)
    return found


def _tell_changed(rows: Sequence[LabelRow], root: Path, found: Sequence[PicturePlace | None]) -> None:
    """Say which files lie where rows say and are other pictures by the rows' hashes."""
    lost = [row for row, place in zip(rows, found, strict=True) if row.sha256 and place and not place.is_there]
    changed = {there.path for row in lost if (there := next(_read(_places(row, root)), None))}
    if changed:
        first = min(changed)
        lie = counted(len(changed), "picture is not the one", "pictures are not those")
        take_note(
            f"{root}: {lie} that the rows' sha256 says (first: {first}); labels are those of the pictures that were "
            "there then, and not of these"
        )


def _places(row: LabelRow, root: Path) -> list[Path]:
    written = [text for text in (row.path, row.file) if text]
    places = [root / form for text in written for form in _forms(text)]
    if row.sha256:
        places += [root / rest for text in written for rest in _below_drive(text)]
    return [each for each in places if "\0" not in str(each)]


def _find(row: LabelRow, root: Path) -> PicturePlace | None:
    places = _places(row, root)
    found = next((each for each in _read(places) if row.sha256 in (None, each.item)), None)
    if found is None and row.sha256 and places:
        return PicturePlace(row.sha256, places[0], is_there=False)
    return found


def find_named_picture(text: str, root: Path) -> PicturePlace | None:
    """Return the picture that a name stands for, which may begin at `root`; None where there is none."""
    return next(_read(root / form for form in _forms(text)), None)


def _read(places: Iterable[Path]) -> Iterator[PicturePlace]:
    for place in places:
        item = _hash(place)
        if item:
            yield PicturePlace(item, place)


def _find_moved(rows: Sequence[LabelRow], root: Path, found: list[PicturePlace | None]) -> None:
    taken = {each.path: "" for each in found if each}
    moved: dict[int, Path] = {}
    for number, row in enumerate(rows):
        if found[number] is None:
            below = (root / rest for rest in _below_drive(row.path or row.file or ""))
            place = next((each for each in below if each.is_file()), None)
            moved |= {} if place is None else {number: place}
    names = Counter(place for _, place in {(rows[number].name, place) for number, place in moved.items()})
    sure = {number: place for number, place in moved.items() if names[place] == 1 and place not in taken}
    for number, place in sure.items():
        item = _hash(place)
        found[number] = PicturePlace(item, place) if item else None
    if sure:
        first, place = next(iter(sure.items()))
        names_are = counted(len(sure), "name of another machine is", "names of another machine are")
        shown = f"{rows[first].name!a} for {place.relative_to(root)}"
        take_note(f"{root}: {names_are} taken for pictures here, {shown}")


def _hash(place: Path) -> str | None:
    try:
        return None if "\0" in str(place) else content_hash(place)
    except ImageError:
        return None


def _forms(text: str) -> Iterator[str]:
    """Yield what a name may be here: as it is written, and as other systems and programs write it."""
    seen = set[str]()
    for form in _ways(text):
        if form and form not in seen:
            seen.add(form)
            yield form


def _ways(text: str) -> Iterator[str]:
    if text.lower().startswith("file:"):
        text = _of_address(text)
    yield text
    for form in (text.strip(), _slashes(text)):
        yield form
        if drive := _DRIVE.match(form):
            letter = drive[0].strip("/")[0].lower()
            yield f"/mnt/{letter}/{form[drive.end() :]}"  # where Linux on Windows has it
        if has_raw_bytes(form):
            try:
                yield read_as_windows(form)
            except ValueError:
                continue
        else:
            yield unicodedata.normalize("NFC", form)
            yield unicodedata.normalize("NFD", form)


def _slashes(text: str) -> str:
    return text.strip().replace("\\", "/")


def _of_address(text: str) -> str:
    parts = urlsplit(_slashes(text))
    path = unquote(parts.path, errors="surrogateescape")
    return path.removeprefix("/") if _DRIVE.match(path) else path


def _below_drive(text: str) -> list[str]:
    """Return the ends of a path with a drive or a server in front, the longest first; none of other paths."""
    plain = _of_address(text) if text.lower().startswith("file:") else _slashes(text)
    drive = _DRIVE.match(plain)
    if not drive and not text.strip().startswith("\\\\"):
        return []
    parts = PurePosixPath(plain[drive.end() :] if drive else plain.strip("/")).parts
    return ["/".join(parts[start:]) for start in range(len(parts)) if ".." not in parts]
