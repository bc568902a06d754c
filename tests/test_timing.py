import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from base import timing
from base.timing import are_stages_shown, package_log, show_stages, show_warnings, timed

ROOT = Path(__file__).parents[1]
LOG = package_log("base.timing")


@pytest.fixture
def shown() -> Iterator[None]:
    """Show stages, and leave logging as it was."""
    root = logging.getLogger(timing.ROOT_LOGGER)
    before = root.handlers[:], root.level, root.propagate
    show_stages()
    yield
    root.handlers[:], root.level, root.propagate = before


def test_a_package_has_one_logger() -> None:
    assert package_log("model.reading.images").name == package_log("model.training.train").name == "boxwright.model"


def test_a_stage_tells_how_long_it_took_and_what_was_noted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "boxwright"), timed(LOG, "reading") as found:
        found.note(pictures=3, not_read=1)
    [line] = caplog.messages
    assert line.startswith("reading: 0.0")
    assert line.endswith(" s, pictures 3, not read 1")


def test_a_stage_that_fails_is_told_and_the_error_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "boxwright"), pytest.raises(KeyError), timed(LOG, "reading"):
        raise KeyError("x")
    assert caplog.messages[0] == "reading: begins"
    assert caplog.messages[1].startswith("reading: KeyError after ")


def test_nothing_is_written_until_it_is_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    assert not are_stages_shown()
    script = "from base.timing import package_log; package_log('model').error('unseen')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_shown_stages_go_to_what_stderr_is_now_once(shown: None, capsys: pytest.CaptureFixture[str]) -> None:
    show_stages()
    with timed(LOG, "reading"):
        pass
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("] ")[1].split(": ")[0] for line in lines] == ["reading", "reading"]
    assert "boxwright.base[" in lines[0]


def test_warnings_alone_are_shown_until_stages_are(shown: None, capsys: pytest.CaptureFixture[str]) -> None:
    show_warnings()
    LOG.info("a stage")
    LOG.warning("odd")
    assert capsys.readouterr().err == "warning: odd\n"
    assert not are_stages_shown()
    show_stages()
    LOG.warning("odd")
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert are_stages_shown()


def test_workers_show_theirs_too(shown: None, capfd: pytest.CaptureFixture[str]) -> None:
    from base.work import Processes

    assert list(Processes(1).map(telling, [1])) == [1]
    assert "telling: begins" in capfd.readouterr().err


def telling() -> "type[int]":
    LOG.debug("telling: begins")
    return int
