"""Loads the pictures of the queue, some ahead of the one that is shown."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from active.store.events import QueueItem
from base.errors import ImageError
from model.reading.images import decode_bytes, read_same


@dataclass(frozen=True)
class LoadedPicture:
    """A loaded picture, or the reason why there is none."""

    image: Image.Image | None
    error: str = ""


def load_picture(item: QueueItem) -> LoadedPicture:
    """Read the picture of a queue item, if its file still holds what was queued.

    It is read once: what is shown are the very bytes that have the item's hash, and so are those that are labelled.
    """
    try:
        return LoadedPicture(decode_bytes(read_same(item.path, item.item, since="queued")).image)
    except ImageError as error:
        return LoadedPicture(None, str(error))


class Loader:
    """Reads pictures in a thread of its own; what it was not asked to keep is forgotten."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="picture")
        self._loading: dict[str, Future[LoadedPicture]] = {}

    def load(self, shown: QueueItem, ahead: Sequence[QueueItem]) -> LoadedPicture:
        """Return the picture of `shown`, and start on those of `ahead`."""
        wanted = {item.item: item for item in (shown, *ahead)}
        self._loading = {
            name: self._loading.get(name) or self._thread.submit(load_picture, item) for name, item in wanted.items()
        }
        return self._loading[shown.item].result()

    def close(self) -> None:
        """Let go of the pictures that nobody will see."""
        self._thread.shutdown(wait=False, cancel_futures=True)
