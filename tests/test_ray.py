"""Work on a real cluster of two nodes on loopback, whose worker processes are killed meanwhile.

`make test-ray` installs Ray and runs these.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from active.replay.simulate import SimulateSettings, simulate
from base import cluster as cluster_module
from base.cluster import Cluster, connect_cluster
from base.errors import InputError, WorkerDiedError
from generator.datasets.dataset import GenerateSettings, generate
from model.adapting.score_cache import score_files
from model.classifying.classify import classify_to_table
from model.export.export import export_model
from model.networks.backbones import build_backbone
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model
from model.reading.crop_fitting import Geometry
from model.reading.images import content_hash
from model.running import predict as predict_module
from model.running.any_model import load_any_model
from model.scanning import screen_work
from model.scanning.scan import ScanSettings, scan_to_table
from tests.broken import write_broken
from tests.crops import LABELS, write_crops
from tests.scanners import FrameScanner, write_screens

Nodes = pytest.importorskip("ray.cluster_utils", reason="Ray is not installed; `make test-ray` does").Cluster
pytestmark = pytest.mark.slow

MEMORY = 150 << 20
"""Bytes of each node's object store."""


NODE = {"num_cpus": 1, "object_store_memory": MEMORY}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Start two nodes with a core each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("BOXWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        nodes = Nodes(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        try:
            nodes.add_node(**NODE)
            nodes.wait_for_nodes()
            yield nodes
        finally:
            nodes.shutdown()


@pytest.fixture(scope="module")
def connected(nodes: Nodes) -> Iterator[Cluster]:
    with connect_cluster(nodes.address) as cluster:
        assert cluster.cores == 2
        yield cluster


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    network = build_backbone("tiny", classes=3).eval()
    save_model(Model(network, LABELS, Geometry(), "tiny"), run, training={})
    return run


@pytest.fixture
def cluster(connected: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cluster:
    monkeypatch.chdir(tmp_path)
    return connected


@contextlib.contextmanager
def killing(times: int = 2, *, when: Callable[[], bool] = lambda: True) -> Iterator[list[int]]:
    """Kill worker processes that are in the middle of a task, and give the list of who was."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(killed) < times and not over.wait(0.02):
            busy = [process for process in psutil.Process().children(recursive=True) if _is_busy(process)]
            if busy and when():
                busy[-1].send_signal(signal.SIGKILL)
                killed.append(busy[-1].pid)
                over.wait(1)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def _is_busy(process: psutil.Process) -> bool:
    try:
        return "ray::_run" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_classify_gives_the_same_bytes_though_workers_are_killed(
    cluster: Cluster, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 8)
    write_crops(Path("pool"), 80)
    write_crops(Path("pool/again"), 10)
    write_broken(Path("pool/broken"))
    loaded = load_model(model)
    here = classify_to_table(loaded, ["pool"], output="here.csv")
    with killing() as killed:
        there = classify_to_table(loaded, ["pool"], output="there.csv", cluster=cluster)
    assert killed
    assert there == here
    assert here.total > 270
    assert Path("there.csv").read_bytes() == Path("here.csv").read_bytes()


def test_scan_gives_the_same_bytes_as_one_machine_and_scans_equal_contents_once(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_work, "CHUNK_A_THREAD", 2)
    write_screens(Path("shots"), 30)
    write_screens(Path("shots/again"), 6)
    write_broken(Path("shots/broken"))
    settings = ScanSettings(draw=Path("here"), report=Path("here.html"))
    here = scan_to_table(FrameScanner(), ["shots"], output="here.jsonl", settings=settings)
    settings = ScanSettings(draw=Path("there"), report=Path("there.html"))
    there = scan_to_table(FrameScanner(), ["shots"], output="there.jsonl", settings=settings, cluster=cluster)
    assert there == here
    assert there.widgets > 30
    assert Path("there.jsonl").read_bytes() == Path("here.jsonl").read_bytes()
    assert content(Path("there")) == content(Path("here"))


def test_classify_gives_the_same_bytes_though_a_machine_is_lost_with_what_lay_there(
    nodes: Nodes, cluster: Cluster, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 32)  # more bytes than Ray would send along with the rows
    write_crops(Path("pool"), 200)
    loaded = load_model(model)
    classify_to_table(loaded, ["pool"], output="here.csv")
    doomed = [nodes.add_node(**NODE)]
    nodes.wait_for_nodes()

    def lose(done: int, _: int) -> None:
        if done and doomed:
            nodes.remove_node(doomed.pop(), allow_graceful=False)

    classify_to_table(loaded, ["pool"], output="there.csv", cluster=cluster, on_progress=lose)
    assert not doomed
    assert Path("there.csv").read_bytes() == Path("here.csv").read_bytes()


def test_exported_models_classify_there_too(cluster: Cluster, model: Path) -> None:
    write_crops(Path("pool"), 5)
    export_model(load_model(model), Path("model.onnx"), format_name="onnx")
    exported = load_any_model(Path("model.onnx"))
    classify_to_table(exported, ["pool"], output="here.csv")
    classify_to_table(exported, ["pool"], output="there.csv", cluster=cluster)
    assert Path("there.csv").read_bytes() == Path("here.csv").read_bytes()


def test_generate_gives_the_same_files_though_workers_are_killed(cluster: Cluster) -> None:
    settings = GenerateSettings(n=600, workers=1, families=("checkbox_native", "switch_ios"))
    generate(Path("here"), settings)
    begun = Path("there/.shards")
    with killing(1, when=lambda: any(begun.glob("*.jsonl"))) as killed:
        generate(Path("there"), settings, engine=cluster)
    assert killed
    here, there = content(Path("here")), content(Path("there"))
    assert {name for name in there if not name.endswith(".part")} == set(here)
    assert all(there[name] == here[name] for name in here)


def test_scores_are_the_same_though_workers_are_killed(cluster: Cluster, model: Path) -> None:
    files = {content_hash(path): path for path in sorted(write_crops(Path("pool"), 70).rglob("*.png"))}
    loaded = load_model(model)
    for variations in (0, 4):
        here = score_files(loaded, files, variations=variations, folder=Path("here"))
        with killing(1) as killed:
            there = score_files(loaded, files, variations=variations, folder=Path("there"), cluster=cluster)
        assert killed
        assert [each.item for each in there] == list(files)
        for one, other in zip(here, there, strict=True):
            assert np.array_equal(one.probabilities, other.probabilities)
            assert np.array_equal(one.features, other.features)


def test_simulate_writes_the_same_result_though_workers_are_killed(
    cluster: Cluster, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", "cache")
    write_crops(Path("pool"), 30)
    settings = SimulateSettings(strategies=("margin", "disagreement"), rounds=4, batch=5, seeds=3, pull=1.0)

    def run(out: str, on: Cluster | None) -> None:
        simulate(
            Path("pool"), model, out=Path(out), settings=settings, cluster=on, on_progress=lambda _: lambda *_: None
        )

    run("here", None)
    with killing(1, when=lambda: any(Path("there/replays").glob("*.json"))) as killed:
        run("there", cluster)
    assert killed
    assert content(Path("there")) == content(Path("here"))


def test_a_task_that_kills_its_process_each_time_is_a_named_error(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "RETRIES", 1)

    def end(_: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(WorkerDiedError, match="died 2 times"):
        list(cluster.map(lambda: end, [1]))


def test_errors_of_tasks_come_as_they_were_raised_and_results_in_order(cluster: Cluster) -> None:
    def work(task: int) -> int:
        time.sleep(0.05 if task % 3 else 0)
        if task == 20:
            raise InputError("not twenty")
        return task

    results = cluster.map(lambda: work, range(30))
    assert [next(results) for _ in range(20)] == list(range(20))
    with pytest.raises(InputError, match="not twenty"):
        next(results)


def stumbling() -> Callable[[int], None]:
    return stumble


def stumble(_: int) -> None:
    raise LookupError("nobody foresaw this")


def test_an_error_nobody_foresaw_is_raised_as_it_is_with_the_worker_s_traceback(cluster: Cluster) -> None:
    with pytest.raises(LookupError) as caught:
        list(cluster.map(stumbling, [1]))
    assert type(caught.value) is LookupError
    assert str(caught.value) == "nobody foresaw this"
    assert "in stumble" in str(caught.value.__cause__)
