"""What an installed icon set has: its widgets, its other icons, and what is left out and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from generator.libraries.bundle import read_bundle
from generator.libraries.icon_set import IconSet, read_icon_set
from generator.libraries.installed import load_libraries

PLURALS = {"checkbox": "checkboxes", "switch": "switches"}


@dataclass(frozen=True)
class IconUse:
    """What an icon stands for: a kind of widget, "other" or "left out"; `note` is its other state, or a reason."""

    use: str
    name: str
    note: str


@dataclass(frozen=True)
class IconListing:
    """An icon set's packages and icons."""

    library: str
    packages: str
    icons: IconSet

    def rows(self) -> Iterator[IconUse]:
        """Yield the widgets, then the other icons, then what is left out."""
        for pair in self.icons.pairs:
            yield IconUse(f"{pair.kind}, mixed" if pair.mixed else pair.kind, pair.on, pair.off)
        for name in self.icons.others:
            yield IconUse("other", name, "")
        for name, reason in self.icons.left_out.items():
            yield IconUse("left out", name, reason)

    def __str__(self) -> str:
        icons = self.icons
        kinds = Counter(pair.kind for pair in icons.pairs)
        widgets = ", ".join(counted(count, kind, PLURALS.get(kind, "")) for kind, count in sorted(kinds.items()))
        reasons = ", ".join(f"{count} because {why}" for why, count in Counter(icons.left_out.values()).most_common())
        return (
            f"{self.library} ({self.packages}): {counted(len(icons.others), 'other icon')}; "
            f"in both states: {widgets or 'nothing'}; left out: {reasons or 'nothing'}"
        )


def list_icons(name: str, *, folder: Path | None = None) -> IconListing:
    """Return what an installed icon set has.

    Raises:
        InputError: there is no such library, it is not installed, or it is a library of components.
    """
    library = load_libraries((name,), folder=folder)[name]
    bundle = read_bundle(name)
    if not library.is_icon_set:
        raise InputError(f"{name} is a library of components; `boxwright families --library {name}` lists what it has")
    packages = ", ".join(f"{package} {version}" for package, version in bundle.packages.items())
    return IconListing(name, packages, read_icon_set(name))
