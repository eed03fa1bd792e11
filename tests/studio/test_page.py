"""The page as a whole: it starts, and its modules have types that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vitruvian.studio.static_files import PAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAX_PAGE_BYTES = 140_000


@pytest.mark.browser
def test_page_starts(page: Page) -> None:
    assert page.title().startswith("Vitruvian studio")


def test_page_is_small() -> None:
    code = [*PAGE.rglob("*.js"), *PAGE.rglob("*.css"), *PAGE.rglob("*.html")]
    assert 0 < sum(path.stat().st_size for path in code) <= MAX_PAGE_BYTES
