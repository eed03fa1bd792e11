"""ProcessExecutor: several jobs at once, in worker processes."""

from __future__ import annotations

import logging
import math
import multiprocessing
import os.path
import signal
from collections import Counter, deque
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from vitruvian.draft import abandoned_drafts
from vitruvian.errors import InferenceError
from vitruvian.media.image_kind import names_images
from vitruvian.runs.cores import core_shares, n_cores
from vitruvian.runs.events import Failed, Finished, RunSummary, Started
from vitruvian.runs.executor import fetch
from vitruvian.runs.stop import STOP_SIGNALS, Stop
from vitruvian.runs.worker import Prepare, Prepared, work
from vitruvian.system import blocked_signals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vitruvian.runs.events import Event
    from vitruvian.runs.executor import Events, FetchModels
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

    Message = Event | Prepared | logging.LogRecord

__all__ = ["ProcessExecutor"]

STALL_S = 120.0
MAX_TRIES = {"crashed": 3, "stalled": 2}  # by the kind of the last failure

_POLL_S = 0.1  # how late a stop request may reach the workers
_START_S = 60.0  # at least, for a new process to import the engine
_SLOW_STEP = 0.1  # of the time of a job so far, for its longest step: completing a long output
_STOP_S = (math.inf, STALL_S, 10.0)  # for the outputs to be completed, by number of stop requests
_NOTICE_S = 3.0  # after a stop request, until a message says what is waited for
_EXIT_S = 2.0  # for a process to end after its connection
_END_S = 30.0  # for the workers to end after the last job, or when the events are closed

logger = logging.getLogger("vitruvian")


class ProcessExecutor:
    """Runs several jobs at once, each in a worker process; the largest files start first.

    Each worker has its own share of the cores. On two cores, two workers are 15 to 25 % faster than
    one process on both; without separate cores they are no faster.

    A worker that dies, or makes no progress for `stall_s`, is replaced, and its job is run again:
    twice if it died, once if it stalled. Then the job has failed. The other jobs go on meanwhile.

    Workers are spawned: a program that uses this needs ``if __name__ == "__main__":``. They end
    with the generator of events. If this process is killed, they end at their next frame, as after
    an error. The networks are opened in the workers only.

    Parameters
    ----------
    n_processes : int, optional
        Maximum number of workers; one for each core by default.
    fetch_models : callable, optional
        As for `JobRunner`; called in this process, before the workers start.
    stall_s : float or None
        Time without progress, in s, after which a worker that reads a file is killed; None for no
        limit. A longer step is allowed to a job that has run more than ten times as long. Cameras
        and streams have no limit.

    Raises
    ------
    ValueError
        If `n_processes` or `stall_s` is not positive.
    """

    def __init__(
        self,
        n_processes: int | None = None,
        fetch_models: FetchModels | None = None,
        *,
        stall_s: float | None = STALL_S,
    ) -> None:
        if n_processes is not None and n_processes < 1:
            raise ValueError(f"n_processes must be a positive integer or None, got {n_processes!r}")
        if stall_s is not None and not stall_s > 0:
            raise ValueError(f"stall_s must be a positive number or None, got {stall_s!r}")
        self._n_processes = n_processes
        self._fetch_models = fetch_models
        self._stall_s = math.inf if stall_s is None else stall_s

    def run(self, jobs: Sequence[Job], settings: Settings, stop: Stop | None = None) -> Events:
        """Run all jobs, as in `Executor.run`. A job that is run again yields `Started` again.

        Each request of `stop` sends SIGTERM to the workers, so a second one interrupts the current
        frames. Workers that do not end are killed: 120 s after the first request, 10 s after the
        second, at once after the third.
        """
        if not jobs:
            return
        fetch(settings, self._fetch_models)
        stop = stop or Stop()
        n_processes = min(self._n_processes or n_cores(), len(jobs))
        shares = core_shares(n_processes, threads=settings.options.threads)
        pool = _Pool(
            sorted(jobs, key=_file_size, reverse=True), settings, shares, stop, self._stall_s
        )
        try:
            pool.prepare(jobs[0])
            with stop.deferred():
                yield from pool.run()
        finally:
            with stop.deferred():
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
        self,
        jobs: Iterable[Job],
        settings: Settings,
        shares: Sequence[set[int]],
        stop: Stop,
        stall_s: float,
    ) -> None:
        self._waiting = deque(jobs)
        self._n_tries: Counter[Job] = Counter()
        self._settings = settings
        self._shares = shares
        self._stop = stop
        self._stall_s = stall_s
        self._n_forwarded = 0  # stop requests
        self._stopped_s = self._notice_s = math.inf  # time of the last one, and of the notice
        self._workers: list[_Worker] = []

    def prepare(self, job: Job) -> None:
        """Open the networks in a first worker: a wrong option is one error, not one for each job.

        The others start meanwhile, and then read the compiled networks from the cache.
        """
        worker, *_ = [self._new_worker(share) for share in self._shares]
        worker.send(Prepare(job))
        n_tries = 1
        while not self._stop.is_requested:
            if not wait([worker.connection], timeout=_POLL_S):
                if monotonic() - worker.begin_s > max(self._stall_s, _START_S):
                    worker.process.kill()
                continue
            message = worker.receive()
            if isinstance(message, logging.LogRecord):
                logger.handle(message)
            elif isinstance(message, Prepared):
                if message.error is not None:
                    raise message.error
                return
            elif n_tries < MAX_TRIES["crashed"]:
                n_tries += 1
                self._workers.remove(worker)
                worker = self._new_worker(worker.share)
                worker.send(Prepare(job))
            else:
                raise InferenceError(
                    f"the worker process ended while it opened the networks: {worker.fate}; "
                    f"{n_tries} tries"
                )

    def run(self) -> Events:
        """Yield the events of all workers until no job is left."""
        for worker in tuple(self._workers):
            self._start_next(worker)
        while busy := [worker for worker in self._workers if worker.job is not None]:
            self._forward_stop(busy)
            ready = wait([worker.connection for worker in busy], timeout=_POLL_S)
            for worker in busy:
                if worker.connection not in ready:
                    self._kill_if_late(worker)
                    continue
                message = worker.receive()
                if isinstance(message, logging.LogRecord):
                    logger.handle(message)
                elif not isinstance(message, Prepared):
                    yield from self._events(worker, message)

    def close(self) -> None:
        """End all workers and wait for them; running jobs end as by a stop request."""
        for worker in self._workers:
            if worker.job is not None or not worker.is_used:
                worker.process.terminate()
            worker.connection.close()
        begin_s, n_requests = monotonic(), self._stop.n_requests
        while alive := [worker.process for worker in self._workers if worker.process.is_alive()]:
            if monotonic() - begin_s > _END_S or self._stop.n_requests > max(n_requests, 1):
                for process in alive:
                    process.kill()
            wait([process.sentinel for process in alive], timeout=_POLL_S)

    def _events(self, worker: _Worker, event: Event | None) -> Iterator[Event]:
        """Yield the event of a worker, None if it has died; give it the next job at the end."""
        if event is None:
            event = self._event_of_dead_worker(worker)
        if event is None or isinstance(event, Finished | Failed):
            worker.job = None
            self._start_next(worker)
        if event is not None:
            yield event

    def _forward_stop(self, busy: Sequence[_Worker]) -> None:
        """Send one SIGTERM to every worker for each new stop request."""
        for _ in range(self._stop.n_requests - self._n_forwarded):
            self._n_forwarded += 1
            self._stopped_s = monotonic()
            self._notice_s = self._stopped_s + _NOTICE_S if self._n_forwarded == 1 else math.inf
            for worker in self._workers:
                worker.process.terminate()
        if monotonic() > self._notice_s:
            self._notice_s = math.inf
            names = ", ".join(worker.job.name for worker in busy if worker.job is not None)
            logger.warning("waiting for the outputs of %s: stop again to wait no longer", names)

    def _kill_if_late(self, worker: _Worker) -> None:
        """Kill a worker that makes no progress; its end is found as that of any other."""
        now_s = monotonic()
        since_s = now_s - worker.heard_s
        limit_s = math.inf
        if worker.job is not None and _reads_files(worker.job):
            limit_s = max(self._stall_s, _SLOW_STEP * (now_s - worker.begin_s))
            if not worker.has_started:
                limit_s = max(limit_s, _START_S)
        worker.is_stalled |= since_s > limit_s
        n_requests = self._n_forwarded
        stop_limit_s = _STOP_S[n_requests] if n_requests < len(_STOP_S) else 0.0
        if worker.is_stalled or now_s - self._stopped_s > stop_limit_s:
            worker.process.kill()

    def _start_next(self, worker: _Worker) -> None:
        """Give the next job to a worker, or to a new one if it has died, or on a new try."""
        if self._stop.is_requested or not self._waiting:
            return
        job = self._waiting.popleft()
        if worker.is_used and self._n_tries[job]:
            worker.connection.close()  # it ends
            worker = self._new_worker(worker.share)
        elif not worker.process.is_alive():
            worker = self._new_worker(worker.share)
        worker.start(job)

    def _new_worker(self, share: set[int]) -> _Worker:
        with blocked_signals(STOP_SIGNALS):  # the new process inherits this
            worker = _Worker(self._settings, share)
            self._workers.append(worker)
        return worker

    def _event_of_dead_worker(self, worker: _Worker) -> Event | None:
        """Return the end of the job of a dead worker; None if it is tried again."""
        job = worker.job
        if job is None:
            raise RuntimeError("a worker without a job is not waited for")
        if self._stop.is_requested:
            _recover_drafts(job)
            return Finished(job, RunSummary(is_interrupted=True))
        kind = "stalled" if worker.is_stalled else "crashed"
        fate = f"no progress for {self._stall_s:g} s" if worker.is_stalled else worker.fate
        self._n_tries[job] += 1
        n_tries, most = self._n_tries[job], MAX_TRIES[kind]
        if n_tries >= most:
            _recover_drafts(job)
            return Failed(job, f"{fate}; {n_tries} tries", "", kind)
        logger.warning("%s: %s: %s; try %d of %d follows", job.name, kind, fate, n_tries + 1, most)
        _discard_drafts(job)
        self._waiting.append(job)  # behind the others, which are more likely to succeed
        return None


def _recover_drafts(job: Job) -> None:
    """Keep what a worker that was killed has written of the outputs of its job."""
    from vitruvian.export.recovery import recover_drafts  # loads PyAV

    for folder in {file.parent for file in _files_of(job)}:
        recover_drafts(folder)


def _discard_drafts(job: Job) -> None:
    """Remove what a worker that was killed has written of the outputs of its job."""
    from vitruvian.export.suffix import with_suffix  # loads PyAV

    files = _files_of(job)
    ends = (".jsonl", ".unsmoothed.jsonl")  # of `SpooledWriter` and of the first of two passes
    spools = {with_suffix(file, end) for file in files for end in ends}
    for folder in {file.parent for file in files}:
        for draft in abandoned_drafts(folder):
            with suppress(OSError):
                if draft.final in files | spools:
                    draft.discard()
            draft.close()


def _files_of(job: Job) -> set[Path]:
    """Return the output files of a job; of a link, the file that it names."""
    return {Path(os.path.realpath(output)) for output in job.outputs}


def _reads_files(job: Job) -> bool:
    """Whether a job reads only files; a camera, a stream or a pipe may have nothing for long."""
    return os.path.isfile(job.input) or names_images(job.input)


class _Worker:
    """A worker process, as seen from the process that started it.

    Attributes
    ----------
    job : Job or None
        The job that it runs.
    begin_s, heard_s : float
        When the job was given to it, and when it sent the last message.
    has_started : bool
        Whether it has begun to work on the job.
    is_used : bool
        Whether it has been given a job.
    is_stalled : bool
        Whether it made no progress and is being killed.
    """

    def __init__(self, settings: Settings, share: set[int]) -> None:
        self.share = share
        self.job: Job | None = None
        self.begin_s = self.heard_s = monotonic()
        self.has_started = self.is_used = self.is_stalled = False
        context = multiprocessing.get_context("spawn")  # a fork would copy locks held by threads
        self.connection, remote = context.Pipe()
        self.process = context.Process(
            target=work, args=(remote, settings, share, logger.level), daemon=True
        )
        self.process.start()
        remote.close()

    @property
    def fate(self) -> str:
        """How the process has ended."""
        code = self.process.exitcode or 0
        if code >= 0:
            return f"exit code {code}"
        name = signal.Signals(-code).name if -code in {*signal.Signals} else "unknown"
        hint = "; perhaps memory ran out" if name == "SIGKILL" else ""
        return f"signal {-code} ({name}{hint})"

    def start(self, job: Job) -> None:
        """Give it a job."""
        self.job, self.is_used, self.has_started = job, True, False
        self.begin_s = self.heard_s = monotonic()
        self.send(job)

    def send(self, request: Job | Prepare) -> None:
        """Send a request; if the worker has died, `receive` reports it."""
        with suppress(OSError):
            self.connection.send(request)

    def receive(self) -> Message | None:
        """Return the next message; None if the worker has died."""
        self.heard_s = monotonic()
        try:
            message: Message = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(_EXIT_S)
            self.process.kill()  # if only its connection has ended
            self.process.join()
            return None
        self.has_started |= isinstance(message, Started)
        return message
