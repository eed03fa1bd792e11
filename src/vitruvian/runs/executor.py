"""Executor: the protocol of everything that can run jobs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.runs.events import Event
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings
    from vitruvian.runs.stop import Stop

__all__ = ["Events", "Executor", "FetchModels", "fetch"]

Events = Generator["Event", None, None]

FetchModels = Callable[[str | Path, str | Path | None], object]
"""Downloads what a model needs: called with the model and the folder of model files or None."""


def fetch(settings: Settings, fetch_models: FetchModels | None) -> None:
    """Call `fetch_models` with the model of the settings, if it is given by name or path."""
    options = settings.options
    if fetch_models is not None and isinstance(options.model, str | Path):
        fetch_models(options.model, options.models_dir)


class Executor(Protocol):
    """Runs jobs and reports events as they happen."""

    def run(self, jobs: Sequence[Job], settings: Settings, stop: Stop | None = None) -> Events:
        """Run all jobs and yield their events; an error of one job does not end the others.

        Each job that is started yields `Started`, then `Progress` several times, then `Finished` or
        `Failed`. Closing the generator ends the running jobs; their frames so far are kept as
        after an error. Log records of jobs go to the logger "vitruvian" of this process.

        Parameters
        ----------
        jobs : sequence of Job
            Different from each other.
        settings : Settings
            Of all jobs.
        stop : Stop, optional
            After its `request`, running jobs end after their current frame and no other job starts.

        Raises
        ------
        Exception
            If the networks can't be opened with these settings.
        """
        ...
