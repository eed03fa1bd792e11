"""Worker: a process that runs one job after another for a `ProcessExecutor`."""

from __future__ import annotations

import logging
import logging.handlers
import multiprocessing
import os
import pickle
import signal
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from threading import Lock, Thread
from time import monotonic, sleep
from traceback import format_exc
from typing import TYPE_CHECKING

from vitruvian.runs.events import Progress
from vitruvian.runs.messages import error_line
from vitruvian.runs.stop import Stop
from vitruvian.system import unblock_signals, use_cores

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from vitruvian.runs.events import Event
    from vitruvian.runs.job import Job
    from vitruvian.runs.runner import JobRunner
    from vitruvian.runs.settings import Settings

__all__ = ["Prepare", "Prepared", "work"]

_PROGRESS_S = 0.1  # shortest time between two `Progress` events of a worker
_END_S = 30.0  # for the outputs to be completed after the first process has ended

logger = logging.getLogger("vitruvian")


@dataclass(frozen=True, slots=True)
class Prepare:
    """A request to open the networks for a job, without running it."""

    job: Job


@dataclass(frozen=True, slots=True)
class Prepared:
    """The answer: the error, or None."""

    error: Exception | None


def work(connection: Connection, settings: Settings, share: set[int], log_level: int) -> None:
    """Answer requests until the connection is closed, in a process of its own.

    SIGINT and SIGHUP, which a terminal sends to all its processes, stay blocked; only SIGTERM stops
    a worker. If the first process ends, the running job ends as by SIGTERM.
    """
    from vitruvian.runs.runner import JobRunner  # loads the engine: not in the first process

    use_cores(share)  # decoder, networks and encoder count the cores they may use
    sender = _Sender(connection)
    logger.addHandler(logging.handlers.QueueHandler(sender))  # type: ignore[arg-type]
    logger.setLevel(log_level)
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.interrupt)
    Thread(target=_end_with_parent, name="watch the first process", daemon=True).start()
    with suppress(EOFError, OSError, KeyboardInterrupt), JobRunner(settings) as runner:
        unblock_signals([signal.SIGTERM])
        while True:
            request: Job | Prepare = connection.recv()
            if isinstance(request, Prepare):
                sender.send(_prepared(runner, request.job))
                continue
            with closing(runner.run_safely(request, stop)) as events:
                for event in events:
                    sender.send(event)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending


def _prepared(runner: JobRunner, job: Job) -> Prepared:
    try:
        runner.prepare(job)
    except Exception as error:  # noqa: BLE001 - raised again in the first process
        logger.info("%s", format_exc())
        with suppress(Exception):
            pickle.loads(pickle.dumps(error))
            return Prepared(error)
        return Prepared(RuntimeError(error_line(error)))
    return Prepared(None)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(_END_S)
    os._exit(1)


class _Sender:
    """Sends messages to the first process, from any thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._next_progress_s = 0.0

    def send(self, message: Event | Prepared) -> None:
        """Send a message, but not every `Progress`; OSError if the first process has ended."""
        if isinstance(message, Progress):
            if monotonic() < self._next_progress_s:
                return
            self._next_progress_s = monotonic() + _PROGRESS_S
        self._send(message)

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Send a log record, as the queue of a `QueueHandler`."""
        with suppress(OSError):
            self._send(record)

    def _send(self, message: Event | Prepared | logging.LogRecord) -> None:
        with self._lock:
            self._connection.send(message)
