"""What is done with a stream of pictures: the work, and the two stages in which a chunk of them goes through it.

Between the stages it is decided, for one chunk after another, which contents are new: so they give the same bytes
wherever they run, in the threads of this process (model.streaming.local_stages) or on a cluster
(model.streaming.cluster_stages).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from model.reading.picture_reference import PictureReference

_Fitted = TypeVar("_Fitted")
_Result = TypeVar("_Result")
_Given = TypeVar("_Given", covariant=True)


@dataclass(frozen=True)
class PictureWork(Generic[_Fitted, _Result]):
    """What is made of each picture, in two steps.

    Attributes:
        fit: makes of a file's bytes what is scored, or gives the reason why there is none; any thread may call it.
        prepare: called once where the scoring is done; gives what makes results of fitted pictures, in their order.
        failed: gives the result that stands for a reason.
    """

    fit: Callable[[bytes], _Fitted | str]
    prepare: Callable[[], Callable[[Sequence[_Fitted]], Sequence[_Result]]]
    failed: Callable[[str], _Result]


class Chunk(Protocol[_Given]):
    """Some pictures that were read."""

    @property
    def pictures(self) -> Sequence[PictureReference]:
        """Return the pictures."""
        ...

    @property
    def contents(self) -> Sequence[str]:
        """Return their SHA-256 in hex, empty where they were not read or not to be hashed."""
        ...

    def error(self, row: int) -> str | None:
        """Return why a picture cannot be scored; to be asked of the first of equal contents alone."""
        ...

    def score(self, rows: Sequence[int]) -> Callable[[], Sequence[_Given]]:
        """Score these pictures, once; return what gives the results, or waits for them."""
        ...


class Stages(Protocol[_Given]):
    """What reads and scores; `ahead` chunks are scored at a time."""

    ahead: int

    def load(self, chunks: Iterable[list[PictureReference]]) -> Iterator[Chunk[_Given]]:
        """Yield the chunks in order as they are read; further ones are read meanwhile."""
        ...
