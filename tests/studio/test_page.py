"""The page as a whole: it starts, it is small, and its modules have types that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vitruvian.studio.static_files import PAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAX_PAGE_BYTES = 312_000  # with the comments that tell the types
MAX_LOADED_BYTES = 304_000
MAX_REQUESTS = 75
TYPES = {"engine.js", "types.js"}  # for the check of types only

LOADED = """() => {
  const entries = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
  const isOfPage = ({ name, decodedBodySize }) =>  // 0: once more, from the cache
    decodedBodySize && !new URL(name).pathname.startsWith("/api/");
  const files = entries.filter(isOfPage);
  return files.map(({ name, decodedBodySize }) => [new URL(name).pathname, decodedBodySize]);
}"""


@pytest.mark.browser
def test_page_starts(page: Page) -> None:
    assert page.title().startswith("Vitruvian studio")


@pytest.mark.browser
def test_first_load_is_small(page: Page) -> None:
    loaded = dict(page.evaluate(LOADED))
    assert {path.rpartition("/")[2] for path in loaded}.isdisjoint(TYPES)
    assert len(loaded) <= MAX_REQUESTS
    assert 0 < sum(loaded.values()) <= MAX_LOADED_BYTES, loaded


def test_page_is_small() -> None:
    code = [*PAGE.rglob("*.js"), *PAGE.rglob("*.css"), *PAGE.rglob("*.html")]
    assert 0 < sum(path.stat().st_size for path in code) <= MAX_PAGE_BYTES
