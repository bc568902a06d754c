"""Getting a browser where there is none: Playwright's own, else the system's package manager."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from base.errors import BrowserError
from generator.rendering.browser import BrowserChoice, find_browser

TIMEOUT_S = 900

# Package manager -> the commands that install a Chromium with it.
PACKAGE_MANAGERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "apt-get": (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "chromium")),
    "dnf": (("dnf", "install", "-y", "chromium"),),
    "pacman": (("pacman", "-Sy", "--noconfirm", "chromium"),),
    "apk": (("apk", "add", "chromium"),),
    "zypper": (("zypper", "--non-interactive", "install", "chromium"),),
    "brew": (("brew", "install", "--cask", "chromium"),),
}


@dataclass(frozen=True)
class InstallStep:
    """One way to get a browser: what it is, and the commands it takes."""

    what: str
    commands: tuple[tuple[str, ...], ...]


def install_browser(*, on_step: Callable[[str], None] | None = None) -> BrowserChoice:
    """Return the browser that is there; where there is none, try each way to install one until one starts.

    `on_step` is told what is being tried.

    Raises:
        BrowserError: nothing worked; the message lists what was tried and the next step to take by hand.
    """
    try:
        return find_browser()
    except BrowserError:
        tried = []
    for step in _steps():
        if on_step:
            on_step(step.what)
        failure = _run(step)
        try:
            return find_browser()
        except BrowserError as error:
            reason = failure or str(error).splitlines()[1].strip()
            tried.append(f"  {step.what}: {reason}")
    raise BrowserError(
        "no browser is installed, and none could be:\n" + "\n".join(tried) + "\n" + _advice(),
    )


def _steps() -> Iterator[InstallStep]:
    playwright = (sys.executable, "-m", "playwright")
    yield InstallStep("download Playwright's Chromium", ((*playwright, "install", "chromium"),))
    prefix = _root_prefix()
    if sys.platform == "linux" and prefix is not None:
        yield InstallStep("install the libraries it needs", ((*prefix, *playwright, "install-deps", "chromium"),))
    for name, commands in PACKAGE_MANAGERS.items():
        if shutil.which(name) and (name == "brew" or prefix is not None):
            prefix_here = () if name == "brew" else prefix or ()
            yield InstallStep(f"install Chromium with {name}", tuple((*prefix_here, *command) for command in commands))


def _root_prefix() -> tuple[str, ...] | None:
    """Return what makes a command run as root without a question: nothing for root, sudo -n where allowed."""
    if os.geteuid() == 0:
        return ()
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ("sudo", "-n")
    return None


def _run(step: InstallStep) -> str | None:
    """Run the step's commands; return the last line of what went wrong, or None."""
    for command in step.commands:
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, check=False, env=_quiet()
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode:
            lines = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()
            return lines[-1]
    return None


def _quiet() -> dict[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def _advice() -> str:
    if sys.platform == "darwin":
        return "next step: install Google Chrome from google.com/chrome, or run `brew install --cask chromium`"
    return (
        "next step: ask an administrator for the package `chromium` (Debian, Fedora, Arch) or `google-chrome-stable`, "
        "or set BOXWRIGHT_BROWSER to the path of a Chromium that you have"
    )
