"""One JupyterLab and one Chromium for all browser tests; a page for each test that asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.lab import CHROMIUM_FLAGS, LabServer, Notebook, find_chromium

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    server = LabServer(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture
def notebook(lab, chromium):
    """Return a function that opens a notebook; what it opened is closed afterwards."""
    opened = []

    def open_(name, **page):
        opened.append(Notebook(lab, chromium, name, **page))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()
