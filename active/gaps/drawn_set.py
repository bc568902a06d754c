"""The synthetic set that hard crops are compared with: given, or drawn for this and kept in the cache."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from base.cache import cache_folder
from base.errors import InputError
from base.files import existing_folder
from base.progress import OnProgress
from generator.crops.manifest import MANIFEST, ManifestRow, read_manifest
from generator.datasets.dataset import GenerateSettings, generate
from generator.families.family import load_families
from generator.formats.crop_formats import CROP_FORMATS
from generator.formats.dataset_json import DESCRIPTION, read_description, shared_fingerprint, source_fingerprints


def drawn_set(settings: GenerateSettings, *, on_progress: OnProgress | None = None) -> Path:
    """Return the folder of a data set in the cache, drawn now if it is not there as these templates would draw it.

    Raises:
        BrowserError: it is not there, and no browser starts.
        TemplateError: a template does not parse.
    """
    families = source_fingerprints(load_families(folder=settings.templates))
    decisive = [settings.n, settings.seed, families, shared_fingerprint()]
    key = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:16]
    folder = cache_folder("gaps") / key
    if (folder / MANIFEST).exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{key}.", dir=folder.parent) as place:
        generate(Path(place) / "set", settings, on_progress=on_progress)
        if not (folder / MANIFEST).exists():  # another process may have been quicker
            shutil.rmtree(folder, ignore_errors=True)
            (Path(place) / "set").rename(folder)
    return folder


def is_ordinary_set(folder: Path) -> bool:
    """Tell whether a folder is a set of crops of `generate` that was drawn without a recipe."""
    if not ((folder / MANIFEST).exists() and (folder / DESCRIPTION).exists()):
        return False
    described = read_description(folder)
    return described.weights is None and CROP_FORMATS.choose(described.format).row is ManifestRow


def read_rows_by_name(folder: Path) -> dict[str, ManifestRow]:
    """Return the manifest's rows of a set of crops by file name.

    Raises:
        MissingError, InputError: it is no such set, or one that was itself drawn with a recipe: what is common there
            says nothing of what is common by default.
    """
    described = read_description(existing_folder(folder))
    if described.weights is not None:
        raise InputError(f"{folder} was drawn with a recipe; name a set that was drawn without one")
    return {row.file_name: row for row in read_manifest(folder)}
