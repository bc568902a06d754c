"""The catalogue of libraries: which lineages there are, which are installed, and their families."""

import importlib.resources
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path

from base.errors import InputError, MissingError, unknown_choice
from generator.families.family import SUFFIX, Family, load_families, parse_family, read_template, require_families
from generator.families.lineage import DECLARATION, Library, read_library
from generator.libraries.bundle import bundle_path, declaration_digest, read_bundle

FOLDER = "libraries"
SEPARATOR = "/"
WIDGETS_WEIGHT, OTHERS_WEIGHT = 4.0, 8.0
"""What a lineage's widgets, and its other things, weigh together: as much as in any other lineage."""


@dataclass(frozen=True)
class LibraryStatus:
    """A lineage, what it has and whether it can be drawn: `installed` is "yes", "no" or "outdated"."""

    library: Library
    families: tuple[str, ...]
    installed: str


def load_libraries(names: Iterable[str] = (), *, folder: Path | None = None) -> dict[str, Library]:
    """Return the declared lineages by name, sorted, or those in `names`; `folder` may hold more in `libraries/`.

    Raises:
        MissingError: `folder` does not exist.
        InputError: a name is not in the catalogue.
        TemplateError: a declaration cannot be read.
    """
    folders = _folders(folder)
    for name in names:
        if name not in folders:
            raise unknown_choice("library", name, folders)
    wanted = set(names) or set(folders)
    return {name: read_library(folders[name], name) for name in sorted(wanted)}


def list_libraries(*, folder: Path | None = None) -> list[LibraryStatus]:
    """Return every declared lineage with what it has and whether it is installed."""
    folders = _folders(folder)
    return [
        LibraryStatus(library, tuple(sorted(_files(folders[name]))), _installed(library))
        for name, library in load_libraries(folder=folder).items()
    ]


def library_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all declared lineages, sorted; no declaration is read."""
    return tuple(sorted(_folders(folder)))


def library_family_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all lineages' families, like `bootstrap/checkbox`, sorted; no template is read."""
    return tuple(
        f"{name}{SEPARATOR}{file}" for name, files in sorted(_folders(folder).items()) for file in sorted(_files(files))
    )


def load_library_families(names: Iterable[str], *, folder: Path | None = None) -> dict[str, Family]:
    """Return the families of those lineages, by names like `bootstrap/checkbox`.

    Raises:
        InputError: a lineage is unknown, not installed, or was installed from another declaration.
        TemplateError: a template file does not parse.
    """
    folders = _folders(folder)
    families: dict[str, Family] = {}
    for library in load_libraries(tuple(names), folder=folder).values() if names else ():
        families |= _balanced(_families(_ready(library), folders[library.name]))
    return families


def load_catalogue(
    libraries: Iterable[str] = (), *, names: Iterable[str] = (), folder: Path | None = None
) -> dict[str, Family]:
    """Return the templates' families, then those of `libraries` and of the lineages that `names` speak of.

    Raises:
        InputError: a lineage is unknown or not installed.
        TemplateError: a template file does not parse.
    """
    spoken_of = {name.partition(SEPARATOR)[0] for name in names if SEPARATOR in name}
    return {**load_families(folder=folder), **load_library_families({*libraries, *spoken_of}, folder=folder)}


def choose_families(
    names: tuple[str, ...] = (), *, libraries: tuple[str, ...] = (), folder: Path | None = None
) -> dict[str, Family]:
    """Return the families in `names`; without names those of `libraries`, and without either the templates' own.

    Raises:
        InputError: a family or a lineage is unknown, or a lineage is not installed.
        TemplateError: a template file does not parse.
    """
    if not names:
        return load_library_families(libraries, folder=folder) if libraries else dict(load_families(folder=folder))
    catalogue = load_catalogue(libraries, names=names, folder=folder)
    require_families(names, catalogue)
    return {name: family for name, family in catalogue.items() if name in names}


def installed_libraries(*, folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the lineages that can be drawn."""
    return tuple(status.library.name for status in list_libraries(folder=folder) if status.installed == "yes")


def package_versions(families: Mapping[str, Family]) -> dict[str, str]:
    """Return the installed version of each package that the families need."""
    names = sorted({family.library.name for family in families.values() if family.library})
    return {package: version for name in names for package, version in read_bundle(name).packages.items()}


def _folders(folder: Path | None) -> dict[str, Traversable]:
    roots: list[Traversable] = [importlib.resources.files("templates") / FOLDER]
    if folder is not None:
        if not folder.is_dir():
            raise MissingError(f"no template folder {folder}")
        roots.append(folder / FOLDER)
    return {
        child.name: child
        for root in roots
        if root.is_dir()
        for child in root.iterdir()
        if (child / DECLARATION).is_file()
    }


def _installed(library: Library) -> str:
    if not bundle_path(library.name).exists():
        return "no"
    return "yes" if read_bundle(library.name).declaration == declaration_digest(library) else "outdated"


def _ready(library: Library) -> Library:
    bundle = read_bundle(library.name)
    if bundle.declaration != declaration_digest(library):
        raise InputError(
            f"library {library.name} was installed from another declaration; "
            f"run `boxwright libraries add {library.name}` again"
        )
    return replace(library, digest=bundle.digest)


def _families(library: Library, folder: Traversable) -> dict[str, Family]:
    files = _files(folder)
    names = {file: f"{library.name}{SEPARATOR}{file}" for file in sorted(files)}
    return {
        name: replace(parse_family(name, read_template(files[file])), library=library) for file, name in names.items()
    }


def _files(folder: Traversable) -> dict[str, Traversable]:
    return {file.name.removesuffix(SUFFIX): file for file in folder.iterdir() if file.name.endswith(SUFFIX)}


def _balanced(families: Mapping[str, Family]) -> dict[str, Family]:
    """Scale the weights so that lineages are drawn alike, however many families they have."""
    totals: dict[bool, float] = {}
    for family in families.values():
        other = family.declared.kind == "none"
        totals[other] = totals.get(other, 0.0) + family.declared.weight
    return {name: _weighed(family, totals[family.declared.kind == "none"]) for name, family in families.items()}


def _weighed(family: Family, total: float) -> Family:
    whole = OTHERS_WEIGHT if family.declared.kind == "none" else WIDGETS_WEIGHT
    weight = round(family.declared.weight * whole / total, 4)
    return replace(family, declared=family.declared.model_copy(update={"weight": weight}))
