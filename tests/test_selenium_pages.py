"""Pages that Selenium drives, where there is a chromedriver."""

import shutil
from urllib.parse import quote

import pytest

from generator.rendering.browser import BrowserChoice
from model.assertions.expect import expect_checked, expect_unchecked
from model.assertions.page_state import page_state
from tests.framed_pages import FORM, scan_frames

webdriver = pytest.importorskip("selenium.webdriver")
CHROMEDRIVER = shutil.which("chromedriver")


@pytest.mark.browser
@pytest.mark.skipif(CHROMEDRIVER is None, reason="no chromedriver")
def test_drivers_and_elements_of_selenium_are_pages(browser_choice: BrowserChoice) -> None:
    options = webdriver.ChromeOptions()
    options.binary_location = str(browser_choice.launch.get("executable_path", ""))
    for flag in ("--headless=new", "--no-sandbox", "--force-device-scale-factor=1"):
        options.add_argument(flag)
    with webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER)) as driver:
        driver.get("data:text/html;charset=utf-8," + quote(FORM))
        canvas = driver.find_element("css selector", "canvas")
        assert [widget.state for widget in page_state(driver, scan=scan_frames)] == [
            "unchecked",
            "checked",
            "unchecked",
        ]
        webdriver.ActionChains(driver).move_to_element_with_offset(canvas, 41 - 210, 41 - 100).click().perform()
        expect_checked(driver, label="Newsletter", scan=scan_frames)
        expect_unchecked(canvas, label="Send crash reports", scan=scan_frames)
