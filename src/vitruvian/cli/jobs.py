"""Runs the jobs of a command: draws progress bars from their events and prints their results."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing, suppress
from time import perf_counter
from typing import TYPE_CHECKING

import typer

from vitruvian.cli.lines import print_line
from vitruvian.cli.progress import BatchProgress, FrameProgress, fetch_models
from vitruvian.cli.report import interruption_text, print_stages, print_summary
from vitruvian.cli.signals import stop_on_signals
from vitruvian.errors import VitruvianError
from vitruvian.media.one_pass import is_inherited
from vitruvian.runs.events import Failed, Finished, Progress
from vitruvian.runs.local import LocalExecutor
from vitruvian.runs.messages import error_line
from vitruvian.runs.oak import needs_device
from vitruvian.runs.processes import STALL_S, ProcessExecutor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitruvian.export.preview import Preview
    from vitruvian.runs.events import RunSummary
    from vitruvian.runs.executor import Executor
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings
    from vitruvian.runs.stop import Stop

    Results = Mapping[Job, RunSummary | Failed]

__all__ = ["run_job", "run_jobs"]

logger = logging.getLogger(__name__)


def run_job(
    job: Job, settings: Settings, *, quiet: bool = False, stats: bool = False, show: bool = False
) -> None:
    """Run a single job with a progress bar, and print its summary.

    Parameters
    ----------
    show : bool
        Whether a window shows the poses. Closing it ends the run; the window of a single image
        stays open until it is closed.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C, SIGTERM, SIGHUP or the window ended it; the message says what is kept.
    """
    with ExitStack() as opened:
        stop = opened.enter_context(stop_on_signals())
        preview = opened.enter_context(_opened_preview(job, settings, stop)) if show else None
        summary = _summary_of(job, settings, stop, preview, quiet=quiet)
        if not quiet:
            print_summary(job, summary)
        if stats:
            print_stages(summary)
        if summary.is_interrupted:
            raise KeyboardInterrupt(interruption_text(job, summary))
        if preview is not None and summary.n_frames == 1:
            with suppress(KeyboardInterrupt):
                preview.wait()


def _opened_preview(job: Job, settings: Settings, stop: Stop) -> Preview:
    from vitruvian.export.preview import Preview

    return Preview(job.name, stop.request, style=settings.style)


def _summary_of(
    job: Job, settings: Settings, stop: Stop, preview: Preview | None, *, quiet: bool
) -> RunSummary:
    """Run a job with a progress bar; return its figures."""
    from vitruvian.runs.runner import JobRunner  # not for several jobs: only workers need it

    on_result = None if preview is None else preview.show
    has_begun = False
    try:
        with (
            JobRunner(settings, fetch_models, on_result=on_result) as runner,
            FrameProgress(job.name, hidden=quiet) as bar,
            closing(runner.run(job, stop)) as events,
        ):
            for event in events:
                bar.update(event)
                has_begun |= isinstance(event, Progress)
                if isinstance(event, Finished):
                    summary = event.summary
    except (ValueError, TypeError) as error:
        if has_begun:  # the command line was right, and the frames are not
            raise VitruvianError(error_line(error)) from error
        raise
    return summary


def run_jobs(
    jobs: Sequence[Job],
    settings: Settings,
    *,
    n_processes: int | None = None,
    stall_s: float | None = STALL_S,
    quiet: bool = False,
    stats: bool = False,
) -> None:
    """Run several jobs; print the summary of each, and at the end which ones failed and why.

    Parameters
    ----------
    n_processes : int, optional
        Maximum number of jobs that run at once; one for each core by default.
    stall_s : float or None
        As for `ProcessExecutor`.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C, SIGTERM or SIGHUP ended it.
    typer.Exit
        With code 1 if a job failed.
    """
    begin = perf_counter()
    executor: Executor
    # Workers have no standard input, and can't share a device.
    if any(is_inherited(job.input) or needs_device(job.input, settings) for job in jobs):
        executor = LocalExecutor(fetch_models)
    else:
        executor = ProcessExecutor(n_processes, fetch_models, stall_s=stall_s)
    results: dict[Job, RunSummary | Failed] = {}
    with (
        stop_on_signals() as stop,
        BatchProgress(len(jobs), hidden=quiet) as bars,
        closing(executor.run(jobs, settings, stop)) as events,
    ):
        for event in events:
            bars.update(event)
            if isinstance(event, Failed):
                results[event.job] = event
            elif isinstance(event, Finished):
                results[event.job] = event.summary
                _print_finished(event, quiet=quiet, stats=stats)
    if not quiet:
        _print_total(results, perf_counter() - begin)
    _report_problems({job: results[job] for job in jobs if job in results})
    n_done, n_failed = len(_completed(results)), len(_failures(results))
    if n_done + n_failed < len(jobs):
        raise KeyboardInterrupt(
            f"interrupted after {n_done} of {len(jobs)} inputs: --resume tracks the others"
        )
    if n_failed:
        raise typer.Exit(1)


def _print_finished(event: Finished, *, quiet: bool, stats: bool) -> None:
    if event.summary.is_interrupted:
        return  # reported at the end
    if not quiet:
        print_summary(event.job, event.summary)
    if stats:
        print_stages(event.summary)


def _completed(results: Results) -> list[RunSummary]:
    return [r for r in results.values() if not isinstance(r, Failed) and not r.is_interrupted]


def _failures(results: Results) -> list[Failed]:
    return [result for result in results.values() if isinstance(result, Failed)]


def _print_total(results: Results, seconds: float) -> None:
    summaries = [result for result in results.values() if not isinstance(result, Failed)]
    n_frames = sum(summary.n_frames for summary in summaries)
    n_failed = len(_failures(results))
    n_interrupted = len(summaries) - len(_completed(results))
    failed = f", {n_failed} failed" if n_failed else ""
    interrupted = f", {n_interrupted} interrupted" if n_interrupted else ""
    inputs = "1 input" if len(results) == 1 else f"{len(results)} inputs"
    print_line(
        f"{inputs}{failed}{interrupted}: {n_frames} frames, {n_frames / seconds:.1f} frames/s"
    )


def _report_problems(results: Results) -> None:
    """Print to the error stream which jobs failed and which were interrupted."""
    for job, result in results.items():
        if isinstance(result, Failed):
            print_line(f"error: {job.name}: {result.kind}: {result.message}", err=True)
            logger.info("%s", result.trace)
        elif result.is_interrupted:
            print_line(f"{job.name}: {interruption_text(job, result)}", err=True)
