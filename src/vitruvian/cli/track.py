"""`vitruvian track`: images, videos, streams and cameras to landmark files and videos."""

from pathlib import Path
from typing import Annotated, Any

import typer

from vitruvian.cli import options as opt

__all__ = ["track"]

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Image, folder of images, 'pattern*.jpg', video file, stream URL, camera number or "
        "'-' for standard input; one or several.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Output file; repeatable. The suffix selects the format: landmarks as .jsonl .json "
        ".csv .parquet .wide.parquet .npz; the poses drawn as .mp4 .mov .mkv, as .png .jpg for "
        "one image, as '{frame:06d}.png' for many. '{name}' is replaced by the name of the input.  "
        "[default: {name}.jsonl and {name}.annotated.mp4, or .png for an image, or a folder for "
        "many]",
        show_default=False,
    ),
]

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        min=1,
        help="Inputs processed in parallel, each in its own process.  [default: one for each core]",
        show_default=False,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Skip inputs whose outputs are complete and not older than the input."
    ),
]
Show = Annotated[
    bool,
    typer.Option(
        "--show",
        help="Show the poses in a window; q, Esc or closing it ends the run. One input only.",
    ),
]


@opt.engine_options(
    "num_poses",
    "model",
    "models_dir",
    "profile",
    "backend",
    "device",
    "threads",
    "precision",
    "detection_confidence",
    "presence_confidence",
    "tracking_confidence",
    "segmentation",
    "force_detection",
    "crop",
    "id_memory_s",
    "association_iou",
    "smoothing",
    before="no_smoothing",
)
def track(  # noqa: PLR0913 - the options are the interface
    inputs: Inputs,
    output: Outputs = None,
    jobs: Jobs = None,
    resume: Resume = False,
    show: Show = False,
    no_smoothing: opt.NoSmoothing = False,
    rotation: opt.Rotation = 0,
    skeleton: opt.Skeleton = True,
    landmarks: opt.Landmarks = True,
    box: opt.Box = False,
    roi: opt.Region = False,
    score: opt.Score = False,
    fps: opt.Fps = False,
    tint: opt.Tint = True,
    realtime: opt.Realtime = False,
    limit: opt.Limit = None,
    stats: opt.Stats = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Find people in images, videos, streams and cameras.

    Writes 33 landmarks per person and frame, and the frames with the poses drawn. Images are
    processed independently; in videos, streams and cameras people are tracked.
    """
    from vitruvian.cli.jobs import run_job, run_jobs
    from vitruvian.draw.style import Style
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.runs.plan import is_complete, planned_jobs
    from vitruvian.runs.settings import Settings

    if no_smoothing:
        engine["smoothing"] = 0.0
    settings = Settings(
        options=TrackerOptions(**engine, smooth_segmentation=engine["smoothing"] > 0),
        style=Style(
            skeleton=skeleton,
            landmarks=landmarks,
            box=box,
            roi=roi,
            score=score,
            fps=fps,
            mask=tint,
        ),
        rotation_deg=rotation,
        limit=limit,
        realtime=realtime,
    )
    planned = planned_jobs(inputs, output or ())
    if show and len(planned) > 1:
        raise ValueError(f"--show must have a single input, got {len(planned)}")
    to_do = []
    for job in planned:
        if not (resume and is_complete(job)):
            to_do.append(job)
        elif not quiet:
            typer.echo(f"skipped {job.name}: its outputs are complete")
    if len(to_do) == 1:
        run_job(to_do[0], settings, quiet=quiet, stats=stats, show=show)
    elif to_do:
        run_jobs(to_do, settings, n_processes=jobs, quiet=quiet, stats=stats)
