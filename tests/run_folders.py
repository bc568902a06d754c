"""Run folders as `train` leaves them, without the training: for what only reads them."""

import json
from pathlib import Path
from typing import Any

FINGERPRINT = "0123456789abcdef"


def write_run(
    folder: Path, *, accuracies: tuple[float, ...] = (0.5, 0.75), finished: bool = True, **settings: Any
) -> Path:
    """Write the folder of a run with an epoch for each validation accuracy; return it."""
    folder.mkdir(parents=True)
    sources = {"synthetic": "crops", "real": None, "val": None, "fold": None, "unlabelled": []}
    begun = {"backbone": "small", "learning_rate": 0.003, "seed": 0, "threads": 1} | settings
    (folder / "settings.json").write_text(json.dumps({"sources": sources, "held_out_by": "style", "settings": begun}))
    rows = [
        {"epoch": place, "loss": 1 / place, "val_loss": 1.5 / place, "val_accuracy": each, "seconds": 2.0}
        for place, each in enumerate(accuracies, start=1)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if rows:
        data = {"synthetic": {"n": 6, "sha256": "ab" * 32}}
        training = {"epoch": rows[-1], "data": data}
        card = {"classes": ["off", "on"], "fingerprint": FINGERPRINT, "training": training}
        (folder / "model.json").write_text(json.dumps(card))
    if not finished:
        (folder / "state.pt").write_bytes(b"")
    return folder
