"""The state of an installation: what is there, what is wrong and how to mend it."""

import importlib.metadata
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from active.choosing.strategy_catalogue import STRATEGIES
from active.exchange.label_formats.label_catalogue import LABEL_FORMATS
from base.counting import counted
from base.errors import BrowserError, unknown_choice
from base.plugins import GROUP_PREFIX, PluginCatalogue, find_plugins, plugin_groups
from generator.families.words import SCRIPTS
from generator.formats.crop_formats import CROP_FORMATS
from generator.libraries.installed import installed_icon_sets, installed_libraries
from generator.rendering.firefox_studio import find_firefox
from generator.rendering.studio import look_around
from generator.toolkits.toolkit import find_missing, load_toolkits
from model.learning.losses import LOSSES
from model.networks.backbone_catalogue import BACKBONES

LIBRARIES = ("boxwright", "torch", "torchvision", "playwright", "pillow", "numpy", "faker", "textual", "typer")
OPEN_CATALOGUES: tuple[PluginCatalogue[Any], ...] = (STRATEGIES, LOSSES, BACKBONES, LABEL_FORMATS, CROP_FORMATS)
LOW_DISK_BYTES = 2 * 10**9

# Debian's names; other systems call the same fonts alike.
FONT_PACKAGES = {
    "chinese": "fonts-noto-cjk",
    "japanese": "fonts-noto-cjk",
    "korean": "fonts-noto-cjk",
    "devanagari": "fonts-noto-core",
    "thai": "fonts-noto-core",
    "arabic": "fonts-noto-core",
    "hebrew": "fonts-noto-core",
    "greek": "fonts-noto-core",
    "cyrillic": "fonts-noto-core",
    "latin": "fonts-dejavu",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` is empty when all is well; `fatal` says that a command cannot work so."""

    name: str
    value: str
    mend: str = ""
    fatal: bool = False


def examine(*, browser: str | None = None) -> Iterator[Finding]:
    """Yield what is found, cheap things first; nothing is changed and nothing raises for a broken part."""
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for name in LIBRARIES:
        yield _library(name)
    yield from _torch()
    yield from _browser(browser)
    yield _firefox()
    yield _component_libraries()
    yield describe_toolkits()
    yield from _plugins()
    yield _disk(Path.cwd())


def _library(name: str) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", mend="pip install boxwright", fatal=name != "boxwright")


def _torch() -> Iterator[Finding]:
    from model.running.devices import describe_devices

    yield from (Finding(name, value) for name, value in describe_devices())


def _browser(wanted: str | None) -> Iterator[Finding]:
    try:
        choice, surroundings = look_around(wanted)
    except BrowserError as error:
        mend = "boxwright doctor --install-browser, or set BOXWRIGHT_BROWSER to the path of a Chromium or Chrome"
        yield Finding("browser", str(error), mend=mend, fatal=True)
        return
    yield Finding("browser", f"Chromium {choice.version}, found as {choice.how}")
    named = [font.removesuffix(", sans-serif") for font in surroundings.fonts if "," in font]
    few = (
        "" if len(named) > 5 else "more fonts make more varied crops, for instance fonts-roboto fonts-inter fonts-lato"
    )
    yield Finding("fonts", f"{len(named)}: {', '.join(named)}", mend=few)
    missing = [name for name in SCRIPTS if name not in surroundings.scripts]
    packages = sorted({FONT_PACKAGES[name] for name in missing})
    mend = f"no font covers {', '.join(missing)}: install {' '.join(packages)}" if missing else ""
    yield Finding("scripts", ", ".join(surroundings.scripts), mend=mend)


def _firefox() -> Finding:
    try:
        choice = find_firefox()
    except BrowserError as error:
        return Finding("firefox", "not found", mend=f"for `boxwright generate --painter firefox`: {error}")
    return Finding("firefox", f"{choice.version}, found as {choice.how}")


def _component_libraries() -> Finding:
    count = f"{len(installed_libraries())} installed, {counted(len(installed_icon_sets()), 'icon set')}"
    if shutil.which("npm"):
        return Finding("component libraries", count)
    return Finding("component libraries", count, mend="`boxwright libraries add` needs npm, which comes with Node.js")


def _plugins() -> Iterator[Finding]:
    """Yield what other distributions add to each catalogue; what cannot be used hurts nothing else."""
    groups = {catalogue.group: catalogue for catalogue in OPEN_CATALOGUES}
    if not any(find_plugins(group) for group in groups):
        yield Finding("plug-ins", "none")
    for group, catalogue in groups.items():
        for one in catalogue.listed():
            what = f"{one.plugin.name} of {one.plugin.provider}"
            yield Finding(group.removeprefix(GROUP_PREFIX), what, mend=one.fault)
    for group in set(plugin_groups()) - set(groups):
        providers = ", ".join(sorted({plugin.provider for plugin in find_plugins(group)}))
        yield Finding("plug-ins", f"{group} of {providers}", mend=str(unknown_choice("group", group, groups)))


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    mend = "less than 2 GB are free; 10,000 crops take about 100 MB" if free < LOW_DISK_BYTES else ""
    return Finding("disk", f"{free / 1e9:.1f} GB free in {folder}", mend=mend)


def describe_toolkits() -> Finding:
    """Return which toolkits `boxwright exam --toolkit` can draw with, and how the others are installed."""
    toolkits = load_toolkits()
    lacking = {name: toolkit for name, toolkit in toolkits.items() if find_missing(toolkit)}
    found = [name for name in toolkits if name not in lacking]
    ways = [] if shutil.which("Xvfb") else ["a virtual display: apt install xvfb"]
    ways += [f"{name}: {toolkit.remedy}" for name, toolkit in lacking.items()]
    mend = f"for more of `boxwright exam --toolkit`, {'; '.join(ways)}" if ways else ""
    return Finding("toolkits", ", ".join(found) or f"none of {len(toolkits)} found", mend=mend)
