"""`vitruvian bench`: how fast this machine tracks people."""

import json
import platform
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian import __version__
from vitruvian.cli import options as opt
from vitruvian.runs.cores import n_cores

if TYPE_CHECKING:
    from vitruvian.core.frame import Frame
    from vitruvian.track.tracker import PoseTracker

__all__ = ["bench"]

PASSES = 3


@opt.engine_options(
    "num_poses",
    "model",
    "models_dir",
    "profile",
    "backend",
    "device",
    "threads",
    "precision",
    "segmentation",
    before="limit",
)
def bench(
    input_: Annotated[
        str | None,
        typer.Argument(metavar="INPUT", help="Video or images.  [default: the packaged clip]"),
    ] = None,
    limit: opt.Limit = 200,
    report: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", dir_okay=False, help="Also write the results to this file."
        ),
    ] = None,
    verbose: opt.Verbose = False,
    **options: Any,
) -> None:
    """Measure how fast this machine tracks people.

    Prints the time per frame, per stage, and of the start-up. The clip is decoded into memory
    first, so only the tracker is timed, in three passes.
    """
    from vitruvian.cli.progress import fetch_models
    from vitruvian.cli.report import print_times

    if report is not None and not report.parent.is_dir():
        raise ValueError(f"can't write {str(report)!r}: there is no folder {str(report.parent)!r}")
    fetch_models(options["model"], options["models_dir"])
    tracker, start_up = _started(**options)
    with tracker:
        frames = _decoded(input_, limit)
        begin = perf_counter()
        tracker.update(frames[0])
        start_up["first_result_s"] = perf_counter() - begin
        times_ms = _times_ms(tracker, frames)
        stages = tracker.stats
    figures = {
        "version": __version__,
        "clip": input_ or "packaged",
        "frame_wh": [frames[0].width, frames[0].height],
        "n_frames": len(times_ms),
        **{name: value for name, value in options.items() if name != "models_dir"},
        **start_up,
        "median_ms": median(times_ms),
        "p95_ms": quantiles(times_ms, n=20, method="inclusive")[-1],
        "fps": 1e3 * len(times_ms) / sum(times_ms),
        "stages": {name: asdict(times) for name, times in stages.items()},
        "machine": _machine(),
    }
    typer.echo(_summary(figures))
    print_times(stages)
    if report is not None:
        report.write_text(json.dumps(figures, indent=2) + "\n")


def _started(**options: Any) -> "tuple[PoseTracker, dict[str, float]]":
    """Return a tracker, and the times of its import and of its construction."""
    begin = perf_counter()
    from vitruvian.track.tracker import PoseTracker

    imported = perf_counter()
    tracker = PoseTracker(**options)
    return tracker, {"import_s": imported - begin, "load_s": perf_counter() - imported}


def _decoded(input_: str | None, limit: int | None) -> "list[Frame]":
    from vitruvian.cli.demo import packaged_clip
    from vitruvian.media import open_input

    with ExitStack() as stack:
        source = open_input(input_ or stack.enter_context(packaged_clip()))
        return list(islice(stack.enter_context(source), limit))


def _times_ms(tracker: "PoseTracker", frames: "list[Frame]") -> list[float]:
    """Return the time of each frame, in several passes because a clip may be short."""
    times_ms: list[float] = []
    for _ in range(PASSES):
        tracker.reset()
        for frame in frames:
            begin = perf_counter()
            tracker.update(frame)
            times_ms.append((perf_counter() - begin) * 1e3)
    return times_ms


def _machine() -> dict[str, str | int]:
    """Return the system, the cores and the Python version."""
    cores = n_cores()
    return {"system": platform.platform(), "cores": cores, "python": platform.python_version()}


def _summary(figures: dict[str, Any]) -> str:
    width, height = figures["frame_wh"]
    start_s = figures["import_s"] + figures["load_s"] + figures["first_result_s"]
    return (
        f"{figures['clip']}, {width}x{height}, model {figures['model']}: "
        f"median {figures['median_ms']:.2f} ms, p95 {figures['p95_ms']:.2f} ms a frame, "
        f"{figures['fps']:.1f} frames/s\n"
        f"start-up {start_s:.2f} s: import {figures['import_s']:.2f}, "
        f"load {figures['load_s']:.2f}, first result {figures['first_result_s']:.2f}"
    )
