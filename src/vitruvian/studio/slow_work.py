"""SlowWork: exports and reports, of which a few are made at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SlowWork"]

P = ParamSpec("P")
T = TypeVar("T")
MAX_AT_ONCE = 2


class SlowWork:
    """Runs functions on threads, two at once, so that quick requests always find a thread."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_AT_ONCE)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function returns, when its turn has come."""
        async with self._places:
            return await run_in_threadpool(function, *args, **kwargs)
