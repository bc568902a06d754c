"""Files beside pictures that name them and are not read: tables of other programs, and annotations of other kinds."""

import gzip
import re
import unicodedata
import zlib
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

LABELS_CSV = "labels.csv"
"""What `labels export` calls the table beside class folders, and `labels import` reads there."""

EXPORTED_COLUMNS = ("file", "path", "sha256", "action", "label")
"""How the first line of that table begins."""

NAMING, SPREADSHEET = "text that names pictures and is not read", "spreadsheet that is not read"

SPREADSHEETS = frozenset({".xls", ".xlsx", ".xlsm", ".ods", ".numbers"})
TABLES = frozenset({".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".txt", ".xml", ".yaml", ".yml"})

MOST_BYTES_READ = 2**20
"""So much of a file tells whether it names pictures."""

_BETWEEN = re.compile(r"""[,;|"'<>\[\]{}=\t\r\n/\\]+""")


class NamingFiles:
    """Tells of the files below a folder which name pictures that lie there."""

    def __init__(self, folder: Path, pictures: Iterable[str]) -> None:
        """`pictures` are named from the folder on."""
        self._folder = folder
        self._pictures = pictures

    def reason(self, name: str) -> str:
        """Return why a file is missed though it says something of pictures; empty where it does not."""
        endings = [ending.lower() for ending in PurePosixPath(name).suffixes[-2:]]
        if endings and endings[-1] in SPREADSHEETS:
            return SPREADSHEET
        ending = endings[-2] if len(endings) > 1 and endings[-1] == ".gz" else endings[-1] if endings else ""
        return NAMING if ending in TABLES and self._is_naming(read_head(self._folder / name)) else ""

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(_fold(PurePosixPath(name).name) for name in self._pictures)

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(PurePosixPath(name).stem for name in self._names)

    def _is_naming(self, text: str) -> bool:
        """Tell whether a text has the name of a picture, or those of half of the pictures without their endings."""
        words = {_fold(word) for word in _BETWEEN.split(text)} | {_fold(word) for word in text.split()}
        return bool(words & self._names) or _are_most(words & self._stems, self._stems)


def _are_most(found: Collection[str], of: Collection[str]) -> bool:
    return len(found) > 1 and 2 * len(found) >= len(of)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip().casefold())


def read_head(path: Path) -> str:
    """Return what a text file begins with; nothing of one that cannot be read."""
    if not path.is_file():
        return ""  # whoever opens a pipe waits
    try:
        with path.open("rb") as file:
            is_gzip = file.peek(2)[:2] == b"\x1f\x8b"
            head = gzip.GzipFile(fileobj=file).read(MOST_BYTES_READ) if is_gzip else file.read(MOST_BYTES_READ)
    except (OSError, EOFError, zlib.error):
        return ""
    wide = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le" if head[1:2] == b"\0" else ""
    return head.decode(wide, "replace") if wide else head.decode("utf-8", "surrogateescape")


def is_exported(path: Path) -> bool:
    """Tell whether a table is one that boxwright wrote, or is empty."""
    first = read_head(path).lstrip("\ufeff").partition("\n")[0].strip()
    return not first or first.split(",")[: len(EXPORTED_COLUMNS)] == [*EXPORTED_COLUMNS]
