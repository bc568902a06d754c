"""The catalogue of libraries: which lineages there are, which are installed, and their families."""

import importlib.resources
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path

from base.errors import InputError, MissingError, unknown_choice
from generator.families.family import SUFFIX, Family, load_families, parse_family, read_template, require_families
from generator.families.lineage import DECLARATION, ICONIFY, Library, iconify_library, read_library
from generator.libraries.bundle import bundle_path, declaration_digest, read_bundle
from generator.libraries.icon_families import icon_family_files, icon_set_families
from generator.libraries.icon_set import read_icon_set

FOLDER = "libraries"
SEPARATOR = "/"
ICON_SET = re.compile(rf"{ICONIFY}[a-z0-9]+(-[a-z0-9]+)*")
WIDGETS_WEIGHT, OTHERS_WEIGHT = 4.0, 8.0
"""What a lineage's widgets, and its other things, weigh together: as much as in any other lineage."""


@dataclass(frozen=True)
class LibraryStatus:
    """A lineage, what it has and whether it can be drawn: `installed` is "yes", "no" or "outdated"."""

    library: Library
    families: tuple[str, ...]
    installed: str


def load_libraries(names: Iterable[str] = (), *, folder: Path | None = None) -> dict[str, Library]:
    """Return the lineages by name, sorted, or those in `names`; `folder` may hold more in `libraries/`.

    They are those that are declared, and Iconify's icon sets that are not, where they are named or installed.

    Raises:
        MissingError: `folder` does not exist.
        InputError: a name is not in the catalogue.
        TemplateError: a declaration cannot be read.
    """
    folders = _folders(folder)
    for name in names:
        if name not in folders and not ICON_SET.fullmatch(name):
            raise unknown_choice("library", name, folders)
    wanted = set(names) or {*folders, *_undeclared(folders)}
    return {
        name: read_library(folders[name], name) if name in folders else iconify_library(name) for name in sorted(wanted)
    }


def list_libraries(*, folder: Path | None = None) -> list[LibraryStatus]:
    """Return every lineage, declared or installed, with what it has and whether it is installed."""
    folders = _folders(folder)
    return [
        LibraryStatus(library, tuple(sorted(_family_files(folders.get(name)))), _installed(library))
        for name, library in load_libraries(folder=folder).items()
    ]


def library_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all lineages, declared or installed, sorted; no declaration is read."""
    folders = _folders(folder)
    return tuple(sorted({*folders, *_undeclared(folders)}))


def library_family_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of all lineages' families, like `bootstrap/checkbox`, sorted; no template is read."""
    return tuple(
        f"{name}{SEPARATOR}{file}"
        for name, files in sorted(_folders(folder).items())
        for file in sorted(_family_files(files))
    )


def library_of(family: str) -> str:
    """Return the lineage that a family's name speaks of; none where it is one of the templates' own."""
    return family.partition(SEPARATOR)[0] if SEPARATOR in family else ""


def load_library_families(names: Iterable[str], *, folder: Path | None = None) -> dict[str, Family]:
    """Return the families of those lineages, by names like `bootstrap/checkbox`.

    Raises:
        InputError: a lineage is unknown, not installed, or was installed from another declaration.
        TemplateError: a template file does not parse.
    """
    folders = _folders(folder)
    families: dict[str, Family] = {}
    for library in load_libraries(tuple(names), folder=folder).values() if names else ():
        families |= _balanced(_families(_ready(library), folders.get(library.name)))
    return families


def load_catalogue(
    libraries: Iterable[str] = (), *, names: Iterable[str] = (), folder: Path | None = None
) -> dict[str, Family]:
    """Return the templates' families, then those of `libraries` and of the lineages that `names` speak of.

    Raises:
        InputError: a lineage is unknown or not installed.
        TemplateError: a template file does not parse.
    """
    spoken_of = {library_of(name) for name in names} - {""}
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
    """Return the names of the component libraries that can be drawn."""
    return tuple(one.library.name for one in _drawable(folder) if not one.library.is_icon_set)


def installed_icon_sets(*, folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the icon sets that can be drawn."""
    return tuple(one.library.name for one in _drawable(folder) if one.library.is_icon_set)


def package_versions(families: Mapping[str, Family]) -> dict[str, str]:
    """Return the installed version of each package that the families need."""
    names = sorted({family.library.name for family in families.values() if family.library})
    return {package: version for name in names for package, version in read_bundle(name).packages.items()}


def _drawable(folder: Path | None) -> list[LibraryStatus]:
    return [status for status in list_libraries(folder=folder) if status.installed == "yes"]


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
    bundle = read_bundle(library.name)
    return "yes" if bundle.declaration == declaration_digest(library) and bundle.is_whole else "outdated"


def _ready(library: Library) -> Library:
    bundle = read_bundle(library.name)
    again = f"run `boxwright libraries add {library.name}` again"
    if bundle.declaration != declaration_digest(library):
        raise InputError(f"library {library.name} was installed from another declaration; {again}")
    if not bundle.is_whole:
        raise InputError(f"library {library.name} is not wholly installed: its icons were not compared; {again}")
    # Of a set that nobody declared, the version is the one that npm found.
    declared = (
        library.declared.model_copy(update={"packages": bundle.packages}) if library.is_icon_set else library.declared
    )
    return replace(library, declared=declared, digest=bundle.digest)


def _families(library: Library, folder: Traversable | None) -> dict[str, Family]:
    families = icon_set_families(library, read_icon_set(library.name)) if library.is_icon_set else {}
    for file, template in sorted(_files(folder).items()) if folder else ():
        name = f"{library.name}{SEPARATOR}{file}"
        families[name] = replace(parse_family(name, read_template(template)), library=library)
    return families


def _family_files(folder: Traversable | None) -> tuple[str, ...]:
    """Return what the families of a lineage are called, those that icon sets share where it has none of its own."""
    return tuple(_files(folder) if folder else ()) or tuple(icon_family_files())


def _undeclared(folders: Mapping[str, Traversable]) -> set[str]:
    """Return the names of the installed icon sets that no folder declares."""
    stems = {path.stem for path in bundle_path(ICONIFY).parent.glob(f"{ICONIFY}*.json")}
    return {name for name in stems if ICON_SET.fullmatch(name)} - set(folders)


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
