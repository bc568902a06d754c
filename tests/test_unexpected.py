import os
import subprocess
import sys
from pathlib import Path

import pytest

from base.work import Processes
from commands.support.unexpected import TRACEBACKS_KEPT, describe_unexpected

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "errors"


def raised(error: Exception) -> Exception:
    """Return the error with a traceback."""
    try:
        raise error
    except Exception as caught:
        return caught


def fail(_: int) -> None:
    raise LookupError("in a worker")


def failing() -> object:
    return fail


def test_the_line_says_what_happened_whose_fault_it_is_and_where_the_traceback_is(cache: Path) -> None:
    line = describe_unexpected(raised(ValueError("one\n two")), ["train", "--real", "data"])
    [file] = cache.iterdir()
    text = file.read_text()
    assert line.startswith("Error: ValueError: one two; this is a fault of boxwright, not yours: please report it")
    assert f"with {file} (boxwright " in line
    assert "\n" not in line
    assert "boxwright train --real data\n" in text
    assert "in raised\n    raise error\n" in text


def test_versions_name_torch_only_where_it_is_loaded() -> None:
    script = "from commands.support.unexpected import read_versions; print(read_versions())"
    for before, loaded in (("", False), ("import torch; ", True)):
        done = subprocess.run([sys.executable, "-c", before + script], cwd=ROOT, capture_output=True, text=True)
        assert ("'torch 2." in done.stdout) == loaded
        assert "'boxwright " in done.stdout


def test_tokens_and_passwords_are_not_kept(cache: Path) -> None:
    words = ["serve", "--token", "s3cret", "--token=s3cret", "--store", "postgresql://ann:s3cret@host/labels"]
    line = describe_unexpected(raised(ValueError("postgresql://ann:s3cret@host/labels")), words)
    [file] = cache.iterdir()
    assert "s3cret" not in line + file.read_text()
    assert "postgresql://ann:…@host/labels" in file.read_text()


def test_the_newest_files_are_kept(cache: Path) -> None:
    for number in range(TRACEBACKS_KEPT + 2):
        describe_unexpected(raised(ValueError(str(number))), [])
    files = sorted(cache.iterdir())
    assert len(files) == TRACEBACKS_KEPT
    assert "ValueError: 2\n" in files[0].read_text()


def test_a_traceback_that_cannot_be_kept_is_printed(cache: Path) -> None:
    cache.parent.parent.mkdir(exist_ok=True)
    cache.parent.write_text("a file, where a folder should be")
    printed = describe_unexpected(raised(ValueError("one")), [])
    assert printed.startswith("Error: ValueError: one; this is a fault of boxwright")
    assert "could not be kept in a file" in printed
    assert "in raised\n" in printed


def test_an_error_in_a_worker_process_is_kept_with_the_worker_s_traceback(cache: Path) -> None:
    with pytest.raises(LookupError) as caught:
        list(Processes(1).map(failing, [1]))
    assert describe_unexpected(caught.value, []).startswith("Error: LookupError: in a worker;")
    [file] = cache.iterdir()
    assert "in fail\n" in file.read_text()


BROKEN = """
import sys
from pathlib import Path
import commands.support.shared
import cli
from generator.libraries import installed
def broken(**_): raise ZeroDivisionError("by nought")
installed.list_libraries = broken
cli.main()
"""


@pytest.mark.parametrize("debug", [False, True])
def test_a_command_that_fails_unexpectedly_prints_one_line_and_exits_1(
    debug: bool, cache: Path, tmp_path: Path
) -> None:
    words = [*(["--debug"] if debug else []), "libraries", "list"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BROKEN, *words]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("Error: ZeroDivisionError: by nought; this is a fault of boxwright")
    assert (len(done.stderr.splitlines()) == 1, "in broken" in done.stderr) == (not debug, debug)
    [file] = cache.iterdir()
    assert f"boxwright {' '.join(words)}\n" in file.read_text()
