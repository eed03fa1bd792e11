"""JobQueue: jobs one after the other, on a thread of their own."""

from __future__ import annotations

import logging
from collections import deque
from functools import partial
from threading import Condition, Thread
from typing import TYPE_CHECKING

from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.studio.tracking_job import TrackingJob

__all__ = ["JobQueue"]

CLOSE_S = 2.0  # for the running job to end
MAX_WAITING = 20  # jobs

logger = logging.getLogger(__name__)


class JobQueue:
    """The jobs of a studio: one runs, the others wait."""

    def __init__(self) -> None:
        self._jobs: dict[str, TrackingJob] = {}
        self._waiting: deque[tuple[TrackingJob, Callable[[], None]]] = deque()
        self._changed = Condition()
        self._thread: Thread | None = None
        self._is_open = True

    def add(self, job: TrackingJob) -> None:
        """Add a job that has ended."""
        with self._changed:
            self._jobs[job.id] = job

    def start(
        self, new_job: Callable[[], TrackingJob], run: Callable[[TrackingJob], None]
    ) -> TrackingJob:
        """Make a job and run it when its turn comes; return it.

        Raises
        ------
        ApiError
            If too many jobs wait.
        """
        with self._changed:
            self._waiting = deque(each for each in self._waiting if not each[0].has_ended)
            if len(self._waiting) >= MAX_WAITING:
                raise ApiError(409, "too_many_jobs", f"{MAX_WAITING} jobs wait", "stop one of them")
            job = new_job()
            self._jobs[job.id] = job
            self._waiting.append((job, partial(run, job)))
            if self._thread is None:
                self._thread = Thread(target=self._work, name="studio jobs", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return job

    def job(self, id_: str) -> TrackingJob:
        """Return a job by its ID; `ApiError` if there is none."""
        job = self._jobs.get(id_)
        if job is None:
            raise ApiError(404, "no_job", "there is no such job", "its file may have been closed")
        return job

    def of_file(self, file: str) -> list[TrackingJob]:
        """Return the jobs of a file, the oldest first."""
        return [job for job in list(self._jobs.values()) if job.file == file]

    def forget(self, job: TrackingJob) -> None:
        """Stop a job, wait for its end, and remove it and its files."""
        job.stop()
        with self._changed:
            self._changed.wait_for(lambda: job.has_ended, CLOSE_S)
            self._jobs.pop(job.id, None)
        job.remove()

    def close(self) -> None:
        """Stop all jobs."""
        with self._changed:
            self._is_open = False
            for job in self._jobs.values():
                job.stop()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSE_S)
        for job in list(self._jobs.values()):
            job.close()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or not self._is_open)
                if not self._is_open:
                    return
                job, run = self._waiting.popleft()
            try:
                run()
            except Exception as error:  # a bug must not end the other jobs
                logger.exception("a job failed")
                job.error, job.state = f"{type(error).__name__}: {error}", "failed"
            with self._changed:
                self._changed.notify_all()
