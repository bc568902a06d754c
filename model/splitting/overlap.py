"""What a model was trained on, kept small, and which other pictures are copies of it."""

import io
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Doubles, Floats, Hashes, Mask, Thumbnails
from base.errors import ImageError, ModelError
from base.files import write_bytes
from model.networks.model_folders import CHECKPOINTS
from model.reading.folders import Example
from model.reading.images import content_hash, read_image

FILE = "seen.npz"

SIDE_PX = 24
"""Thumbnails are squares of so many cells a side: small enough for JPEG noise to average out, enough for a tick."""

NEAR = 0.5
"""Largest difference of any one cell, in standard deviations of the picture's grey values, of near-identical ones.

Set on copies of real crops (JPEG at quality 40 and scaling to 3/4 or 3/2 stay below in 99 of 100, halving in 90) and on
counterfactual pairs, one style in two states, of which fewer than 1 in 100 come as near.
"""

FLATTEST = 8.0
"""Grey levels that count as one standard deviation in pictures with less contrast; else two blanks would differ."""

ASPECT = 0.08
"""Near-identical pictures differ at most by this in the logarithm of width over height."""


@dataclass(frozen=True)
class Overlap:
    """The pictures of `total` that a training has seen: exact copies, and others that are near-identical to one."""

    total: int
    copies: tuple[Path, ...]
    near: tuple[Path, ...]

    def __bool__(self) -> bool:
        return bool(self.copies or self.near)

    def to_text(self, *, names: int = 3) -> str:
        """Return the finding in a line, with that many names."""
        found = [*self.copies, *self.near]
        shown = ", ".join(str(path) for path in found[:names]) + (", …" if len(found) > names else "")
        return (
            f"{len(self.copies)} of {self.total} pictures were in the training or validation data, "
            f"{len(self.near)} more are near-identical to one that was: {shown}"
        )


@dataclass(frozen=True)
class SeenPictures:
    """Signatures of pictures: 64 bits of each file's SHA-256 (N,), and of M of them what they look like.

    `thumbnails` are grey values (M, SIDE_PX²), `aspects` the logarithm of width over height, (M,).
    """

    hashes: Hashes
    thumbnails: Thumbnails
    aspects: Floats

    def __or__(self, other: "SeenPictures") -> "SeenPictures":
        hashes = np.unique(np.concatenate([self.hashes, other.hashes]))
        thumbnails = np.concatenate([self.thumbnails, other.thumbnails])
        return SeenPictures(hashes, thumbnails, np.concatenate([self.aspects, other.aspects]))

    def find(self, examples: Sequence[Example], *, threads: int | None = None) -> Overlap:
        """Return which pictures are copies of what was seen; those that cannot be read are passed over."""
        paths = [example.path for example in examples]
        copies, near = [], []
        for path, signature in zip(paths, _sign_all(paths, threads), strict=True):
            if signature is None:
                continue
            if np.isin(signature[0], self.hashes):
                copies.append(path)
            elif self.looks_like(signature[1], signature[2]):
                near.append(path)
        return Overlap(len(paths), tuple(copies), tuple(near))

    def looks_like(self, thumbnail: Thumbnails, aspect: float) -> bool:
        """Tell whether one of the pictures looks the same as that of the thumbnail, (SIDE_PX²,)."""
        # Where no cell differs by more than that, the means do not either: a cheap test that leaves few to compare.
        alike = np.abs(self.aspects - aspect) <= ASPECT
        alike &= np.abs(self._means - thumbnail.mean()) <= _tolerance(thumbnail)
        return bool(near_identical(thumbnail, self.thumbnails[alike]).any())

    @cached_property
    def _means(self) -> Doubles:
        means: Doubles = self.thumbnails.mean(1)
        return means


def find_overlap(run: Path, examples: Sequence[Example]) -> Overlap | None:
    """Return which of the pictures a run has seen; None where it does not say.

    Raises:
        ModelError: the run's signatures are damaged.
    """
    seen = load_seen(run)
    return None if seen is None else seen.find(examples)


def find_across(paths: Sequence[Path], folds: Sequence[int]) -> Overlap:
    """Return which pictures have a copy, or a near-identical one, in another fold than their own."""
    signed = [
        (path, fold, signature)
        for path, fold, signature in zip(paths, folds, _sign_all(paths, None), strict=True)
        if signature is not None
    ]
    others = {number: _of([item for _, fold, item in signed if fold != number]) for number in set(folds)}
    copies, near = [], []
    for path, fold, (content, thumbnail, aspect) in signed:
        if content in others[fold].hashes:
            copies.append(path)
        elif others[fold].looks_like(thumbnail, aspect):
            near.append(path)
    return Overlap(len(paths), tuple(copies), tuple(near))


def near_identical(thumbnail: Thumbnails, others: Thumbnails) -> Mask:
    """Tell of each of the others, (M, SIDE_PX²), whether it shows what the thumbnail does."""
    differences = np.abs(others.astype(np.int16) - thumbnail.astype(np.int16)).max(1)
    near: Mask = differences <= _tolerance(thumbnail)
    return near


def _tolerance(thumbnail: Thumbnails) -> float:
    return NEAR * max(FLATTEST, float(thumbnail.std()))


def sign(exact: Sequence[Example], looked_at: Sequence[Example], *, threads: int | None = None) -> SeenPictures:
    """Return the signatures of pictures, of the second kind with what they look like; unreadable ones have none."""
    with ThreadPoolExecutor(threads) as pool:
        plain = [value for value in pool.map(_hash, [example.path for example in exact]) if value is not None]
    looks = _of([item for item in _sign_all([example.path for example in looked_at], threads) if item is not None])
    return SeenPictures(
        np.unique(np.concatenate([np.array(plain, np.uint64), looks.hashes])), looks.thumbnails, looks.aspects
    )


Signature = tuple[np.uint64, Thumbnails, float]
"""Hash, thumbnail and aspect of a picture."""


def _of(signatures: Sequence[Signature]) -> SeenPictures:
    return SeenPictures(
        np.array([content for content, _, _ in signatures], np.uint64),
        np.array([thumbnail for _, thumbnail, _ in signatures], np.uint8).reshape(-1, SIDE_PX**2),
        np.array([aspect for _, _, aspect in signatures], np.float32),
    )


def _sign_all(paths: Sequence[Path], threads: int | None) -> list[Signature | None]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(_sign, paths))


def _sign(path: Path) -> Signature | None:
    try:
        image, content = read_image(path), _hash(path)
    except ImageError:
        return None
    grey = image.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    aspect = float(np.log(image.width / image.height))
    return None if content is None else (content, np.asarray(grey).ravel(), aspect)


def _hash(path: Path) -> np.uint64 | None:
    try:
        return np.uint64(int(content_hash(path)[:16], 16))
    except ImageError:
        return None


def save_seen(seen: SeenPictures, folder: Path) -> None:
    """Write signatures into a run folder."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, hashes=seen.hashes, thumbnails=seen.thumbnails, aspects=seen.aspects)
    write_bytes(folder / FILE, buffer.getvalue())


def load_seen(folder: Path) -> SeenPictures | None:
    """Return the signatures of a run, for its checkpoints too; None where it has none, as older ones.

    Raises:
        ModelError: the file is damaged.
    """
    run = folder.parent.parent if folder.parent.name == CHECKPOINTS else folder
    path = run / FILE
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return SeenPictures(arrays["hashes"], arrays["thumbnails"], arrays["aspects"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged; without it copies cannot be found, delete it to go on") from error
