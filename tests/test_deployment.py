"""What is deployed: manifests that Kubernetes takes and that fit the service, the pipeline, and its page."""

import copy
import re
import shlex
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer
import yaml

from cli import app
from service.prometheus import Metrics

ROOT = Path(__file__).parents[1]
VERSION = "1.31.0"
MANIFESTS = {
    f"{each['kind']} {each['metadata']['name']}": each
    for path in sorted((ROOT / "deploy").rglob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def commands(manifest: Any) -> list[list[str]]:
    """The words after `boxwright` of each container below."""
    if isinstance(manifest, dict):
        found = [manifest["args"]] if "args" in manifest else []
        return found + [words for value in manifest.values() for words in commands(value)]
    return [words for value in manifest for words in commands(value)] if isinstance(manifest, list) else []


@pytest.mark.parametrize("name", MANIFESTS)
def test_kubernetes_takes_each_manifest(name: str) -> None:
    kubernetes_validate.validate(MANIFESTS[name], VERSION, strict=True)


def test_the_linter_refuses_what_kubernetes_would() -> None:
    broken = copy.deepcopy(MANIFESTS["Deployment boxwright"])
    broken["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = "http"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSION, strict=True)
    misspelt = copy.deepcopy(MANIFESTS["HorizontalPodAutoscaler boxwright"])
    misspelt["spec"]["maxReplica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misspelt, VERSION, strict=True)


def test_the_service_is_scaled_by_a_gauge_of_its_own_metrics() -> None:
    [metric] = MANIFESTS["HorizontalPodAutoscaler boxwright"]["spec"]["metrics"]
    told = Metrics().text().decode()
    assert f"# TYPE {metric['pods']['metric']['name']} gauge" in told
    target = MANIFESTS["HorizontalPodAutoscaler boxwright"]["spec"]["scaleTargetRef"]
    assert f"{target['kind']} {target['name']}" in MANIFESTS


@pytest.mark.parametrize("words", commands(list(MANIFESTS.values())), ids=" ".join)
def test_containers_run_commands_and_options_that_there_are(words: list[str]) -> None:
    known = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]  # it is a group
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_probes_ask_for_routes_that_are_open() -> None:
    text = (ROOT / "service" / "routes" / "status_routes.py").read_text(encoding="utf-8")
    container = MANIFESTS["Deployment boxwright"]["spec"]["template"]["spec"]["containers"][0]
    for probe in ("readinessProbe", "livenessProbe"):
        assert f'"{container[probe]["httpGet"]["path"]}"' in text.partition("def locked_routes")[0]


def test_selectors_find_the_pods() -> None:
    labels = MANIFESTS["Deployment boxwright"]["spec"]["template"]["metadata"]["labels"]
    for name in ("Service boxwright", "Deployment boxwright", "PodDisruptionBudget boxwright"):
        selector = MANIFESTS[name]["spec"]["selector"]
        assert (selector.get("matchLabels") or selector).items() <= labels.items()


def test_the_workflow_runs_what_make_can_do_and_only_where_it_is_switched_on() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/pipeline.yml").read_text(encoding="utf-8"))
    [job] = workflow["jobs"].values()
    assert "vars.BOXWRIGHT_PIPELINE" in job["if"]
    [run] = [step["run"] for step in job["steps"] if "make" in step.get("run", "")]
    words = shlex.split(run.replace('"$EPOCHS"', "3"))
    assert words[:2] == ["make", "pipeline"]
    for name in (word.partition("=")[0] for word in words[2:]):
        assert re.search(rf"^{name} \?=", MAKEFILE, re.MULTILINE), name


def test_the_steps_of_the_pipeline_are_commands_with_options_that_there_are() -> None:
    [recipe] = re.findall(r"^pipeline: .*\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)
    steps = [line.partition(";")[0] for line in re.findall(r"\$\(PIPELINE\) (.+)", recipe)]
    wanted = ["inspect", "audit", "train", "watch", "evaluate", "promote", "models"]
    assert [step.split()[0] for step in steps] == wanted
    group = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    for words in map(str.split, steps):
        known = group[words[0]] if words[0] != "models" else group["models"].commands[words[1]]
        options = {option for parameter in known.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_the_image_asks_for_extras_that_there_are() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    [asked] = re.findall(r'"\.\[([\w,]+)\]"', (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert set(asked.split(",")) <= extras.keys()
