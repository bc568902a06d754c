"""The page of a study: its figures, its plots, and a row for each trial."""

from pathlib import Path
from typing import TYPE_CHECKING

from base.document import render_html
from base.files import write_text
from model.evaluation.page_parts import data_url, read_style
from model.tuning.tuning_plots import draw_study

if TYPE_CHECKING:
    from optuna import Study

    from model.tuning.study_result import StudyResult

CAPTIONS = {
    "parallel": "A line a finished trial, over its settings: where dark lines run together, settings did well.",
    "importance": "How much of the difference between trials each setting explains, by fANOVA (Hutter et al. 2014). "
    "With few trials, a rough guess.",
    "course": "Each trial, and the best so far.",
    "epochs": "Each trial epoch by epoch; a line that ends early was given up.",
}
"""Name of a plot to what stands beside it, in the order of the page."""


def write_tuning_report(path: Path, study: "Study", result: "StudyResult") -> None:
    """Write the page, whole or not at all."""
    plots = draw_study(study, result.record.measured.words)
    values = {
        "style": read_style(),
        "result": result,
        "measure": result.record.measured,
        "names": list(result.record.space.space),
        "plots": [(name, text, data_url(plots[name])) for name, text in CAPTIONS.items() if name in plots],
        "places": {row.number: place for place, row in enumerate(result.ranking, start=1)},
    }
    write_text(path, render_html("model.tuning", "tuning_report.html", values))
