"""Shared fixtures: one browser for all tests that need one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.browser import Choice, Studio, Surroundings, find_browser
from generator.errors import BrowserError


@pytest.fixture(scope="session")
def browser_choice() -> Choice:
    try:
        return find_browser()
    except BrowserError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def studio(browser_choice: Choice) -> Iterator[Studio]:
    with Studio(browser_choice) as running:
        yield running


@pytest.fixture(scope="module")
def surroundings(studio: Studio) -> Surroundings:
    return studio.surroundings()


@pytest.fixture
def real_crops() -> Path:
    folder = Path(__file__).parents[2] / "shared" / "real"
    if not folder.is_dir():
        pytest.skip("the development crops in ../shared/real are not here")
    return folder
