"""Batch runs: inputs in, output files out, with progress as events.

Examples
--------
Track two videos, from any thread::

    import vitruvian as vt
    from vitruvian import runs

    jobs = runs.planned_jobs(["walk.mp4", "dance.mp4"], ["{name}.csv"])
    settings = runs.Settings(options=vt.TrackerOptions("lite", num_poses=2))
    for event in runs.LocalExecutor().run(jobs, settings):
        if isinstance(event, runs.Progress):
            print(event.job.name, event.n_done, event.n_total)
        elif isinstance(event, runs.Failed):
            print(event.job.name, event.message)

`ProcessExecutor` runs several jobs at once. To end a run early, give it a `Stop` and call its
`request` from another thread.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.runs.events import Event, Failed, Finished, Progress, RunSummary, Started
    from vitruvian.runs.executor import Executor
    from vitruvian.runs.job import Job
    from vitruvian.runs.local import LocalExecutor
    from vitruvian.runs.plan import planned_jobs
    from vitruvian.runs.processes import ProcessExecutor
    from vitruvian.runs.resume import is_complete, reason_to_run
    from vitruvian.runs.runner import JobRunner
    from vitruvian.runs.samples import samples_from_images
    from vitruvian.runs.settings import Settings
    from vitruvian.runs.stop import Stop

_MODULES = {
    "Event": "events",
    "Executor": "executor",
    "Failed": "events",
    "Finished": "events",
    "Job": "job",
    "JobRunner": "runner",
    "LocalExecutor": "local",
    "ProcessExecutor": "processes",
    "Progress": "events",
    "RunSummary": "events",
    "Settings": "settings",
    "Started": "events",
    "Stop": "stop",
    "is_complete": "resume",
    "planned_jobs": "plan",
    "reason_to_run": "resume",
    "samples_from_images": "samples",
}

__all__ = [
    "Event",
    "Executor",
    "Failed",
    "Finished",
    "Job",
    "JobRunner",
    "LocalExecutor",
    "ProcessExecutor",
    "Progress",
    "RunSummary",
    "Settings",
    "Started",
    "Stop",
    "is_complete",
    "planned_jobs",
    "reason_to_run",
    "samples_from_images",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use: planning jobs must not load the engine."""
    if name not in _MODULES:
        raise AttributeError(f"module 'vitruvian.runs' has no attribute {name!r}")
    value = getattr(import_module(f"vitruvian.runs.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
