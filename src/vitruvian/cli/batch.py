"""Several inputs: one after the other, or in processes at once; one that fails stops no other."""

from __future__ import annotations

import logging
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import typer

from vitruvian.cli.job import Engines, Failure, attempt
from vitruvian.cli.loop import Run
from vitruvian.cli.progress import BatchProgress
from vitruvian.cli.report import fate, print_run, print_stages
from vitruvian.cli.workers import run_in_processes
from vitruvian.media.address import names_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vitruvian.cli.job import Job, Settings

    Tell = Callable[[Job, int, int | None], None]
    Outcomes = Mapping[Job, Run | Failure]

__all__ = ["run_batch"]

logger = logging.getLogger(__name__)


def run_batch(
    jobs: Sequence[Job],
    settings: Settings,
    *,
    n_processes: int,
    quiet: bool = False,
    stats: bool = False,
) -> None:
    """Run all jobs; print what each came to, and at the end which failed and why.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C or SIGTERM ended it.
    typer.Exit
        With code 1 if a job failed.
    """
    begin = perf_counter()
    outcomes: dict[Job, Run | Failure] = {}
    with BatchProgress(len(jobs), hidden=quiet) as bars:
        for job, outcome in _outcomes(jobs, settings, n_processes, bars.tell):
            bars.end(job)
            outcomes[job] = outcome
            if isinstance(outcome, Run) and not outcome.is_interrupted:
                if not quiet:
                    print_run(outcome, job.outputs)
                if stats:
                    print_stages(outcome)
    if not quiet:
        _print_sum(outcomes, perf_counter() - begin)
    _report_losses(outcomes)
    if len(_done(outcomes)) + len(_failures(outcomes)) < len(jobs):
        raise KeyboardInterrupt(
            f"interrupted after {len(_done(outcomes))} of {len(jobs)} inputs: "
            "--resume does the others"
        )
    if _failures(outcomes):
        raise typer.Exit(1)


def _outcomes(
    jobs: Sequence[Job], settings: Settings, n_processes: int, tell: Tell
) -> Iterator[tuple[Job, Run | Failure]]:
    """Yield what becomes of each job, until one is interrupted."""
    with Engines(settings) as engines:
        # A wrong option is one error here, not one for each input, and networks are compiled once.
        engines.open(for_images=names_images(jobs[0].input))
        if n_processes == 1:
            for job in jobs:
                outcome = attempt(job, engines, partial(tell, job))
                yield job, outcome
                if isinstance(outcome, Run) and outcome.is_interrupted:
                    return
            return
    yield from run_in_processes(jobs, settings, n_processes=n_processes, tell=tell)


def _done(outcomes: Outcomes) -> list[Run]:
    return [o for o in outcomes.values() if isinstance(o, Run) and not o.is_interrupted]


def _failures(outcomes: Outcomes) -> list[Failure]:
    return [o for o in outcomes.values() if isinstance(o, Failure)]


def _print_sum(outcomes: Outcomes, seconds: float) -> None:
    n_frames = sum(run.n_frames for run in _done(outcomes))
    n_failed = len(_failures(outcomes))
    failed = f", {n_failed} failed" if n_failed else ""
    typer.echo(
        f"{len(outcomes)} inputs{failed}: {n_frames} frames, {n_frames / seconds:.1f} frames/s"
    )


def _report_losses(outcomes: Outcomes) -> None:
    """Say on the error stream what was interrupted and what failed."""
    for job, outcome in outcomes.items():
        if isinstance(outcome, Failure):
            typer.echo(f"error: {job.name}: {outcome.message}", err=True)
            logger.info("%s", outcome.trace)
        elif outcome.is_interrupted:
            typer.echo(f"{job.name}: {fate(outcome, job.outputs)}", err=True)
