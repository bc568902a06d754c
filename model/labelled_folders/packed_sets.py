"""Data sets whose pictures are packed, in tar shards or in Parquet: unpacked once into the cache, and then files."""

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from base.cache import cache_folder
from base.counting import counted
from base.errors import InputError
from base.files import write_jsonl
from base.settings import Settings
from base.spelling import refuse_spellings
from base.split_words import looks_like_part, split_of
from base.tabular.class_names import refuse_class_names
from base.tabular.missing_values import describe_missing
from base.tabular.several_values import refuse_value_lists
from model.decoding.picture_formats import ending_of_content
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_listing import FolderListing, PassedOver
from model.labelled_folders.folder_report import FolderReport, name_some, remark_on_groups
from model.labelled_folders.metadata_values import MetadataRow
from model.labelled_folders.packed_samples import read_table_samples, read_tar_samples
from model.labelled_folders.row_remarks import remark_on_rows
from model.labelled_folders.split_columns import find_column_splits, merge_splits

READERS = {
    ".tar": read_tar_samples,
    ".tar.gz": read_tar_samples,
    ".tgz": read_tar_samples,
    ".parquet": read_table_samples,
    ".pq": read_table_samples,
}
"""What reads a shard, by ending."""

NUMBERED = ("part", "shard", "chunk", "batch")
"""Words that begin the names of shards of one set."""

CACHE = "unpacked"
INDEX = "index.jsonl"


class _Unpacked(Settings):
    """A line of the index: a sample, and the file that its picture is in now; or why there is none."""

    name: str
    split: str
    row: MetadataRow | None = None
    file: str = ""
    reason: str = ""


def is_screens(listing: FolderListing) -> bool:
    """Tell whether a folder holds whole screens with COCO's annotations, as `boxwright generate` writes them."""
    return "annotations.json" in listing.files and all(name.startswith("images/") for name in listing.pictures)


def find_shards(listing: FolderListing) -> list[str]:
    """Return the names of the shards that a folder's pictures are in; none where it holds pictures itself."""
    return [] if listing.pictures else [name for name in listing.files if _ending(name)]


def read_packed(folder: Path, listing: FolderListing, shards: list[str]) -> FolderReport:
    """Read a data set of shards, whose pictures become files in the cache; the same set is unpacked once.

    Raises:
        InputError: a shard is damaged or of another make, a package is missing, nothing is labelled, two samples have
            one name, or some shards are of a split and others of none.
    """
    splits = {name: _split_of_shard(name) for name in shards}
    if len(set(splits.values())) > 1 and "" in splits.values():
        none = next(name for name, split in splits.items() if not split)
        raise InputError(f"{folder} holds shards of splits beside {none}, which is of none; name a folder of either")
    place = _unpack(folder, splits)
    lines = [_Unpacked.model_validate_json(line) for line in (place / INDEX).read_bytes().splitlines()]
    rows = {line.name: line.row for line in lines if line.row is not None}
    if not rows:
        raise InputError(f"{folder}: no sample of its {counted(len(shards), 'shard')} is a picture with a label")
    labels = {name: row.label or "" for name, row in rows.items()}
    refuse_spellings(labels.values(), what="classes", where=str(folder))
    refuse_class_names(labels.values(), str(folder))
    refuse_value_lists((label for name, label in labels.items() if not rows[name].is_meant), str(folder))
    columns = find_column_splits(folder, rows)
    own = merge_splits(folder, {line.name: line.split for line in lines if line.row is not None}, columns)
    rest = [each for each in listing.passed_over if each.name not in shards]
    words: dict[str, list[str]] = {}
    for name, split in splits.items():
        words.setdefault(split, []).append(name)
    return FolderReport(
        folder,
        counted(len(shards), "shard"),
        tuple(_to_example(place, line, line.row, own[line.name]) for line in lines if line.row is not None),
        passed_over=(*(PassedOver(line.name, line.reason) for line in lines if line.reason), *rest),
        split_folders=columns.words if "" in words else words,
        remarks=(
            *remark_on_groups((row.group, own[name]) for name, row in rows.items() if row.group),
            *columns.remarks,
            *remark_on_rows(rows, labels, labels_are="the samples"),
            *(_remark_on_names(shards) if "" in words and not columns.words else ()),
        ),
    )


def _remark_on_names(shards: list[str]) -> Iterator[str]:
    """Yield which shards may be splits or folds by other names than are known."""
    called = [name for name in shards if any(map(_is_called_like_part, name.split("/")))]
    if called:
        yield f"shards called like splits are used together: {name_some(called)}"


def _is_called_like_part(name: str) -> bool:
    stem = name.lower().removesuffix(_ending(name))
    return looks_like_part(stem) and not stem.startswith(NUMBERED)


def _to_example(place: Path, line: _Unpacked, row: MetadataRow, split: str) -> Example:
    group = line.name if row.group is None else row.group
    label, path = row.label or "", place / line.file
    return Example(path, label, group, row.family, row.kind, row.pair, row.box, split=split, name=line.name)


def _ending(name: str) -> str:
    return next((ending for ending in READERS if name.lower().endswith(ending)), "")


def _split_of_shard(name: str) -> str:
    """Return the split by the shard's folder, as `train/0.tar`, or its name, as `train-00000-of-00001.parquet`."""
    first, *rest = name.split("/")
    folder = split_of(first) if rest else None
    return folder or split_of(name.rpartition("/")[2].partition("-")[0].partition(".")[0]) or ""


def _unpack(folder: Path, splits: dict[str, str]) -> Path:
    """Return the folder in the cache that holds what the shards do; what an earlier state of them left goes."""
    stamp = hashlib.sha256()
    for name in splits:
        status = (folder / name).stat()
        stamp.update(f"3 {name} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    home = cache_folder(CACHE) / hashlib.sha256(bytes(folder.resolve())).hexdigest()[:16]
    place = home / stamp.hexdigest()[:16]
    if (place / INDEX).exists():
        return place
    home.mkdir(parents=True, exist_ok=True)
    for stale in home.iterdir():
        shutil.rmtree(stale)
    with tempfile.TemporaryDirectory(dir=home) as unfinished:
        made = Path(unfinished) / "made"
        made.mkdir()
        lines = list(_write_pictures(folder, splits, made))
        _refuse_twice(folder, lines)
        write_jsonl(made / INDEX, (line.model_dump_json() for line in lines))
        made.replace(place)
    return place


def _write_pictures(folder: Path, splits: dict[str, str], made: Path) -> Iterator[_Unpacked]:
    samples = ((split, sample) for shard, split in splits.items() for sample in READERS[_ending(shard)](folder, shard))
    for number, (split, sample) in enumerate(samples):
        reason = sample.reason or ("" if sample.row.label else describe_missing(sample.row.no_label))
        if reason:
            yield _Unpacked(name=sample.name, split=split, reason=reason)
            continue
        file = f"{number:07}{ending_of_content(sample.content)}"
        (made / file).write_bytes(sample.content)
        yield _Unpacked(name=sample.name, split=split, row=sample.row, file=file)


def _refuse_twice(folder: Path, lines: list[_Unpacked]) -> None:
    twice = [name for name, count in Counter(line.name for line in lines if line.file).items() if count > 1]
    if twice:
        raise InputError(f"{folder}: two samples are called {twice[0]}; give each a name of its own")
