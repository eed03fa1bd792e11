"""LocalExecutor: jobs one after the other, in this process."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from vitruvian.runs.runner import JobRunner
from vitruvian.runs.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.runs.executor import Events, FetchModels
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

__all__ = ["LocalExecutor"]


class LocalExecutor:
    """Runs jobs one after the other, on the thread that iterates over the events.

    Parameters
    ----------
    fetch_models : callable, optional
        As for `JobRunner`.

    Examples
    --------
        for event in LocalExecutor().run(planned_jobs(["walk.mp4"]), Settings()):
            print(event)
    """

    def __init__(self, fetch_models: FetchModels | None = None) -> None:
        self._fetch_models = fetch_models

    def run(self, jobs: Sequence[Job], settings: Settings, stop: Stop | None = None) -> Events:
        """Run all jobs, as in `Executor.run`."""
        if not jobs:
            return
        stop = stop or Stop()
        with JobRunner(settings, self._fetch_models) as runner:
            runner.prepare(jobs[0])  # a wrong option is one error, not one for each job
            for job in jobs:
                if stop.is_requested:
                    return
                with closing(runner.run_safely(job, stop)) as events:
                    yield from events
