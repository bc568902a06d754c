"""Shared fixtures: browsers that many tests use, databases, and a cache that is not the user's."""

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from base.errors import BrowserError
from base.work import Processes
from generator.rendering.browser import BrowserChoice, find_browser
from generator.rendering.studio import Studio, Surroundings
from tests.kept_worker import KeptWorker
from tests.mariadb import running_mariadb
from tests.postgres import empty, running_postgres
from tests.slow_first import slow_first

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow_first(items)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests' scores out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOXWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def without_curves() -> Iterator[None]:
    """Leave out the curves of each training, which take longer than a small one; `curves` brings them back."""
    with pytest.MonkeyPatch.context() as patch:
        if "model.training.train" in sys.modules:  # to import it loads torch, which most files do without
            patch.setattr("model.training.train.draw_training_curves", lambda *_: None)
        yield


@pytest.fixture
def curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each training draw its curves, as it does for people."""
    drawing = importlib.import_module("model.training.run_folder").draw_training_curves
    monkeypatch.setattr("model.training.train.draw_training_curves", drawing)


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@pytest.fixture
def warned() -> Iterator[list[str]]:
    """What the library warns of, whatever a command before did with its log: caplog hears nothing after one."""
    ear, log = _Ear(), logging.getLogger("boxwright")
    log.addHandler(ear)
    yield ear.heard
    log.removeHandler(ear)


@pytest.fixture(scope="session")
def browser_choice() -> BrowserChoice:
    try:
        return find_browser()
    except BrowserError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def studio(browser_choice: BrowserChoice) -> Iterator[Studio]:
    with Studio(browser_choice) as running:
        yield running


@pytest.fixture(scope="module")
def surroundings(studio: Studio) -> Surroundings:
    return studio.surroundings()


@pytest.fixture
def kept_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process of `tests.kept_worker` draw what one worker draws, where one would be started each time."""
    kept = KeptWorker()
    monkeypatch.setattr("generator.datasets.dataset.Processes", lambda count: kept if count == 1 else Processes(count))


@pytest.fixture
def rendered_by_studio(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `rerender` use the module's studio, where it would start a browser each time."""
    monkeypatch.setattr("generator.datasets.rerender.with_painter", lambda _name, _choice, work: work(studio))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    with running_mariadb() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a label store can be made: in a file, and then again in a PostgreSQL database."""
    if request.param == "sqlite":
        return str(tmp_path / "labels.db")
    url: str = request.getfixturevalue("postgres_url")
    empty(url)
    return url
