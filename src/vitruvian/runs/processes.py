"""ProcessExecutor: several jobs at once, in worker processes."""

from __future__ import annotations

import logging
import logging.handlers
import multiprocessing
import signal
from collections import deque
from contextlib import closing, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from vitruvian.runs.cores import core_shares, n_cores
from vitruvian.runs.events import Failed, Finished, Progress, RunSummary
from vitruvian.runs.runner import JobRunner
from vitruvian.runs.stop import STOP_SIGNALS, Stop
from vitruvian.system import blocked_signals, unblock_signals, use_cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from multiprocessing.connection import Connection

    from vitruvian.runs.events import Event
    from vitruvian.runs.executor import Events, FetchModels
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

__all__ = ["ProcessExecutor"]

_PROGRESS_S = 0.1  # shortest time between two `Progress` events of a worker
_POLL_S = 0.1  # how late a stop request may reach the workers

logger = logging.getLogger("vitruvian")


class ProcessExecutor:
    """Runs several jobs at once, each in a worker process; the largest files start first.

    Each worker has its own share of the cores. On two cores, two workers are 15 to 25 % faster than
    one process on both; without separate cores they are no faster.

    Workers are spawned: a program that uses this needs ``if __name__ == "__main__":``. They end
    with the generator of events. If this process is killed, they end at their next frame, as after
    an error. A worker that dies fails its job only.

    Parameters
    ----------
    n_processes : int, optional
        Maximum number of workers; one for each core by default.
    fetch_models : callable, optional
        As for `JobRunner`; called in this process, before the workers start.

    Raises
    ------
    ValueError
        If `n_processes` is not positive.
    """

    def __init__(
        self, n_processes: int | None = None, fetch_models: FetchModels | None = None
    ) -> None:
        if n_processes is not None and n_processes < 1:
            raise ValueError(f"n_processes must be a positive integer or None, got {n_processes!r}")
        self._n_processes = n_processes
        self._fetch_models = fetch_models

    def run(self, jobs: Sequence[Job], settings: Settings, stop: Stop | None = None) -> Events:
        """Run all jobs, as in `Executor.run`.

        Each request of `stop` sends SIGTERM to the workers, so a second one interrupts the current
        frames.
        """
        if not jobs:
            return
        with JobRunner(settings, self._fetch_models) as runner:
            # A wrong option is one error, not one for each job, and networks are compiled once.
            runner.prepare(jobs[0])
        stop = stop or Stop()
        n_processes = min(self._n_processes or n_cores(), len(jobs))
        shares = core_shares(n_processes, threads=settings.options.threads)
        with stop.deferred():
            pool = _Pool(sorted(jobs, key=_file_size, reverse=True), settings, shares, stop)
            try:
                yield from pool.run()
            finally:
                pool.close()


def _file_size(job: Job) -> int:
    """Return the size of the input file in bytes; 0 for other inputs."""
    try:
        return Path(job.input).stat().st_size
    except OSError:
        return 0


class _Pool:
    """The workers, the job of each, and the jobs that wait."""

    def __init__(
        self, jobs: Iterable[Job], settings: Settings, shares: Sequence[set[int]], stop: Stop
    ) -> None:
        self._waiting = deque(jobs)
        self._settings = settings
        self._shares = shares
        self._stop = stop
        self._n_forwarded = 0  # stop requests
        self._workers: list[_Worker] = []
        self._in_work: dict[_Worker, Job] = {}

    def run(self) -> Events:
        """Yield the events of all workers until no job is left."""
        for share in self._shares:
            self._start_next(share)
        while self._in_work:
            self._forward_stop()
            ready = wait([worker.connection for worker in self._in_work], timeout=_POLL_S)
            for worker in [w for w in self._in_work if w.connection in ready]:
                message = worker.receive()
                if isinstance(message, logging.LogRecord):
                    logger.handle(message)
                    continue
                event = message or self._event_of_dead_worker(worker)
                if isinstance(event, Finished | Failed):
                    del self._in_work[worker]
                    self._start_next(worker.share, worker)
                yield event

    def close(self) -> None:
        """End all workers and wait for them; running jobs end as by a stop request."""
        for worker in self._workers:
            if worker in self._in_work:
                worker.process.terminate()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join()

    def _forward_stop(self) -> None:
        """Send one SIGTERM to every worker for each new stop request."""
        for _ in range(self._stop.n_requests - self._n_forwarded):
            self._n_forwarded += 1
            for worker in self._workers:
                worker.process.terminate()

    def _start_next(self, share: set[int], worker: _Worker | None = None) -> None:
        """Give the next job to a worker; to a new one if it is None or has died."""
        if self._stop.is_requested or not self._waiting:
            return
        if worker is None or not worker.process.is_alive():
            resource_tracker.ensure_running()  # its start would unblock the signals
            with blocked_signals(STOP_SIGNALS):  # the new process inherits this
                worker = _Worker(self._settings, share)
                self._workers.append(worker)
        self._in_work[worker] = self._waiting.popleft()
        worker.send(self._in_work[worker])

    def _event_of_dead_worker(self, worker: _Worker) -> Event:
        job = self._in_work[worker]
        if self._stop.is_requested:
            return Finished(job, RunSummary(is_interrupted=True))
        return Failed(job, f"the worker process ended with exit code {worker.process.exitcode}", "")


class _Worker:
    """A worker process, as seen from the process that started it."""

    def __init__(self, settings: Settings, share: set[int]) -> None:
        self.share = share
        context = multiprocessing.get_context("spawn")  # a fork would copy locks held by threads
        self.connection, remote = context.Pipe()
        self.process = context.Process(
            target=_work, args=(remote, settings, share, logger.level), daemon=True
        )
        self.process.start()
        remote.close()

    def send(self, job: Job) -> None:
        """Send a job; if the worker has died, `receive` reports it."""
        with suppress(OSError):
            self.connection.send(job)

    def receive(self) -> Event | logging.LogRecord | None:
        """Return the next message; None if the worker has died."""
        try:
            message: Event | logging.LogRecord = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return None
        return message


# --- in the worker process ---


def _work(connection: Connection, settings: Settings, share: set[int], log_level: int) -> None:
    """Run one job after another until the connection is closed.

    SIGINT, which a terminal sends to all its processes, stays blocked; only SIGTERM stops a worker.
    """
    use_cores(share)  # decoder, networks and encoder count the cores they may use
    sender = _Sender(connection)
    logger.addHandler(logging.handlers.QueueHandler(sender))  # type: ignore[arg-type]
    logger.setLevel(log_level)
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.interrupt)
    with suppress(EOFError, OSError, KeyboardInterrupt), JobRunner(settings) as runner:
        unblock_signals([signal.SIGTERM])
        while True:
            job = connection.recv()
            with closing(runner.run_safely(job, stop)) as events:
                for event in events:
                    sender.send(event)


class _Sender:
    """Sends events and log records to the first process, from any thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._next_progress_s = 0.0

    def send(self, event: Event) -> None:
        """Send an event, but not every `Progress`; OSError if the first process has ended."""
        if isinstance(event, Progress):
            if monotonic() < self._next_progress_s:
                return
            self._next_progress_s = monotonic() + _PROGRESS_S
        self._send(event)

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Send a log record, as the queue of a `QueueHandler`."""
        with suppress(OSError):
            self._send(record)

    def _send(self, message: Event | logging.LogRecord) -> None:
        with self._lock:
            self._connection.send(message)
