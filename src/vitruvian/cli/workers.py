"""Jobs in processes of their own, and this one that hears how far they are."""

from __future__ import annotations

import logging
import logging.handlers
import multiprocessing
import os
import signal
from collections import deque
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from vitruvian.cli.job import Engines, Failure, attempt
from vitruvian.cli.loop import STOP_SIGNALS, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from vitruvian.cli.job import Job, Settings

    Tell = Callable[[Job, int, int | None], None]
    Message = tuple[int, int | None] | logging.LogRecord | Run | Failure

__all__ = ["run_in_processes"]

_TELL_EVERY_S = 0.1  # as often as bars are drawn

logger = logging.getLogger("vitruvian")


def run_in_processes(
    jobs: Iterable[Job], settings: Settings, *, n_processes: int, tell: Tell
) -> Iterator[tuple[Job, Run | Failure]]:
    """Yield each job with what became of it, as soon as that is known; large files begin first.

    Each process has cores of its own: on two cores, two do 15 to 25 % more than one does on both,
    and without that they do no more.

    Ctrl-C and SIGTERM are passed on to the processes: each finishes its frame and its outputs, and
    no further job begins. No process outlives this generator. If this process is killed, they end
    at their next frame as after an error.

    Parameters
    ----------
    n_processes : int
        Most that run at once.
    tell : callable
        Told of each job in work how many frames are done, of how many if that is known.
    """
    shares = _shares(n_processes, threads=settings.engine.get("threads"))
    pool = _Pool(sorted(jobs, key=_size, reverse=True), settings, shares)
    previous = {number: signal.signal(number, pool.stop) for number in STOP_SIGNALS}
    try:
        yield from pool.run(tell)
    finally:
        pool.close()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _size(job: Job) -> int:
    """Return the bytes of a file; none for other inputs."""
    try:
        return Path(job.input).stat().st_size
    except OSError:
        return 0


def _shares(n_processes: int, *, threads: int | None) -> list[set[int]]:
    """Return the cores of each process: as many as it has threads, others as far as they reach."""
    cores = sorted(os.sched_getaffinity(0))
    each = threads or max(1, len(cores) // n_processes)
    return [{cores[(i * each + k) % len(cores)] for k in range(each)} for i in range(n_processes)]


class _Pool:
    """The processes, the jobs that they have, and those that none of them has yet."""

    def __init__(self, jobs: Iterable[Job], settings: Settings, shares: Sequence[set[int]]) -> None:
        self._waiting = deque(jobs)
        self._settings = settings
        self._shares = shares
        self._workers: list[_Worker] = []
        self._in_work: dict[_Worker, Job] = {}
        self._is_stopping = False

    def run(self, tell: Tell) -> Iterator[tuple[Job, Run | Failure]]:
        """Do the jobs, in one process for each share."""
        for share in self._shares:
            self._begin_next(share)
        while self._in_work:
            speaking = wait([worker.connection for worker in self._in_work])
            for worker in [w for w in self._in_work if w.connection in speaking]:
                message = worker.hear()
                if isinstance(message, tuple):
                    tell(self._in_work[worker], *message)
                elif isinstance(message, logging.LogRecord):
                    logger.handle(message)
                else:
                    job = self._in_work.pop(worker)
                    self._begin_next(worker.share, worker)
                    yield job, message or self._outcome_of_death(worker, job)

    def _begin_next(self, share: set[int], worker: _Worker | None = None) -> None:
        """Give the next job to a process, or to a new one where that has died."""
        if self._is_stopping or not self._waiting:
            return
        if worker is None or not worker.process.is_alive():
            with _deferred_signals():  # the new process begins with them deferred, too
                worker = _Worker(self._settings, share)
                self._workers.append(worker)
        self._in_work[worker] = self._waiting.popleft()
        worker.give(self._in_work[worker])

    def _outcome_of_death(self, worker: _Worker, job: Job) -> Run | Failure:
        if self._is_stopping:
            return Run(job.name, is_interrupted=True)
        return Failure(f"its process ended with exit code {worker.process.exitcode}", "")

    def stop(self, number: int, stack: object) -> None:
        """Ask every process to stop; a second time, not to finish its frame."""
        self._is_stopping = True
        for worker in self._workers:
            worker.process.terminate()

    def close(self) -> None:
        """End the processes, and wait for that; those with a job as by Ctrl-C."""
        for worker in self._workers:
            if worker in self._in_work:
                worker.process.terminate()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join()


class _Worker:
    """A process, from this side."""

    def __init__(self, settings: Settings, share: set[int]) -> None:
        self.share = share
        context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks
        self.connection, theirs = context.Pipe()
        self.process = context.Process(
            target=_work, args=(theirs, settings, share, logger.level), daemon=True
        )
        self.process.start()
        theirs.close()

    def give(self, job: Job) -> None:
        """Let it do a job."""
        with suppress(OSError):  # it has died, and `hear` will say so
            self.connection.send(job)

    def hear(self) -> Message | None:
        """Return what it says next; None if it has died."""
        try:
            message: Message = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return None
        return message


@contextmanager
def _deferred_signals() -> Iterator[None]:
    """Keep the signals to stop until afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the other process ---


def _work(connection: Connection, settings: Settings, share: set[int], log_level: int) -> None:
    """Do one job after another until there are no more, or nobody is left to hear of it.

    Ctrl-C, which a terminal sends to this process too, stays blocked; only SIGTERM stops it.
    """
    os.sched_setaffinity(0, share)  # decoder, networks and encoder all count the cores they may use
    voice = _Voice(connection)
    logger.addHandler(logging.handlers.QueueHandler(voice))  # type: ignore[arg-type]
    logger.setLevel(log_level)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(EOFError, OSError, KeyboardInterrupt), Engines(settings) as engines:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        while True:
            job = connection.recv()
            voice.say(attempt(job, engines, voice.tell))


class _Voice:
    """What goes to the first process; from several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._next_s = 0.0

    def say(self, message: Message) -> None:
        """Send a message; OSError if nobody hears."""
        with self._lock:
            self._connection.send(message)

    def tell(self, done: int, of: int | None) -> None:
        """Send how many frames are done, not more often than bars are drawn."""
        if monotonic() >= self._next_s:
            self._next_s = monotonic() + _TELL_EVERY_S
            self.say((done, of))

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Send a log record, as the queue of a `QueueHandler`."""
        with suppress(OSError):
            self.say(record)
