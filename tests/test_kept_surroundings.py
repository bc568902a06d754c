import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

import generator.rendering.studio as studio_module
from base.errors import BrowserError
from generator.rendering.browser import BrowserChoice, in_thread
from generator.rendering.kept_surroundings import (
    BINARY_BYTES,
    KeptSurroundings,
    SurroundingsKey,
    keep_found,
    read_kept,
    surroundings_key,
)
from generator.rendering.studio import Studio, Surroundings, find_surroundings, look_around

pytestmark = pytest.mark.skipif(
    not (shutil.which("fc-list") and shutil.which("fc-conflist")), reason="fontconfig's programs are not there"
)

FOUND = KeptSurroundings(launch={}, how="Playwright's own Chromium", version="1", fonts=("serif",), scripts=("latin",))


@dataclass(frozen=True)
class Machine:
    """A browser's binary, the folder of Playwright's browsers, and fonts with their configuration."""

    binary: Path
    own: Path
    fonts: Path
    configuration: Path

    def add_font(self, name: str) -> Path:
        known = subprocess.run(["fc-list", "--format", "%{file}\n"], env={}, capture_output=True, text=True, check=True)
        font = next((line for line in known.stdout.splitlines() if line.endswith(".ttf")), None)
        if font is None:
            pytest.skip("there is no font")
        return Path(shutil.copy(font, self.fonts / name))

    def configure(self, extra: str = "") -> None:
        text = f"<dir>{self.fonts}</dir><cachedir>{self.fonts.parent / 'font-cache'}</cachedir>{extra}"
        self.configuration.write_text(f"<fontconfig>{text}</fontconfig>")

    def key(self) -> str:
        found = surroundings_key(None, [])
        assert found is not None
        return found.digest


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    programs, fonts = tmp_path / "bin", tmp_path / "fonts"
    made = Machine(programs / "chromium", tmp_path / "own", fonts, tmp_path / "fonts.conf")
    for folder in (programs, fonts):
        folder.mkdir()
    for name in ("fc-list", "fc-conflist"):
        (programs / name).symlink_to(shutil.which(name) or "")
    made.binary.touch(mode=0o755)
    os.truncate(made.binary, BINARY_BYTES)
    made.configure()
    monkeypatch.setenv("FONTCONFIG_FILE", str(made.configuration))
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(made.own))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("BOXWRIGHT_BROWSER", raising=False)
    monkeypatch.setattr("generator.rendering.browser.CHANNELS", {})
    studio_module._find_surroundings.cache_clear()
    return made


def test_a_key_is_another_once_fonts_or_their_configuration_are(machine: Machine) -> None:
    keys = [machine.key(), machine.key()]
    assert keys[0] == keys[1]
    font = machine.add_font("one.ttf")
    keys.append(machine.key())
    os.utime(font, ns=(0, 10**18))  # replaced by another version of the same name
    keys.append(machine.key())
    machine.configure("<match target='font'><edit name='antialias'><bool>false</bool></edit></match>")
    keys.append(machine.key())
    font.unlink()
    keys.append(machine.key())
    assert len(set(keys)) == 5


def test_a_key_is_another_once_the_browser_or_what_decides_is(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [machine.key()]
    os.utime(machine.binary, ns=(0, 10**18))
    keys.append(machine.key())
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    keys.append(machine.key())
    other = surroundings_key(None, ["another probe"])
    assert other is not None
    keys.append(other.digest)
    (machine.own / "chromium-1").mkdir(parents=True)
    keys.append(machine.key())
    (machine.own / "chromium-1" / "INSTALLATION_COMPLETE").touch()
    keys.append(machine.key())
    assert len(set(keys)) == 6


def test_there_is_no_key_where_not_all_can_be_known(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    os.truncate(machine.binary, 1000)  # a script, which starts who knows what
    assert surroundings_key(None, []) is None
    os.truncate(machine.binary, BINARY_BYTES)
    assert surroundings_key(None, []) is not None
    (machine.binary.parent / "fc-list").unlink()
    assert surroundings_key(None, []) is None
    assert read_kept(None) is None
    keep_found(None, FOUND)


def test_what_is_kept_is_read_again_unless_it_is_damaged_or_another_browser_came_first(machine: Machine) -> None:
    key = SurroundingsKey("a", FOUND.how)
    keep_found(key, FOUND)
    assert read_kept(key) == FOUND
    keep_found(SurroundingsKey("b", "a browser that is there and did not start"), FOUND)
    assert read_kept(SurroundingsKey("b", FOUND.how)) is None
    [file] = machine.fonts.parent.glob("cache/surroundings/*")
    file.write_text("{")
    assert read_kept(key) is None


def test_a_browser_is_asked_once_until_fonts_change(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def look(wanted: str | None) -> tuple[BrowserChoice, Surroundings]:
        asked.append(wanted)
        if len(asked) == 2:
            machine.add_font("meanwhile.ttf")
        path = str(machine.binary)
        return BrowserChoice({"executable_path": path}, path, "1"), Surroundings(("serif",), (str(len(asked)),))

    def find() -> Surroundings:
        studio_module._find_surroundings.cache_clear()  # as in another process
        return find_surroundings()[1]

    monkeypatch.setattr(studio_module, "look_around", look)
    assert [find().scripts, find().scripts] == [("1",), ("1",)]
    machine.add_font("new.ttf")
    assert find().scripts == ("2",)
    assert [find().scripts, find().scripts] == [("3",), ("3",)]  # fonts changed while it was asked: that is not kept


@pytest.mark.browser
def test_what_is_kept_is_what_the_browser_says(
    browser_choice: BrowserChoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    studio_module._find_surroundings.cache_clear()
    seen = find_surroundings()
    assert list(tmp_path.glob("surroundings/*.json")) or surroundings_key(None, []) is None
    studio_module._find_surroundings.cache_clear()
    assert find_surroundings() == seen == look_around()


@pytest.mark.browser
def test_a_browser_that_is_another_than_was_found_is_refused(browser_choice: BrowserChoice) -> None:
    other = BrowserChoice(browser_choice.launch, browser_choice.how, "1.2.3")

    def start() -> None:
        with Studio(other):
            pass

    with pytest.raises(BrowserError, match=r"was 1\.2\.3 when it was found and is .* now; run again"):
        in_thread(start)
