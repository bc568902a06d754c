"""Help that lists what can be chosen, from the catalogues, which are loaded when it is shown."""

import re
from collections.abc import Iterable
from typing import Any, get_args

from typer.core import HAS_RICH, TyperCommand

from commands.support.light_help import load_help_without_markdown

CHOICES = {
    "checks": "active.faults.fault_names:CHECK_NAMES",
    "strategies": "active.choosing.strategy_catalogue:STRATEGIES",
    "replay_modes": "active.replay.replay_modes:REPLAY_MODES",
    "label_formats": "active.exchange.label_formats.label_catalogue:LABEL_FORMATS",
    "graphics": "active.labelling.keys:GRAPHICS",
    "crop_formats": "generator.formats.crop_formats:CROP_FORMATS",
    "painters": "generator.rendering.painter_names:PAINTER_NAMES",
    "toolkits": "generator.toolkits.toolkit_names:TOOLKIT_NAMES",
    "backbones": "model.networks.backbone_catalogue:BACKBONES",
    "weights": "model.networks.backbone_catalogue:Weights",
    "losses": "model.learning.losses:LOSSES",
    "optimizers": "model.learning.optimizers:OPTIMIZERS",
    "schedules": "model.learning.schedules:SCHEDULES",
    "changes": "model.learning.change_names:CHANGE_NAMES",
    "run_figures": "model.runs.run_table:FIGURES",
    "trackers": "model.learning.trackers:TRACKERS",
    "measures": "model.tuning.tune_settings:MEASURES",
    "pruners": "model.tuning.tune_settings:PRUNERS",
    "devices": "model.running.runtime_names:Device",
    "precisions": "model.running.runtime_names:Precision",
    "runtimes": "model.running.runtime_names:RUNTIME_NAMES",
    "groupings": "model.splitting.grouping_names:GROUPING_NAMES",
    "orders": "model.classifying.columns:SORT_NAMES",
    "row_endings": "model.tables.row_formats:CELL_FORMATS",
    "scan_endings": "model.scanning.scan_formats:SCAN_ENDINGS",
    "exporters": "model.export.export_names:EXPORT_NAMES",
    "explain_methods": "model.explaining.method_names:EXPLAIN_METHODS",
    "engines": "commands.support.options:ENGINES",
}
"""What {NAME} in a help text stands for: a catalogue, a tuple of names or a Literal."""


class CommandWithChoices(TyperCommand):
    """A command whose help has {NAME} of CHOICES in it, and the defaults and ranges of the settings it fills."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  Typer vendors the types
        """Fill in the choices and the defaults, and write the help."""
        from commands.support.defaults import with_default  # here, because it is for help alone

        for parameter in self.params:
            if given := getattr(parameter, "help", None):
                filled = with_default(self.name or "", parameter.name or "", fill_in(given))
                parameter.help = plain_text(filled)  # type: ignore[attr-defined]  # of those that have one
        self.help = plain_text(self.help)
        load_help_without_markdown()
        super().format_help(ctx, formatter)


def plain_text(text: str | None) -> str | None:
    """Return a help text so that it is printed as it is: to rich, "[serve]" and "[default: 50]" are styles."""
    from rich.markup import escape

    return escape(text) if text and HAS_RICH else text


def fill_in(text: str) -> str:
    """Return a help text with the choices in the places of their names."""
    return re.sub(r"\{(\w+)\}", lambda match: _join(choices(match[1])), text)


def choices(name: str) -> tuple[str, ...]:
    """Return what can be chosen, by a name of CHOICES."""
    from base.plugins import resolve  # here, because most commands are run without a look at their help

    found = resolve(CHOICES[name])
    return get_args(found) or tuple(found)


def _join(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
