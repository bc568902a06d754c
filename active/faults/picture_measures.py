"""One look at each picture: hashes, a thumbnail, and how much there is to be seen."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image

from base.arrays import Floats, Pixels, Thumbnails
from base.errors import ImageError
from base.progress import OnProgress
from base.threads import core_count
from model.gap.measures import measure_pictures
from model.labelled_folders.examples import Example
from model.labelled_folders.signatures import Signature, sign_picture
from model.reading.images import Unreadable, decode_bytes, hash_bytes, read_bytes

BRIGHTEST_SHARE = 99.5
"""The percentile that stands for the brightest of a picture; single bright pixels do not count."""


@dataclass(frozen=True)
class PictureMeasures:
    """What is measured on the pixels of a picture.

    Attributes:
        size: width and height in pixels.
        thumbnail: grey, see `model.labelled_folders.signatures`.
        span: levels between the darkest and the brightest of the channel that has most, 0 to 255.
        brightest: lightness of the brightest pixels, 0 to 1.
        steepest: the largest step from one pixel to the next as a share of the span; 1 for a hard edge.
        statistics: (S,), those of `model.gap.measures.STATISTICS`, in its order.
    """

    size: tuple[int, int]
    thumbnail: Thumbnails
    span: int
    brightest: float
    steepest: float
    statistics: Floats


def measure_image(image: Image.Image, thumbnail: Thumbnails) -> PictureMeasures:
    """Measure an RGB picture."""
    pixels: Pixels = np.asarray(image)
    levels = pixels.reshape(-1, 3)
    span = int((levels.max(0).astype(int) - levels.min(0)).max())
    steps = [np.abs(np.diff(pixels.astype(np.int16), axis=axis)).max(initial=0) for axis in (0, 1)]
    light = levels @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return PictureMeasures(
        image.size,
        thumbnail,
        span,
        float(np.percentile(light, BRIGHTEST_SHARE)) / 255,
        float(max(steps)) / max(1, span),
        np.array(list(measure_pictures(pixels).values()), np.float32),
    )


def read_measures(
    examples: Sequence[Example], *, threads: int | None = None, on_progress: OnProgress | None = None
) -> list[tuple[Signature, PictureMeasures] | Unreadable]:
    """Open each picture once, sign and measure it; or say why it cannot be read."""
    found: list[tuple[Signature, PictureMeasures] | Unreadable] = []
    with ThreadPoolExecutor(threads or core_count()) as pool:
        for each in pool.map(_read, examples):
            found.append(each)
            if on_progress is not None:
                on_progress(len(found), len(examples))
    return found


def _read(example: Example) -> tuple[Signature, PictureMeasures] | Unreadable:
    try:
        content = read_bytes(example.path)
        image = decode_bytes(content).image
    except ImageError as error:
        return Unreadable(example.path, str(error))
    signature = sign_picture(example.path, hash_bytes(content), image)
    thumbnail = signature.thumbnail
    if thumbnail is None:
        return Unreadable(example.path, "shows nothing")
    return signature, measure_image(image, thumbnail)
