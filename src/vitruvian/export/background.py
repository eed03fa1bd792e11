"""BackgroundThread: a thread that calls functions in turn; the calling thread if there is none."""

from __future__ import annotations

from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["BackgroundThread"]

T = TypeVar("T")


class BackgroundThread:
    """Calls functions one after the other on a thread of its own.

    After the main thread of a program has ended, Python refuses such threads and ends those that
    exist, while other threads of the program go on. The functions are then called on the thread
    that submits them.

    Parameters
    ----------
    name : str
        Name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._last: Future[Any] | None = None
        with suppress(RuntimeError):  # importing it is refused, too
            from concurrent.futures.thread import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(1, name)

    def submit(self, function: Callable[..., T], *args: object) -> Future[T]:
        """Call a function after the ones before; return its future result."""
        future: Future[T]
        try:
            future = self._pool.submit(function, *args) if self._pool else _called(function, *args)
        except RuntimeError:  # no thread can be started
            self._pool = None
            if self._last is not None:
                wait([self._last])
            future = _called(function, *args)
        self._last = future
        return future

    def shutdown(self) -> None:
        """Wait until all functions were called, and end the thread."""
        if self._pool is not None:
            self._pool.shutdown()

    def __enter__(self) -> BackgroundThread:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()


def _called(function: Callable[..., T], *args: object) -> Future[T]:
    """Call a function on this thread."""
    future: Future[T] = Future()
    try:
        future.set_result(function(*args))
    except BaseException as err:  # noqa: BLE001 - it is raised where the result is read
        future.set_exception(err)
    return future
