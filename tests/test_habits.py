"""Contracts on what goes with the code: versions, the citation, checks before a commit, and what make can do."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.test_layout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## (\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FORMS = [path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_newest_release_is_the_version_of_the_project_and_of_the_citation() -> None:
    assert RELEASES[0][0] == PROJECT["version"]
    citation = load("CITATION.cff")
    assert (citation["version"], citation["date-released"].isoformat()) == RELEASES[0]
    assert citation["license"] == PROJECT["license"]


def test_releases_are_newest_first_below_what_is_unreleased() -> None:
    sections = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert sections == ["Unreleased", *(f"{version} – {date}" for version, date in RELEASES)]
    assert [date for _, date in RELEASES] == sorted((date for _, date in RELEASES), reverse=True)


def test_the_changelog_says_what_a_breaking_change_is() -> None:
    top = " ".join(CHANGELOG.partition("## ")[0].split())
    for what in (
        "commands and options",
        "exit codes",
        "columns",
        "data sets, runs and label stores",
        "import boxwright",
    ):
        assert what in top


def test_a_commit_is_checked_by_what_make_lint_runs() -> None:
    [lint] = re.findall(r"^lint:.*\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)
    commands = [line.replace("$(BIN)/", ".venv/bin/").removesuffix(" .") for line in lint.split("\n\t")]
    [repository] = load(".pre-commit-config.yaml")["repos"]
    entries = [hook["entry"].replace(" --force-exclude", "") for hook in repository["hooks"]]
    assert [command.strip().removesuffix(" .") for command in commands] == entries


def test_the_tests_run_for_each_change_with_the_oldest_python_and_a_new_one() -> None:
    workflow = load(".github/workflows/test.yml")
    [job] = workflow["jobs"].values()
    assert PROJECT["requires-python"].removeprefix(">=") in job["strategy"]["matrix"]["python"]
    assert "3.13" in job["strategy"]["matrix"]["python"]
    [run] = [step["run"] for step in job["steps"] if "make" in step.get("run", "")]
    assert run == "make test PYTHON=python"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_the_version_and_names_each_question_once(path: Any) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= form.keys()
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    names = [part["id"] for part in asked]
    assert len(set(names)) == len(names)
    assert {"output", "version"} <= {part["id"] for part in asked if part.get("validations", {}).get("required")}
    assert all(part["attributes"]["label"] for part in asked)


def test_make_says_what_it_can_do() -> None:
    [phony] = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    told = set(re.findall(r'@echo "make ([\w-]+)', MAKEFILE))
    assert told == set(phony.split()) - {"help"} | {"bench-NAME"}


def test_each_benchmark_says_what_it_takes() -> None:
    scripts = sorted((ROOT / "bench").glob("*.py"))
    assert len(scripts) > 5
    for script in scripts:
        usage = re.search(rf"^    python bench/{script.name}", script.read_text(encoding="utf-8"), re.MULTILINE)
        assert usage, f"{script.name} does not say how it is run"
