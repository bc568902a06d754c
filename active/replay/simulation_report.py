"""A simulation's drawing and its page: one PNG, and one self-contained HTML file."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from active.replay.replay import BASELINE
from active.replay.simulation_result import ArmResult, Simulation, show_labels
from base.document import render_html
from base.files import write_bytes, write_text
from model.evaluation.page_parts import data_url, read_style
from model.evaluation.plots import finish

CURVES, PAGE = "curves.png", "report.html"

COLOURS = ("#2458d3", "#d9480f", "#2b8a3e", "#9c36b5", "#c2255c", "#0b7285", "#e67700", "#5f3dc4", "#495057", "#74b816")


def write_simulation_report(simulation: Simulation, folder: Path) -> None:
    """Write `curves.png` and `report.html` into the folder."""
    curves = draw_simulation_curves(simulation)
    write_bytes(folder / CURVES, curves)
    values = {"simulation": simulation, "baseline": BASELINE, "show_labels": show_labels, "curves": data_url(curves)}
    values["classes"] = list(simulation.arms[0].curve.recalls)
    write_text(folder / PAGE, render_html("active.replay", "simulation_report.html", values | {"style": read_style()}))


def draw_simulation_curves(simulation: Simulation) -> bytes:
    """Draw a panel an arm, its mean accuracy and interval over labels, with the baseline's behind it; a PNG file."""
    baseline = next(arm for arm in simulation.arms if arm.arm == BASELINE)
    others = [arm for arm in simulation.arms if arm.arm != BASELINE] or [baseline]
    across = min(4, len(others))
    down = -(-len(others) // across)
    figure = Figure(figsize=(3.4 * across, 0.4 + 2.7 * down), layout="constrained")
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, arm, colour in zip(panels, others, _cycle(len(others)), strict=False):
        _draw(panel, baseline, "#868e96")
        _draw(panel, arm, colour)
        panel.axhline(100 * simulation.target, color="#868e96", linestyle=":", linewidth=1)
        panel.set_title(f"{arm.arm}: {show_labels(arm.to_target)}", loc="left", fontsize=10, color=colour)
    for panel in panels[max(0, len(others) - across) : len(others)]:
        panel.tick_params(labelbottom=True)  # the one below it may be empty
    for panel in panels[len(others) :]:
        panel.set_axis_off()
    figure.supxlabel("images labelled", fontsize=10)
    figure.supylabel("accuracy on the test part, %", fontsize=10)
    return finish(figure)


def _cycle(count: int) -> Sequence[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(count)]


def _draw(panel: Axes, arm: ArmResult, colour: str) -> None:
    labels = arm.curve.labels
    panel.plot(labels, [100 * value for value in arm.curve.accuracy], color=colour, linewidth=1.8)
    low, high = zip(*arm.curve.intervals, strict=True)
    panel.fill_between(labels, [100 * v for v in low], [100 * v for v in high], color=colour, alpha=0.15, linewidth=0)
