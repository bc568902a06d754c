"""Defaults and ranges in help, from the settings that options fill.

They are read in the settings' source: to import the modules in which they stand would load torch for a page of help.
"""

import ast
import functools
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SETTINGS = {
    "generate": "generator.datasets.dataset:GenerateSettings",
    "exam": "generator.datasets.exam:ExamSettings",
    "train": "model.learning.training_settings:TrainSettings",
    "tune": "model.tuning.tune_settings:TuneSettings",
    "score": "model.gap.score:ScoreSettings",
    "gaps": "active.gaps.gaps:GapsSettings",
    "audit": "active.faults.audit:AuditSettings",
    "explain": "model.explaining.explain:ExplainSettings",
    "queue": "active.choosing.choose:QueueSettings",
    "simulate": "active.replay.simulate:SimulateSettings",
    "label": "active.labelling.keys:LabelSettings",
    "loop": "active.loop.loop:LoopSettings",
    "classify": "model.classifying.classify:ClassifySettings",
    "scan": "model.scanning.scan:ScanSettings",
    "cut": "model.scanning.screen_rows:WidgetFilter",
    "compress": "model.export.compress:CompressSettings",
    "promote": "model.promoting.registry_settings:PromoteSettings",
    "serve": "service.service_settings:ServeSettings",
    "watch": "active.watching.watch:WatchSettings",
    "demo": "active.demo.sizing:DemoSettings",
}
"""Command to the settings that its options fill; an option fills the field of its name."""

OTHER_FIELDS = {
    ("generate", "family"): "families",
    ("generate", "library"): "libraries",
    ("generate", "format_"): "format",
    ("generate", "layout"): "layouts",
    ("generate", "without_layout"): "without_layouts",
    ("exam", "library"): "libraries",
    ("exam", "toolkit"): "toolkits",
    ("explain", "class_"): "label",
    ("exam", "substate"): "substates",
    ("generate", "substate"): "substates",
    ("loop", "epochs"): "fine_tuning.epochs",
    ("loop", "synthetic"): "fine_tuning.synthetic",
    ("simulate", "synthetic"): "fine_tuning.synthetic",
}
"""Options that fill a field of another name, or one inside a field."""

BOUNDS = ("ge", "gt", "le", "lt")

OWN_WORDS = re.compile(r" ?\[default: ([^\]]*)\]")
"""What a help text says itself of a default that is no plain value."""


@dataclass(frozen=True)
class DeclaredField:
    """A field as its class declares it; `default` is None too where it is no plain value."""

    annotation: str
    default: object = None
    bounds: Mapping[str, float] = field(default_factory=dict)

    def to_text(self) -> str:
        """Return what a person may give, in words; empty where anything will do."""
        low, high = self._low(), self._high()
        if {"ge", "le"} <= self.bounds.keys():
            return f"{self.bounds['ge']:g} to {self.bounds['le']:g}"
        return ", ".join(part for part in (low, high) if part)

    def _low(self) -> str:
        if "gt" not in self.bounds:
            return f"at least {self.bounds['ge']:g}" if "ge" in self.bounds else ""
        low = self.bounds["gt"]
        return f"at least {low + 1:g}" if self.annotation.startswith("int") else f"more than {low:g}"

    def _high(self) -> str:
        if "lt" in self.bounds:
            return f"less than {self.bounds['lt']:g}"
        return f"at most {self.bounds['le']:g}" if "le" in self.bounds else ""


def with_default(command: str, option: str, text: str) -> str:
    """Return an option's help with the default and the range of the field that it fills, if it fills one."""
    declared = find_field(command, option)
    if declared is None:
        return text
    own = OWN_WORDS.search(text)
    words = own[1] if own else _word(declared.default)
    parts = [f"default: {words}"] if words else []
    parts += [allowed] if (allowed := declared.to_text()) else []
    return f"{OWN_WORDS.sub('', text)} [{'; '.join(parts)}]" if parts else text


def find_field(command: str, option: str) -> DeclaredField | None:
    """Return the field that an option of a command fills, by the name of the option's parameter."""
    if command not in SETTINGS:
        return None
    reference, path = SETTINGS[command], OTHER_FIELDS.get((command, option), option)
    *outer, name = path.split(".")
    for each in outer:
        reference = _reference(reference.partition(":")[0], read_fields(reference)[each].annotation)
    return read_fields(reference).get(name)


def _word(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else "" if default in (None, ()) else str(default)


@functools.cache
def read_fields(reference: str) -> Mapping[str, DeclaredField]:
    """Return the fields of a settings class, MODULE:NAME, by name; those of its bases come first."""
    module, _, name = reference.partition(":")
    [declaration] = [node for node in _tree(module).body if isinstance(node, ast.ClassDef) and node.name == name]
    fields: dict[str, DeclaredField] = {}
    for base in declaration.bases:
        if isinstance(base, ast.Name) and base.id != "Settings":
            fields |= read_fields(_reference(module, base.id))
    return fields | dict(_own_fields(module, declaration))


def _own_fields(module: str, declaration: ast.ClassDef) -> Iterator[tuple[str, DeclaredField]]:
    for node in declaration.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        given: dict[str, ast.expr] = {} if node.value is None else {"default": node.value}
        if isinstance(node.value, ast.Call):
            given = {keyword.arg: keyword.value for keyword in node.value.keywords if keyword.arg}
        bounds = {name: _value(module, given[name]) for name in BOUNDS if name in given}
        numbers = {name: bound for name, bound in bounds.items() if isinstance(bound, int | float)}
        default = _value(module, given["default"]) if "default" in given else None
        yield node.target.id, DeclaredField(ast.unparse(node.annotation), default, numbers)


def _value(module: str, node: ast.expr) -> object:
    """Return what an expression stands for: a plain value, or the name of one; None for anything else."""
    if isinstance(node, ast.Name):
        return _constant(*_reference(module, node.id).split(":"))
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _constant(module: str, name: str) -> object:
    for node in _tree(module).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            return _value(module, node.value)
    return None


def _reference(module: str, name: str) -> str:
    """Return MODULE:NAME of what a module calls so: its own, or what it imports from elsewhere."""
    for node in _tree(module).body:
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and name in [alias.asname or alias.name for alias in node.names]
        ):
            return _reference(node.module, name)
    return f"{module}:{name}"


@functools.cache
def _tree(module: str) -> ast.Module:
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None, module
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
