"""One build of a simulated extract, and the system's Chromium to look at its page."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
CUSTOMERS = "1500"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _projects():
    """tests/python/conftest.py, whose name is taken here."""
    spec = importlib.util.spec_from_file_location("projects", ROOT / "tests/python/conftest.py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up.
    __import__("sys").modules["projects"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a page")
    raw = folder / "raw"
    project = _projects().new_project(folder, raw)
    truth = ["--truth", str(folder / "truth.csv")]
    for command in (
        ["simulate", "--customers", CUSTOMERS, "--output", str(raw), *truth],
        ["build"],
        ["compare"],
        ["page"],
    ):
        done = project.arcana(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture(scope="session")
def chromium():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.exit(
            "No Chromium here: install one, for instance with `apt-get install chromium`.", 1
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(built, chromium):
    """The page, opened from disk with the network off; nothing on it may complain."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR")
    context.set_offline(True)
    opened = context.new_page()
    complaints, asked = [], []
    opened.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((built.serve / "index.html").as_uri())
    opened.wait_for_selector(".chart svg")
    yield opened
    context.close()
    assert not complaints
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked), asked
