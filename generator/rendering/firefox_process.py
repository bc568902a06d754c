"""Firefox as a process: where it is, and starting one that obeys and that nothing outlives.

It imports the standard library and the protocol alone: painters of toolkits use it too, in whatever interpreter.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from base.errors import BrowserError
from generator.rendering.marionette import Marionette

FIREFOX_VARIABLE = "BOXWRIGHT_FIREFOX"
FIREFOX_NAMES = ("firefox", "firefox-esr")
START_S = 240.0
ANSWER_S = 240.0
FAREWELL_S = 20.0
KEEPER = Path(__file__).with_name("process_keeper.py")

QUIET: dict[str, str | int | bool] = {
    "marionette.port": 0,  # any that is free; it is written into the profile
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
"""Preferences by which it asks nobody anything."""


def firefox_program() -> str | None:
    """Return the path of the Firefox to start, that of $BOXWRIGHT_FIREFOX or the first on the PATH, if there is one."""
    named = os.environ.get(FIREFOX_VARIABLE)
    return named or next(filter(None, map(shutil.which, FIREFOX_NAMES)), None)


class FirefoxProcess:
    """A running Firefox of a fresh profile; `version` is its number, and `marionette` what it obeys to.

    It ends with `close`, or with this process, however that ends, and its profile is deleted then.

    Raises:
        BrowserError: it does not start; the message has the last that it said.
    """

    def __init__(
        self,
        program: str,
        preferences: Mapping[str, str | int | bool],
        *,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        profile = Path(tempfile.mkdtemp(prefix="boxwright-firefox-"))
        wanted = {**QUIET, **preferences}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())
        (profile / "user.js").write_text("".join(lines), encoding="utf-8")
        # Before version 138 the last flag is not needed, and is ignored.
        command = [program, "--marionette", "--no-remote", "--remote-allow-system-access", "--profile", str(profile)]
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._keeper = subprocess.Popen(
            [sys.executable, str(KEEPER), str(profile), *command, *arguments, "about:blank"],
            env={**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1", **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
        )
        self._marionette: Marionette | None = None
        try:
            self.marionette = self._marionette = Marionette(self._await_port(profile), timeout_s=ANSWER_S)
            started = self.marionette.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {}})
        except BaseException:
            self.close()
            raise
        self.version = str(started["capabilities"]["browserVersion"])

    def close(self) -> None:
        """End it and delete its profile."""
        if self._marionette:
            self._marionette.close()
        if self._keeper.stdin:
            self._keeper.stdin.close()
        try:
            self._keeper.wait(FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        self._errors.close()

    def _await_port(self, profile: Path) -> int:
        file = profile / "MarionetteActivePort"
        end = time.monotonic() + START_S
        while True:
            if self._keeper.poll() is not None:
                raise BrowserError(f"Firefox ended as it started: {self._last_words()}")
            if file.exists() and (text := file.read_text(encoding="utf-8").strip()):
                return int(text)
            if time.monotonic() > end:
                raise BrowserError(f"Firefox did not start within {START_S:.0f} s: {self._last_words()}")
            time.sleep(0.05)

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
