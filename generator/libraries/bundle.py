"""Bundles: what is kept of an installed library, in one file of the cache: its style sheets and its script."""

import base64
import functools
import hashlib
import json
import mimetypes
import re
from pathlib import Path

from pydantic import ValidationError

from base.cache import cache_folder
from base.errors import InputError
from base.files import write_json
from base.settings import Settings, flatten
from generator.families.lineage import Library
from generator.libraries import icon_words

LARGEST_ASSET_BYTES = 600_000
"""Larger ones, such as sheets of all flags, are left out."""

_IMPORT = re.compile(r"""@import\s+(?:url\()?\s*["']?([^"')\s;]+)["']?\s*\)?([^;]*);""")
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]+))\s*\)""")
_SOURCES = re.compile(r"(@font-face\s*\{[^}]*?)((?:src\s*:[^;}]+;?\s*)+)")
_REM = re.compile(r"(?<![\w.#-])(-?\d*\.?\d+)rem\b")
_LAYER = re.compile(r"layer(?:\(\s*([\w.-]+)\s*\))?")
_EMPTY = 'url("data:,")'


class Bundle(Settings):
    """An installed library: `css` fetches nothing, `script` is a classic one, `packages` are names and versions.

    `declaration` is the digest of the library.toml that it was installed from, `icons` the digest of an icon set,
    which is empty until its icons are compared.
    """

    declaration: str
    packages: dict[str, str]
    css: str
    script: str
    icons: str | None = None

    @property
    def digest(self) -> str:
        """Return a short hash of all of it."""
        return _digest(self.model_dump_json(exclude_none=True))

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left to do of an installation: a set's icons are compared after they are fetched."""
        return self.icons != ""


def bundle_path(name: str) -> Path:
    """Return the file of that library's bundle, installed or not."""
    return cache_folder("libraries") / f"{name}.json"


def declaration_digest(library: Library) -> str:
    """Return a short hash of what library.toml says about what to install; looks are no part of it."""
    declared = library.declared.model_dump_json(exclude={"looks", "title", "licence"}, exclude_none=True)
    return _digest(declared + (_words_digest() if library.is_icon_set else ""))


@functools.cache
def _words_digest() -> str:
    """Return a short hash of the words that icons are dealt by: with others, a set has to be dealt anew."""
    words = {name: value for name, value in vars(icon_words).items() if name.isupper()}
    return _digest(repr([(name, sorted(value)) for name, value in sorted(words.items())]))


def write_bundle(library: Library, bundle: Bundle) -> None:
    """Keep the bundle, whole or not at all."""
    write_json(bundle_path(library.name), bundle.model_dump(mode="json", exclude_none=True))


def read_bundle(name: str) -> Bundle:
    """Return the bundle of an installed library.

    Raises:
        InputError: it is not installed, or its file is damaged.
    """
    path = bundle_path(name)
    if not path.exists():
        raise InputError(f"library {name} is not installed; run `boxwright libraries add {name}`")
    return _parsed(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, _modified_ns: int) -> Bundle:
    try:
        return Bundle.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise InputError(flatten(error, str(path))) from error
    except ValueError as error:
        raise InputError(f"{path}: {error}; run `boxwright libraries add {path.stem}`") from error


def join_css(modules: Path, files: tuple[str, ...], *, rem_px: float) -> str:
    """Return the style sheets as one text: imports joined in, `url()` as data, rem as px of that root font size.

    What is not in the packages, above all whatever is on the web, becomes an empty `url()`.

    Raises:
        InputError: a style sheet is missing.
    """
    return "\n".join(_read_css(modules, modules / file, rem_px) for file in files)


def _read_css(modules: Path, file: Path, rem_px: float) -> str:
    if not file.is_file():
        raise InputError(f"{file.relative_to(modules)}: the package has no such style sheet; mend css in library.toml")
    text = file.read_text(encoding="utf-8-sig")
    text = re.sub(r"^@charset[^;]*;", "", text)

    def imported(match: re.Match[str]) -> str:
        target = file.parent / match[1]
        if not target.is_file():
            return ""
        inner, condition = _read_css(modules, target, rem_px), match[2].strip()
        layer = _LAYER.match(condition)
        if layer:
            inner, condition = f"@layer {layer[1] or ''} {{{inner}}}", condition[layer.end() :].strip()
        return f"@media {condition} {{{inner}}}" if condition else inner

    text = _IMPORT.sub(imported, text)
    if rem_px != 16:
        text = _REM.sub(lambda match: f"{float(match[1]) * rem_px:.4g}px", text)
    text = _SOURCES.sub(lambda match: match[1] + _best_source(match[2]), text)
    return _URL.sub(lambda match: _inlined(file, match[1] or match[2] or match[3] or ""), text)


def _best_source(sources: str) -> str:
    """Keep one file of a @font-face that names the same font in many formats."""
    urls = list(_URL.finditer(sources))
    for ending in (".woff2", ".woff", ".ttf", ".otf"):
        for match in urls:
            address = match[1] or match[2] or match[3] or ""
            if address.startswith("data:") or address.split("?")[0].split("#")[0].endswith(ending):
                return f"src:{match[0]};"
    return sources


def _inlined(file: Path, address: str) -> str:
    if address.startswith(("data:", "#")):
        return f'url("{address}")' if '"' not in address else f"url('{address}')"
    target = file.parent / address.split("?")[0].split("#")[0]
    if "://" in address or address.startswith("//") or not target.is_file():
        return _EMPTY
    content = target.read_bytes()
    if len(content) > LARGEST_ASSET_BYTES:
        return _EMPTY
    kind = {".woff2": "font/woff2", ".woff": "font/woff"}.get(target.suffix) or mimetypes.guess_type(target.name)[0]
    return f'url("data:{kind or "application/octet-stream"};base64,{base64.b64encode(content).decode()}")'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
