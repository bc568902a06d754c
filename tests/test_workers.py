import multiprocessing
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from base.errors import BrowserError
from base.work import Processes
from generator.crops.recipe import Recipe
from generator.datasets import workers
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.shard import ShardJob
from generator.rendering.browser import BrowserChoice
from tests.families import palette

pytestmark = pytest.mark.browser


def test_a_killed_worker_is_a_named_error_and_the_run_can_go_on(tmp_path: Path) -> None:
    chosen = GenerateSettings(n=500, workers=1, families=("checkbox_native",))

    def kill_the_first_worker() -> None:
        deadline = time.monotonic() + 60
        while not multiprocessing.active_children() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)
        for child in multiprocessing.active_children():
            child.kill()

    killer = threading.Thread(target=kill_the_first_worker)
    killer.start()
    with pytest.raises(BrowserError, match=r"a rendering worker died.*--resume"):
        generate(tmp_path / "out", chosen)
    killer.join()
    assert sum(generate(tmp_path / "out", chosen, resume=True).classes.values()) == 500


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_behind_when_the_run_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    code = "import cli, sys; sys.argv = ['boxwright', *sys.argv[1:]]; cli.main()"
    command = [sys.executable, "-c", code, "generate", str(tmp_path / "out"), "-n", "4000", "--workers", "2"]
    run = psutil.Popen(command)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "out").glob(".shards/*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    family = run.children(recursive=True)
    assert any("chrom" in process.name() for process in family)
    run.send_signal(how)
    _, alive = psutil.wait_procs([run, *family], timeout=20)
    assert alive == []


def test_a_page_that_keeps_failing_names_its_number_and_families(tmp_path: Path, browser_choice: BrowserChoice) -> None:
    broken = BrowserChoice({"executable_path": "/bin/false"}, "a test", browser_choice.version)
    job = ShardJob(Recipe(palette(), seed=0, n=3), {"chromium": broken}, tmp_path, "folder")
    with pytest.raises(BrowserError, match=r"page 0 failed 2 times: .*families: .*box"):
        list(workers.render_shards(job, [0], engine=Processes(1)))


def test_a_single_shard_is_made_here_and_its_browser_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(multiprocessing.Process, "start", started.append)
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    chosen = GenerateSettings(n=3, workers=2, families=("checkbox_native",))
    assert generate(tmp_path / "out", chosen).pictures == 3
    new = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    _, alive = psutil.wait_procs(new, timeout=20)
    assert (started, alive) == ([], [])


def test_a_browser_that_hangs_here_is_a_named_error(
    tmp_path: Path, browser_choice: BrowserChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(workers, "PAGE_TIMEOUT_S", 0.2)
    monkeypatch.setitem(workers.PAINTERS, "chromium", lambda choice: release.wait(60))
    job = ShardJob(Recipe(palette(), seed=0, n=3), {"chromium": browser_choice}, tmp_path, "folder")
    with pytest.raises(BrowserError, match=r"the browser hung for 0.2 s; run again with --resume"):
        workers.render_shard_here(job, 0)
    release.set()


def test_a_page_that_keeps_failing_here_names_its_number_too(tmp_path: Path, browser_choice: BrowserChoice) -> None:
    broken = BrowserChoice({"executable_path": "/bin/false"}, "a test", browser_choice.version)
    job = ShardJob(Recipe(palette(), seed=0, n=3), {"chromium": broken}, tmp_path, "folder")
    with pytest.raises(BrowserError, match=r"page 0 failed 2 times: .*families: .*box"):
        workers.render_shard_here(job, 0)
