from pathlib import Path

import pytest

from generator.browser import find_browser
from generator.errors import BrowserError

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
