"""The page as a whole: it starts, it is small, and its modules have types that fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from vitruvian.studio.static_files import PAGE

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Page

MAX_PAGE_BYTES = 315_000  # with the comments that tell the types
MAX_LOADED_BYTES = 308_000
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


def test_the_page_names_all_modules_that_it_loads(client: httpx.Client) -> None:
    named = re.findall(r"</page/ui/(.+?)>; rel=modulepreload", client.get("/").headers["link"])
    code = {path.name for path in (PAGE / "ui").glob("*.js")}
    assert sorted(named) == sorted(code - TYPES)


def test_files_are_packed_for_those_who_take_it(client: httpx.Client) -> None:
    path = "/page/ui/main.js"
    plain = client.get(path, headers={"accept-encoding": "identity"})
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    assert packed.content == plain.content == (PAGE / "ui" / "main.js").read_bytes()
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.headers["etag"] != plain.headers["etag"]
