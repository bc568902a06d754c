"""What a model was trained on, kept small, and which other pictures are copies of it."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from base.arrays import Doubles, Floats, Hashes, Mask, Thumbnails
from base.counting import counted
from base.errors import ModelError
from base.files import write_bytes
from model.labelled_folders.examples import Example
from model.labelled_folders.signatures import SIDE_PX, Signature, read_signatures
from model.networks.model_folders import CHECKPOINTS, run_folder

FILE = "seen.npz"

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
        total = counted(self.total, "picture")
        return (
            f"{counted(len(self.copies), f'of {total} was', f'of {total} were')} in the training or validation data, "
            f"{counted(len(self.near), 'more is', 'more are')} near-identical to one that was: {shown}"
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

    @classmethod
    def of(cls, signatures: Iterable[Signature]) -> "SeenPictures":
        """Return what some signatures say together."""
        signed = list(signatures)
        looked_at = [(each.thumbnail, each.aspect) for each in signed if each.thumbnail is not None]
        return cls(
            np.unique(_shorten([each.content for each in signed])),
            np.array([thumbnail for thumbnail, _ in looked_at], np.uint8).reshape(-1, SIDE_PX**2),
            np.array([aspect for _, aspect in looked_at], np.float32),
        )

    def find(self, examples: Sequence[Example], *, threads: int | None = None) -> Overlap:
        """Return which pictures are copies of what was seen; those that cannot be read are passed over."""
        return self.find_signed(_sign_all([example.path for example in examples], threads), total=len(examples))

    def find_signed(self, signatures: Iterable[Signature], *, total: int) -> Overlap:
        """Return the same of pictures that were signed when they were read, of `total` in all."""
        copies, near = [], []
        for each in signatures:
            if np.isin(_shorten([each.content]), self.hashes).all():
                copies.append(each.path)
            elif each.thumbnail is not None and self.looks_like(each.thumbnail, each.aspect):
                near.append(each.path)
        return Overlap(total, tuple(copies), tuple(near))

    def count_known(self, contents: Iterable[str]) -> int:
        """Return how many of the contents, by their SHA-256 in hex, it has seen; no picture is read."""
        return int(np.isin(_shorten(contents), self.hashes).sum())

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


def find_across(signatures: Sequence[Signature], folds: Sequence[int]) -> Overlap:
    """Return which pictures have a copy, or a near-identical one, in another fold than their own."""
    signed = list(zip(folds, signatures, strict=True))
    others = {number: SeenPictures.of(each for fold, each in signed if fold != number) for number in set(folds)}
    found = [others[fold].find_signed([each], total=1) for fold, each in signed]
    copies = tuple(path for each in found for path in each.copies)
    return Overlap(len(signed), copies, tuple(path for each in found for path in each.near))


def near_identical(thumbnail: Thumbnails, others: Thumbnails) -> Mask:
    """Tell of each of the others, (M, SIDE_PX²), whether it shows what the thumbnail does."""
    differences = np.abs(others.astype(np.int16) - thumbnail.astype(np.int16)).max(1)
    near: Mask = differences <= _tolerance(thumbnail)
    return near


def _tolerance(thumbnail: Thumbnails) -> float:
    return NEAR * max(FLATTEST, float(thumbnail.std()))


def sign(exact: Sequence[Example], looked_at: Sequence[Example], *, threads: int | None = None) -> SeenPictures:
    """Return the signatures of pictures, of the second kind with what they look like; unreadable ones have none."""
    plain = _sign_all([example.path for example in exact], threads, looks=False)
    signed = [*plain, *_sign_all([example.path for example in looked_at], threads)]
    return SeenPictures.of(signed)


def _shorten(contents: Iterable[str]) -> Hashes:
    """Return 64 bits of each hash."""
    return np.array([int(content[:16], 16) for content in contents], np.uint64)


def _sign_all(paths: Sequence[Path], threads: int | None, *, looks: bool = True) -> list[Signature]:
    """Return the signatures of the pictures that can be read."""
    found = read_signatures(paths, threads=threads, looks=looks)
    return [each for each in found if isinstance(each, Signature)]


def save_seen(seen: SeenPictures, folder: Path) -> None:
    """Write signatures into a run folder."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, hashes=seen.hashes, thumbnails=seen.thumbnails, aspects=seen.aspects)
    write_bytes(folder / FILE, buffer.getvalue())


def load_seen(folder: Path) -> SeenPictures | None:
    """Return the signatures of a run, named as `run_folder` takes it, or of one of its checkpoints; None without any.

    Raises:
        ModelError: the file is damaged.
    """
    named = run_folder(folder)
    run = named.parent.parent if named.parent.name == CHECKPOINTS else named
    path = run / FILE
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return SeenPictures(arrays["hashes"], arrays["thumbnails"], arrays["aspects"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged; without it copies cannot be found, delete it to go on") from error
