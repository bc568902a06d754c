"""What is said in one line and not for each file: how many were passed over, how many were read with a note."""

from collections import Counter

from base.notes import take_note

PASSED_OVER = ("file was passed over", "files were passed over")
NOTED = ("picture was read with a note", "pictures were read with a note")


class Remarks:
    """Counts files by what there is to say of them."""

    def __init__(self, words: tuple[str, str]) -> None:
        """`words` come after the number: of one file, and of several."""
        self._words = words
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, what: str, name: str = "") -> None:
        """Count a file; the first of its sort is named where a `name` is given."""
        self._counts[what] += 1
        if name:
            self._first.setdefault(what, name)

    def update(self, other: "Remarks") -> None:
        """Count what another has counted."""
        self._counts.update(other._counts)
        self._first = other._first | self._first

    @property
    def most_frequent(self) -> str:
        """Return what has been counted most often; empty where nothing has."""
        return next((what for what, _ in self._counts.most_common(1)), "")

    def __str__(self) -> str:
        """Return the line; empty where there is nothing to say."""
        total = self._counts.total()
        if not total:
            return ""
        counts = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))  # not by how a disk lists them
        parts = ", ".join(f"{count} {self._with_first(what)}" for what, count in counts)
        return f"{total} {self._words[total > 1]}: {parts}"

    def _with_first(self, what: str) -> str:
        name = self._first.get(what)
        if not name:
            return what
        name = name if name.isprintable() else repr(name)  # a line break would make two lines of one
        shown = f"first: {name}" if self._counts[what] > 1 else name
        return f"{what[:-1]}; {shown})" if what.endswith(")") else f"{what} ({shown})"

    def say(self, where: str = "") -> None:
        """Say the line, of a place where one is named; commands show it on stderr."""
        if self._counts:
            take_note(f"{where}: {self}" if where else str(self))
