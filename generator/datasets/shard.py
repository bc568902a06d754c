"""Shards: what a worker makes at a time, some pages of a data set, written and marked as done."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import ValidationError

from base.errors import InputError
from base.files import write_jsonl
from generator.crops.page import Crop, Rejected
from generator.crops.recipe import Recipe
from generator.formats.crop_formats import CROP_FORMATS
from generator.rendering.browser import BrowserChoice
from generator.screens.rows import Screenshot

PARTS = ".shards"
REJECTED = "rejected.jsonl"


@dataclass(frozen=True)
class ShardJob:
    """What a worker needs to make any shard of a data set; `choices` are the browsers of painters, by name."""

    recipe: Recipe
    choices: Mapping[str, BrowserChoice]
    out: Path
    format: str

    def shards(self) -> range:
        """Return the numbers of all shards."""
        return range(-(-len(self.recipe.pages()) // CROP_FORMATS[self.format].pages_a_shard))

    def pages(self, shard: int) -> range:
        """Return the numbers of a shard's pages."""
        size = CROP_FORMATS[self.format].pages_a_shard
        return self.recipe.pages()[shard * size : (shard + 1) * size]

    def count(self, shard: int) -> int:
        """Return how many crops a shard has, those of rejected styles included."""
        return sum(self.recipe.count(page) for page in self.pages(shard))

    def done(self, shard: int) -> bool:
        """Tell whether a shard is written and all its files are still there.

        Raises:
            InputError: the file with its rows is damaged.
        """
        path = self.rows_file(shard)
        if not path.exists():
            return False
        form = CROP_FORMATS[self.format]
        try:
            rows = [form.row.model_validate_json(line) for line in path.read_bytes().splitlines()]
        except ValidationError as error:
            raise InputError(f"{path} is damaged; delete it, and --resume makes its shard again") from error
        return all(file.exists() for file in form.files(self.out, shard, rows))

    def rows_file(self, shard: int) -> Path:
        """Return the file with a shard's rows; it exists when all of the shard is written."""
        return self.out / PARTS / f"{shard:06d}.jsonl"

    def rejected_file(self, shard: int) -> Path:
        """Return the file with the styles that were rejected; it is written just before the rows."""
        return self.out / PARTS / f"{shard:06d}.{REJECTED}"


def commit_shard(job: ShardJob, shard: int, items: Iterable[Crop | Screenshot | Rejected]) -> None:
    """Write what a shard's pages gave: crops, then their rows, whose file is what marks the shard as done."""
    pictures, rejected = [], []
    for item in items:
        if isinstance(item, Rejected):
            rejected.append(json.dumps(asdict(item), ensure_ascii=False))
        else:
            pictures.append(item)
    CROP_FORMATS[job.format].write(job.out, shard, pictures)
    if rejected:
        write_jsonl(job.rejected_file(shard), rejected)
    write_jsonl(job.rows_file(shard), (picture.row.model_dump_json() for picture in pictures))
