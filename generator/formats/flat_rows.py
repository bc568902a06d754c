"""Rows of the manifest as shards hold them: drawn values are JSON text, because their fields may be empty."""

import json
from collections.abc import Mapping
from typing import Any

from generator.crops.manifest import ManifestRow

DRAWN = ("theme", "layout", "window", "degradation")
"""Fields of a row that have fields of their own."""


def flatten_row(row: ManifestRow) -> dict[str, Any]:
    """Return the values of a row, such that each field has one type in all of them."""
    return {name: _flat(getattr(row, name)) for name in ManifestRow.model_fields}


def unflatten_row(values: Mapping[str, Any]) -> ManifestRow:
    """Return the row of flat values; shards that were written before their rows were flat are read too."""
    texts = {name: values[name] for name in DRAWN if isinstance(values.get(name), str)}
    return ManifestRow.model_validate({**values, **{name: json.loads(text) for name, text in texts.items()}})


def _flat(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
