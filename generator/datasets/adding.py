"""Adding libraries: npm fetches them, and a browser compares the icons of icon sets."""

from collections.abc import Callable, Mapping
from pathlib import Path

from generator.families.lineage import Library
from generator.libraries.bundle import read_bundle, write_bundle
from generator.libraries.icon_set import read_icon_set, write_icon_set
from generator.libraries.installed import load_libraries
from generator.libraries.npm import fetch_libraries


def add_libraries(
    names: tuple[str, ...],
    *,
    every: bool = False,
    icons: bool = False,
    folder: Path | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Mapping[str, str]]:
    """Install the lineages in `names`, anew where they are there already, and those asked for that are not up to date.

    `every` asks for all component libraries, `icons` for all icon sets.

    Returns:
        The installed packages' versions, by lineage.

    Raises:
        InputError: nothing is asked for, or a name is unknown.
        PackageError: there is no npm, or it failed.
        BrowserError: there is an icon set among them, and no browser starts, or it failed.
    """
    fetched = fetch_libraries(names, every=every, icons=icons, folder=folder, on_step=on_step)
    for library in load_libraries(tuple(fetched), folder=folder).values() if fetched else ():
        if library.is_icon_set:
            _compare(library, on_step)
    return fetched


def _compare(library: Library, on_step: Callable[[str], None] | None) -> None:
    # Here, because component libraries are installed without a browser.
    from generator.datasets.icon_comparison import compare_icons
    from generator.rendering.studio import find_surroundings, with_studio

    icons = read_icon_set(library.name)
    if on_step:
        on_step(f"{library.name}: comparing {len(icons.drawings)} icons")
    choice, _ = find_surroundings()
    compared = with_studio(choice, lambda studio: compare_icons(library, icons, studio))
    write_icon_set(library.name, compared)
    write_bundle(library, read_bundle(library.name).model_copy(update={"icons": compared.digest}))
