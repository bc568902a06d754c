"""The plots of a study, by Optuna, as PNG files in memory."""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna import Study

FEWEST = 4
"""Finished trials with which plots begin to say something."""


def draw_study(study: "Study", measure: str) -> dict[str, bytes]:
    """Return plots by what they show: the course of a study, its trials by epoch, parallel coordinates, importance.

    Those that need more finished trials, or trials that differ, are left out.
    """
    from optuna.trial import TrialState
    from optuna.visualization import matplotlib as plots

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(ended) < FEWEST:
        return {}
    drawn = {
        "course": _draw(lambda: plots.plot_optimization_history(study, target_name=measure), (9, 4)),
        "epochs": _draw(lambda: plots.plot_intermediate_values(study), (9, 4.5), legend=False),
        "parallel": _draw(lambda: plots.plot_parallel_coordinate(study, target_name=measure), (15, 6)),
    }
    if len({trial.value for trial in ended}) > 1:
        drawn["importance"] = _draw(lambda: plots.plot_param_importances(study, target_name=measure), (9, 4.5))
    return drawn


def _draw(plot: Callable[[], Any], size: tuple[float, float], *, legend: bool = True) -> bytes:
    """Return what a function of Optuna draws, which it does on pyplot's figures."""
    with _pyplot() as pyplot:
        axes = plot()
        figure = axes.figure
        figure.set_size_inches(*size)
        for each in figure.axes:
            each.tick_params(labelsize=8)
            for label in each.get_xticklabels():
                label.set_rotation(25)
                label.set_horizontalalignment("right")
        if not legend and axes.get_legend() is not None:
            axes.get_legend().remove()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
        pyplot.close(figure)
    return buffer.getvalue()


@contextmanager
def _pyplot() -> Iterator[Any]:
    """Give pyplot without a window, and without Optuna's word that its plots are experimental."""
    import matplotlib as mpl

    with warnings.catch_warnings(), mpl.rc_context():
        warnings.simplefilter("ignore")
        mpl.use("agg")
        from matplotlib import pyplot

        yield pyplot
