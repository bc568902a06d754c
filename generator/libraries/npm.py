"""Installing libraries: npm fetches the packages into a temporary folder, and what is needed of them is kept."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from base.errors import InputError, PackageError
from base.timing import package_log, timed
from generator.families.lineage import Library
from generator.libraries.bundle import Bundle, bundle_path, declaration_digest, join_css, write_bundle
from generator.libraries.icon_package import read_icons
from generator.libraries.icon_set import IconSet, icon_set_path, write_icon_set
from generator.libraries.installed import list_libraries, load_libraries

LOG = package_log(__name__)

TIMEOUT_S = 900
# Nothing that a package brings is run while it is installed, and none asks for packages that it only works beside.
OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--legacy-peer-deps", "--prefer-offline",
           "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error")  # fmt: skip


def fetch_libraries(
    names: tuple[str, ...],
    *,
    every: bool = False,
    icons: bool = False,
    folder: Path | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Mapping[str, str]]:
    """Install the lineages in `names`, anew where they are there already, and those asked for that are not up to date.

    `every` asks for all component libraries, `icons` for all icon sets. Of icon sets all icons are kept; they are not
    compared yet, so that the set cannot be drawn.

    Returns:
        The installed packages' versions, by lineage.

    Raises:
        InputError: nothing is asked for, or a name is unknown.
        PackageError: there is no npm, or it failed.
    """
    if not names and not every and not icons:
        raise InputError(
            "name the libraries to install, or say --all or --icons; `boxwright libraries list` shows what there is"
        )
    chosen = set(names)
    for status in list_libraries(folder=folder) if every or icons else ():
        if status.installed != "yes" and (icons if status.library.is_icon_set else every):
            chosen.add(status.library.name)
    libraries = load_libraries(tuple(sorted(chosen)), folder=folder) if chosen else {}
    return {name: install_library(one, on_step=on_step).packages for name, one in libraries.items()}


def install_library(library: Library, *, on_step: Callable[[str], None] | None = None) -> Bundle:
    """Fetch the library's packages with npm and keep its style sheets and script, or its icons, in the cache.

    Raises:
        PackageError: there is no npm, it failed, or the library's script cannot be bundled.
        InputError: a declared style sheet, or icons, are not in the packages.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise PackageError(
            f"npm is needed to install {library.name}; get it with Node.js (https://nodejs.org). "
            "Everything else works without"
        )
    if on_step:
        on_step(f"npm install {' '.join(_pinned(library))}")
    with tempfile.TemporaryDirectory(prefix="boxwright-") as name:
        folder = Path(name)
        (folder / "package.json").write_text(json.dumps({"private": True}), encoding="utf-8")
        _run([npm, "install", *OPTIONS, *_pinned(library)], folder, f"npm install for {library.name}")
        bundle, icons = _bundled(library, folder), _icons(library, folder)
    write_bundle(library, bundle)
    if icons:
        write_icon_set(library.name, icons)
    return bundle


def remove_library(library: Library) -> bool:
    """Delete what is installed of the library; tell whether there was anything."""
    path = bundle_path(library.name)
    there = path.exists()
    path.unlink(missing_ok=True)
    icon_set_path(library.name).unlink(missing_ok=True)
    return there


def _pinned(library: Library) -> list[str]:
    # A path, as tests have it, is taken as it stands.
    return [
        version if version.startswith(("/", "file:")) else f"{name}@{version}"
        for name, version in library.declared.packages.items()
    ]


def _bundled(library: Library, folder: Path) -> Bundle:
    modules, declared = folder / "node_modules", library.declared
    return Bundle(
        declaration=declaration_digest(library),
        packages={name: _version(modules / name) for name in declared.packages},
        css=join_css(modules, declared.css, rem_px=declared.rem_px) + "\n" + declared.style,
        script=_bundle_script(library, folder) if declared.script else "",
        icons="" if library.is_icon_set else None,
    )


def _icons(library: Library, folder: Path) -> IconSet | None:
    source = library.declared.icons
    return read_icons(source, folder / "node_modules") if source else None


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])


def _bundle_script(library: Library, folder: Path) -> str:
    (folder / "entry.js").write_text(library.declared.script, encoding="utf-8")
    esbuild = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
    node = shutil.which("node")
    if node is None or not esbuild.exists():
        raise PackageError(f"{library.name} has a script, which needs node, and esbuild among its packages")
    out = folder / "bundle.js"
    words = ["entry.js", "--bundle", "--format=iife", "--minify", "--log-level=error", f"--outfile={out}"]
    _run([node, str(esbuild), *words], folder, f"esbuild for {library.name}")
    return out.read_text(encoding="utf-8")


def _run(command: list[str], folder: Path, what: str) -> None:
    try:
        with timed(LOG, what):
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise PackageError(f"{what} took more than {TIMEOUT_S} s; is the registry within reach?") from error
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise PackageError(f"{what} failed: " + (" | ".join(lines[:4]) or f"exit status {done.returncode}"))
