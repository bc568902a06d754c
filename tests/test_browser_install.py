import subprocess
from pathlib import Path

import pytest

from base.errors import BrowserError
from generator.rendering import browser_install as install
from generator.rendering.browser import BrowserChoice


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing on the PATH but what a test puts there, and no browser that starts."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BOXWRIGHT_BROWSER", str(tmp_path / "browser"))
    return tmp_path


def command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


def test_what_was_tried_and_the_next_step_are_in_the_error(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        install, "_steps", lambda: [install.InstallStep("ask nicely", (("/bin/sh", "-c", "echo no >&2; exit 1"),))]
    )
    with pytest.raises(BrowserError) as caught:
        install.install_browser()
    assert "ask nicely: no" in str(caught.value)
    assert "next step: " in str(caught.value)


@pytest.mark.browser
def test_a_browser_that_an_attempt_brings_is_found(
    bare: Path, browser_choice: BrowserChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = browser_choice.launch.get("executable_path")
    if real is None:
        pytest.skip("the browser here has no path of its own")
    link = install.InstallStep("link one", (("/bin/ln", "-s", real, str(bare / "browser")),))
    monkeypatch.setattr(install, "_steps", lambda: [link])
    told: list[str] = []
    assert install.install_browser(on_step=told.append).version == browser_choice.version
    assert told == ["link one"]


def test_a_package_manager_is_only_used_as_root(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(bare, "apt-get", "exit 0")
    monkeypatch.setattr(install, "_root_prefix", lambda: None)
    assert not any("apt-get" in step.what for step in install._steps())
    monkeypatch.setattr(install, "_root_prefix", lambda: ("sudo", "-n"))
    (step,) = [step for step in install._steps() if "apt-get" in step.what]
    assert all(words[:2] == ("sudo", "-n") for words in step.commands)


def test_sudo_is_used_only_where_it_asks_nothing(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    assert install._root_prefix() is None
    command(bare, "sudo", "exit 1")
    assert install._root_prefix() is None
    command(bare, "sudo", "exit 0")
    assert install._root_prefix() == ("sudo", "-n")
    assert subprocess.run([bare / "sudo"], check=False).returncode == 0
