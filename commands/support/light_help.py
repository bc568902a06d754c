"""Help without what it does not show: Typer's imports Rich's Markdown and tracebacks, a quarter of its time."""

import sys
from types import ModuleType

SPARED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}
"""Modules, and the class that Typer takes from each: help here is no Markdown, and no traceback is drawn."""


def load_help_without_markdown() -> None:
    """Import what draws Typer's help, unless it is there, with a name in place of each of `SPARED`.

    Whoever imports these modules afterwards gets them as they are.
    """
    if "typer.rich_utils" in sys.modules:
        return
    spared = {name: _naming(name, shown) for name, shown in SPARED.items() if name not in sys.modules}
    sys.modules.update(spared)
    try:
        import typer.rich_utils  # noqa: F401  it is kept by Python
    finally:
        for name in spared:
            del sys.modules[name]


def _naming(name: str, shown: str) -> ModuleType:
    module = ModuleType(name)
    setattr(module, shown, type(shown, (), {}))
    return module
