"""Class maps: which folders make a class, many to one, read from a TOML file."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from base.errors import InputError
from base.settings import Settings, flatten, read_toml
from base.spelling import refuse_spellings, tidy_name
from base.tabular.class_names import refuse_class_names


class ClassMap(Settings):
    """Classes and the folders, or labels, that make each.

    A folder that is called as a class and is in none makes that class, so that what was grouped before is read alike.
    """

    classes: dict[str, tuple[str, ...]] = Field(min_length=1, description="the folders of each class")
    others: Literal["refuse", "leave_out"] = Field(default="refuse", description="what becomes of other folders")

    @field_validator("classes")
    @classmethod
    def _are_tidy(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        refuse_class_names(given, "the class map")
        refuse_spellings(given, what="classes", where="the class map")
        if hollow := [name for name, folders in given.items() if not folders]:
            raise ValueError(f"class {hollow[0]!r} has no folders; name some, or leave the class out")
        return {name: tuple(map(tidy_name, folders)) for name, folders in given.items()}

    @model_validator(mode="after")
    def _each_is_in_one(self) -> Self:
        counts = Counter(folder for folders in self.classes.values() for folder in folders)
        for folder, count in counts.items():
            if count > 1:
                owners = [name for name, folders in self.classes.items() if folder in folders]
                raise ValueError(f"folder {folder!r} is named {count} times, in {', '.join(dict.fromkeys(owners))}")
            if folder in self.classes and folder not in self.classes[folder]:
                raise ValueError(f"folder {folder!r} is called as a class and makes another; rename one of the two")
        return self

    @cached_property
    def _class_of(self) -> Mapping[str, str]:
        own = {name: name for name in self.classes}
        return own | {folder: name for name, folders in self.classes.items() for folder in folders}

    def class_of(self, folder: str) -> str | None:
        """Return the class that a folder belongs to; None where it is in none."""
        return self._class_of.get(folder)

    def unknown(self, folders: Iterable[str]) -> list[str]:
        """Return the folders that are in no class, sorted."""
        return sorted(folder for folder in {*folders} if folder not in self._class_of)

    def require_known(self, folders: Iterable[str], where: Path) -> None:
        """Do nothing where each folder is in a class, or others are to be left out.

        Raises:
            InputError: one is not; or none is.
        """
        names = {*folders}
        unknown = self.unknown(names)
        if unknown and (self.others == "refuse" or len(unknown) == len(names)):
            has = f"{where} has folders that the class map puts in no class: {', '.join(unknown)}"
            able = "" if self.others == "leave_out" else '; name them, or set others = "leave_out"'
            raise InputError(f"{has}; it knows {', '.join(sorted(self._class_of))}{able}")

    def __str__(self) -> str:
        return "; ".join(f"{name} = {', '.join(folders)}" for name, folders in self.classes.items())


def read_class_map(path: Path) -> ClassMap:
    """Return the class map in a TOML file: a table `classes`, and `others` where some folders are left out.

    Raises:
        MissingError: there is no such file.
        InputError: it is a folder, no TOML, or maps a folder twice.
    """
    needed = "a TOML file with a table [classes] is needed"
    try:
        return ClassMap.model_validate(read_toml(path, what="class map", needed=needed))
    except ValidationError as error:
        raise InputError(flatten(error, str(path)).splitlines()[0]) from error
