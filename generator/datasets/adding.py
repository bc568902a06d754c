"""Adding libraries: npm fetches them, and a browser compares the icons of icon sets."""

from collections.abc import Callable, Mapping
from pathlib import Path

from generator.datasets.icon_comparison import compare_icons
from generator.families.lineage import Library
from generator.libraries.bundle import read_bundle, write_bundle
from generator.libraries.installed import load_libraries
from generator.libraries.npm import fetch_libraries
from generator.rendering.studio import find_surroundings, with_studio


def add_libraries(
    names: tuple[str, ...],
    *,
    every: bool = False,
    folder: Path | None = None,
    browser: str | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Mapping[str, str]]:
    """Install the lineages in `names`, anew where they are there already, or `every` one that is not up to date.

    Returns:
        The installed packages' versions, by lineage.

    Raises:
        InputError: neither names nor `every` are given, or a name is unknown.
        PackageError: there is no npm, or it failed.
        BrowserError: there is an icon set among them, and no browser starts, or it failed.
    """
    fetched = fetch_libraries(names, every=every, folder=folder, on_step=on_step)
    for library in load_libraries(tuple(fetched), folder=folder).values() if fetched else ():
        if library.is_icon_set:
            _compare(library, browser, on_step)
    return fetched


def _compare(library: Library, browser: str | None, on_step: Callable[[str], None] | None) -> None:
    bundle = read_bundle(library.name)
    if bundle.icons is None:
        return
    if on_step:
        on_step(f"{library.name}: comparing {len(bundle.icons.drawings)} icons")
    icons = bundle.icons
    choice, _ = find_surroundings(browser)
    compared = with_studio(choice, lambda studio: compare_icons(library, icons, studio))
    write_bundle(library, bundle.model_copy(update={"icons": compared}))
