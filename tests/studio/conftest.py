"""Fixtures of the studio: a running server, and Chromium without a window."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from vitruvian.studio.options import StudioOptions
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request

FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--enable-unsafe-swiftshader",
]
LIMIT_MS = 15_000


@pytest.fixture(scope="session")
def server() -> Iterator[StudioServer]:
    """A running studio with default options."""
    with StudioServer(Studio(StudioOptions())) as running:
        yield running


@pytest.fixture
def client(server: StudioServer) -> Iterator[httpx.Client]:
    """A client that has the token."""
    headers = {"Authorization": f"Bearer {server.studio.token}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with a fake camera and WebGL in software.

    While it is open, Playwright's event loop runs in this thread, where `asyncio.run` then fails.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def guarded_page(browser: Browser, server: StudioServer, **options: object) -> Iterator[Page]:
    """Give a new page with a session of its own, and fail if it misbehaves.

    It must have no uncaught error, log none, and ask no other host for anything.
    """
    context = browser.new_context(**options)
    problems: list[str] = []

    def note_request(request: Request) -> None:
        if not request.url.startswith((server.url, "data:", "blob:")):
            problems.append(f"a request to {request.url}")

    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: told.type == "error" and problems.append(told.text))
    page.on("request", note_request)
    try:
        yield page
    finally:
        context.close()
    assert problems == []


@pytest.fixture
def page(browser: Browser, server: StudioServer) -> Iterator[Page]:
    """The page of the server, logged in.

    The test fails at its end if the page had an error, or asked another host for anything.
    """
    with guarded_page(browser, server) as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        yield page
