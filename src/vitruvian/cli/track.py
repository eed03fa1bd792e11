"""`vitruvian track`: images, videos, streams and cameras to landmark files and videos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import camera, motion, oak_options
from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

__all__ = ["FORMATS", "track"]

FORMATS = """\b
Formats of --output:
  .jsonl .json .csv .npz .parquet .wide.parquet
      Landmarks.
  .mp4 .mov .mkv .png .jpg .jpeg
      The poses drawn; many images as '{frame:06d}.png'.
  .glb .vrma .bvh
      Animated figure of one person; with '{id}' in the name, of each person.
  .trc .c3d .mot
      Markers or angles of one person, for OpenSim; with '{id}' of each person.
  .coco.json .annotations.coco.json
      COCO results and annotations.
  '{frame:012d}_keypoints.json' or '….coco_keypoints.json' or '….blazepose_keypoints.json'
      OpenPose, one file for each frame: BODY_25, COCO or all 33 landmarks.
  .nc .world.nc .dlc.csv
      NetCDF of image or world landmarks; table of DeepLabCut.
  vmc://HOST:PORT
      Sends the pose of one person to an avatar.
"""

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Image, folder of images, 'pattern*.jpg', video file, stream URL, camera number, "
        "'oak', 'oak:IP' or 'oak-virtual' for an OAK camera, or '-' for standard input; one or "
        "several.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Output file; repeatable. The suffix selects the format: see below. '{name}' is "
        "replaced by the name of the input, '{folder}' by its folder.  [default: {name}.jsonl and "
        "{name}.annotated.mp4, or .png for an image, or a folder for many]",
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
Stall = Annotated[
    float,
    typer.Option(
        "--stall",
        metavar="S",
        min=0,
        help="With several inputs: time without progress, in s, after which an input is started "
        "anew, and the second time given up; 0 for no limit.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Skip inputs whose outputs are complete, and made from the same input with the same "
        "options.",
    ),
]
Reps = Annotated[
    str | None,
    typer.Option(
        "--reps",
        metavar="EXERCISE",
        help="Count the repetitions of an exercise and draw the count: squat, lunge, push_up, "
        "curl, press, sit_up, jumping_jack, deadlift, lateral_raise or high_knees.",
        show_default=False,
    ),
]
Show = Annotated[
    bool,
    typer.Option(
        "--show",
        help="Show the poses in a window; q, Esc or closing it ends the run. One input only.",
    ),
]
SmoothAfter = Annotated[
    float | None,
    typer.Option(
        "--smooth-after",
        metavar="HZ",
        min=0.01,
        help="Track without smoothing, then filter the whole video without lag, with this cutoff: "
        "3 to 6 for walking, 6 to 15 for running. Annotated videos and images decode the video a "
        "second time. Video files only.",
        show_default=False,
    ),
]
CocoImages = Annotated[
    Path | None,
    typer.Option(
        "--coco-images",
        metavar="FILE",
        help="For .coco.json: COCO file whose 'images' give the ID of each image by its file name.",
        show_default=False,
    ),
]


@oak_options.taken_options(before="camera_space")
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
    "reach",
    "prefer",
    "follow",
    "id_memory_s",
    "association_iou",
    "smoothing",
    before="no_smoothing",
)
def track(  # noqa: PLR0913 - the options are the interface
    inputs: Inputs,
    output: Outputs = None,
    jobs: Jobs = None,
    stall: Stall = 120,
    resume: Resume = False,
    show: Show = False,
    no_smoothing: opt.NoSmoothing = False,
    smooth_after: SmoothAfter = None,
    rotation: opt.Rotation = 0,
    skeleton: opt.Skeleton = True,
    landmarks: opt.Landmarks = True,
    hidden: opt.Hidden = True,
    box: opt.Box = False,
    roi: opt.Region = False,
    score: opt.Score = False,
    fps: opt.Fps = False,
    tint: opt.Tint = True,
    camera_space: camera.CameraSpace = False,
    calibration: camera.Calibration = None,
    focal: camera.Focal = None,
    fov: camera.Fov = None,
    height: motion.BodyHeight = None,
    person: motion.PersonId = None,
    up: motion.MotionUp = "body",
    tilt: motion.Tilt = None,
    root: motion.MotionRoot = "auto",
    markers: motion.MarkerNames = "pose2sim",
    realtime: opt.Realtime = False,
    limit: opt.Limit = None,
    coco_images: CocoImages = None,
    reps: Reps = None,
    stats: opt.Stats = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Find people in images, videos, streams and cameras.

    Writes 33 landmarks per person and frame, and the frames with the poses drawn. Images are
    processed independently; in videos, streams and cameras people are tracked.
    """
    from vitruvian.analysis.filtering import Filtering
    from vitruvian.cli.jobs import run_job, run_jobs
    from vitruvian.draw.style import Style
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.runs.plan import planned_jobs
    from vitruvian.runs.settings import Settings

    if no_smoothing:
        if engine["smoothing"] not in (0, opt.FIELDS["smoothing"].default):
            raise ValueError("--no-smoothing and --smoothing must not be given together")
        engine["smoothing"] = 0.0
    if coco_images is not None and not coco_images.is_file():
        raise ValueError(f"--coco-images must be a file, got {str(coco_images)!r}")
    if smooth_after is not None:
        if engine["smoothing"] not in (0, opt.FIELDS["smoothing"].default):
            raise ValueError("--smooth-after tracks without smoothing: leave out --smoothing")
        if realtime:
            raise ValueError("--smooth-after and --realtime must not be given together")
    placing = camera.camera_options(
        wanted=camera_space, calibration=calibration, focal=focal, fov=fov, height=height
    )
    oak = oak_options.oak_options(engine, inputs, rotation_deg=rotation)
    settings = Settings(
        options=TrackerOptions(**engine, smooth_segmentation=engine["smoothing"] > 0),
        style=Style(
            skeleton=skeleton,
            landmarks=landmarks,
            hidden=hidden,
            box=box,
            roi=roi,
            score=score,
            fps=fps,
            mask=tint,
        ),
        rotation_deg=rotation,
        limit=limit,
        realtime=realtime,
        filtering=None if smooth_after is None else Filtering(cutoff_hz=smooth_after),
        coco_images=None if coco_images is None else str(coco_images),
        motion=motion.motion_options(
            person=person,
            height=motion.height_to_scale(height, root, is_placed=placing is not None),
            smooth=None if smooth_after is None else 0.0,  # not twice
            up=up,
            tilt=tilt,
            root=root,
            markers=markers,
        ),
        camera_space=placing,
        oak=oak,
        exercise=reps,
    )
    planned = planned_jobs(inputs, output or ())
    _check_folders(planned)
    if show and len(planned) > 1:
        raise ValueError(f"--show must have a single input, got {len(planned)}")
    to_do = _incomplete(planned, settings, quiet=quiet) if resume else planned
    if to_do and len(planned) == 1:
        run_job(to_do[0], settings, quiet=quiet, stats=stats, show=show)
    elif to_do:
        run_jobs(to_do, settings, n_processes=jobs, stall_s=stall or None, quiet=quiet, stats=stats)


def _incomplete(jobs: "list[Job]", settings: "Settings", *, quiet: bool) -> "list[Job]":
    """Return the jobs that are to be run; print which are skipped, and why others run again."""
    from vitruvian.runs.resume import has_files, reason_to_run

    to_do = []
    for job in jobs:
        reason = reason_to_run(job, settings)
        if reason is not None:
            to_do.append(job)
        if quiet:
            continue
        if reason is None:
            typer.echo(f"skipped {job.name}: its outputs are complete")
        elif any(map(has_files, job.outputs)):
            typer.echo(f"{job.name}: tracked again: {reason}")
    return to_do


def _check_folders(jobs: "Sequence[Job]") -> None:
    """Raise ValueError if an output is to be written to a folder that does not exist."""
    for job in jobs:
        for path in job.outputs:
            if path.parent not in job.folders and not path.parent.is_dir():
                raise ValueError(
                    f"can't write {str(path)!r}: there is no folder {str(path.parent)!r}"
                )
