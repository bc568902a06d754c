"""Which pictures a report will show, found while the rows come: of each sort the least certain, each content once."""

import bisect
from collections.abc import Sequence

from model.tables.keeping import PictureRow

Offer = tuple[str, float]
"""Of which sort a row is, and how certain."""


class KeptPictures:
    """Of each sort the `most` least certain rows; of equal ones the first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._ranked: dict[str, list[tuple[float, int]]] = {}
        self._contents: dict[int, str] = {}
        self._seen: set[str] = set()

    def offer(self, seq: int, row: PictureRow, offer: Offer) -> int | None:
        """Take the picture of row `seq` if it is among the least certain; return the row it replaces, -1 for none.

        None: it is not taken.
        """
        sort, confidence = offer
        if row.content in self._seen:
            return None
        ranked = self._ranked.setdefault(sort, [])
        if len(ranked) == self._most and (confidence, seq) > ranked[-1]:
            return None
        bisect.insort(ranked, (confidence, seq))
        self._seen.add(row.content)
        self._contents[seq] = row.content
        if len(ranked) <= self._most:
            return -1
        _, dropped = ranked.pop()
        self._seen.remove(self._contents.pop(dropped))
        return dropped

    def take(self, offered: Sequence[tuple[PictureRow, Offer | None]], first: int) -> tuple[list[int], list[int]]:
        """Offer rows that follow on each other, the first with number `first`; None stands for one that is not offered.

        Return the places among them of those that are taken, and the numbers of rows that they replace.
        """
        taken, dropped = list[int](), set[int]()
        for place, (row, offer) in enumerate(offered):
            replaced = None if offer is None else self.offer(first + place, row, offer)
            if replaced is not None:
                taken.append(place)
                dropped.add(replaced)
        return [place for place in taken if first + place not in dropped], sorted(dropped - {-1})
