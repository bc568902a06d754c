"""The plug-in, in a pytest of its own that drives a real browser."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.rendering.browser import BrowserChoice
from tests.test_light_commands import HEAVY

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
PLUGIN = "model.assertions.pytest_plugin"

CONFTEST = """
import pytest
from playwright.sync_api import sync_playwright
from tests.framed_pages import FORM, scan_frames

loads = []

@pytest.fixture(scope="session")
def boxwright_scan():
    loads.append(1)
    assert len(loads) == 1, "one scanner a session"
    return scan_frames

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=["--no-sandbox"], **{launch!r})
        yield browser
        browser.close()

@pytest.fixture
def page(browser):
    with browser.new_page() as page:
        page.set_content(FORM)
        yield page
"""

SUITE = """
def test_a_box_on_a_canvas_is_found_by_its_label_and_checked(page, boxwright_screen):
    assert [widget.state for widget in boxwright_screen.state(page)] == ["unchecked", "checked", "unchecked"]
    page.mouse.click(*boxwright_screen.find(page, "crash reports").centre)
    boxwright_screen.expect_checked(page, label="Send crash reports")
    boxwright_screen.expect_unchecked(page, label="Newsletter")

def test_that_fails(page, boxwright_screen):
    boxwright_screen.expect_unchecked(page, label="Dark mode", timeout_s=0.2)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, browser_choice: BrowserChoice) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # where boxwright is installed, it is loaded already
    pytester.makeconftest(CONFTEST.replace("{launch!r}", repr(browser_choice.launch)))
    pytester.makepyfile(test_form=SUITE)
    return pytester


@pytest.mark.browser
def test_tests_get_the_state_of_pages_and_failures_keep_what_was_seen(suite: pytest.Pytester) -> None:
    done = suite.runpytest_subprocess("-p", PLUGIN, "-p", "no:cacheprovider", "--boxwright-artifacts", "kept")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.re_match_lines(
        [r".*expected the widget 'Dark mode' to look unchecked.* looks checked .* 3\. checkbox 'Send crash reports'.*"]
    )
    [kept] = (suite.path / "kept").rglob("*.png")
    assert kept.parent.name == "test_form.py__test_that_fails"


@pytest.mark.browser
def test_without_the_option_what_was_seen_is_kept_in_the_tests_own_folder(suite: pytest.Pytester) -> None:
    done = suite.runpytest_subprocess("-p", PLUGIN, "-k", "fails", "--basetemp", "own")
    done.assert_outcomes(failed=1, deselected=1)
    [kept] = (suite.path / "own").rglob("boxwright-*.png")
    assert kept.parent.name.startswith("test_that_fails")


def test_a_pytest_that_asks_for_nothing_of_it_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        f"import sys, pytest; pytest.main(['--help', '-p', {PLUGIN!r}]); print('HEAVY', {HEAVY!r} & set(sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
    )
    assert "--boxwright-artifacts=DIR" in shown.stdout
    assert re.search(r"^HEAVY set\(\)$", shown.stdout, re.MULTILINE)
