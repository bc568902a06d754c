from pathlib import Path

import pytest

from base.errors import BrowserError
from generator.rendering.browser import BrowserChoice, find_browser, in_thread, launch_browser, playwright_session

pytestmark = pytest.mark.browser


def test_a_browser_that_does_not_start_is_an_error_that_says_which_and_what_next(tmp_path: Path) -> None:
    with pytest.raises(BrowserError) as caught:
        find_browser(str(tmp_path / "no-such-browser"))
    assert "no-such-browser" in str(caught.value)
    assert "boxwright doctor --install-browser" in str(caught.value)


def test_a_named_browser_is_the_only_one_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_BROWSER", "/bin/false")
    with pytest.raises(BrowserError) as caught:
        find_browser()
    assert "$BOXWRIGHT_BROWSER=/bin/false" in str(caught.value)
    assert "channel" not in str(caught.value)


def test_a_page_brings_no_pages_of_the_browser_s_own(browser_choice: BrowserChoice) -> None:
    def targets() -> set[str]:
        with playwright_session() as playwright, launch_browser(playwright, browser_choice.launch) as browser:
            browser.new_page()
            found = browser.new_browser_cdp_session().send("Target.getTargets", {"filter": [{}]})
            return {target["type"] for target in found["targetInfos"]}

    assert in_thread(targets) <= {"page", "tab", "browser"}
