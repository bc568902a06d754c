from pathlib import Path

import jinja2
import pytest

from generator.rendering.compiled_templates import compile_template, compiled_templates


def environment() -> jinja2.Environment:
    return jinja2.Environment(autoescape=True, bytecode_cache=compiled_templates())


def fill(source: str) -> str:
    return compile_template(environment(), source, name="one", file="one.html").render()


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    assert fill("{{ 1 + 1 }}") == "2"
    monkeypatch.setattr(jinja2.Environment, "compile", None)
    assert fill("{{ 1 + 1 }}") == "2"


def test_a_template_that_has_changed_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    assert [fill(source) for source in ("old", "new", "old")] == ["old", "new", "old"]


def test_what_is_kept_and_damaged_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    fill("whole")
    [kept] = tmp_path.rglob("*.code")
    kept.write_bytes(kept.read_bytes()[:-9])
    assert fill("whole") == "whole"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "file"))
    assert compiled_templates() is None
    assert fill("as ever") == "as ever"
