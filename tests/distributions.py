"""Installed distributions made of nothing but metadata and a module, for tests of what they add."""

from pathlib import Path


def install_distribution(site: Path, name: str, entries: dict[str, dict[str, str]], *, code: str = "") -> None:
    """Write a distribution of version 1.0 into a folder: entry points by group, and a module of its name."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    sections = (
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in named.items())
        for group, named in entries.items()
    )
    (info / "entry_points.txt").write_text("\n".join(sections))
    (site / f"{name}.py").write_text(code)
