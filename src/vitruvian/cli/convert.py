"""`vitruvian convert`: a file of results to other formats, without tracking again."""

import logging
import reprlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import camera, motion
from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import MotionOptions

__all__ = ["convert"]

logger = logging.getLogger(__name__)

Results = Annotated[
    str,
    typer.Argument(
        metavar="RESULTS",
        help="File of results: .jsonl .json .csv .parquet .npz.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="OUTPUT...",
        help="Output files, one or several. The suffix selects the format: any of 'vitruvian "
        "track' but images and videos. '{name}' is replaced by the name of RESULTS, '{folder}' by "
        "its folder; with '{id}', formats of one person write one file for each.",
        show_default=False,
    ),
]


def convert(  # noqa: PLR0913 - the options are the interface
    results: Results,
    outputs: Outputs,
    person: motion.PersonId = None,
    height: motion.BodyHeight = None,
    smooth: motion.Smooth = None,
    up: motion.MotionUp = "body",
    tilt: motion.Tilt = None,
    root: motion.MotionRoot = "auto",
    markers: motion.MarkerNames = "pose2sim",
    camera_space: camera.CameraSpace = False,
    calibration: camera.Calibration = None,
    focal: camera.Focal = None,
    fov: camera.Fov = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Convert results to other formats.

    Writes the same files as 'vitruvian track' with the same options.
    """
    from vitruvian.analysis.filtering import Filtering, filtered
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.sequence import PoseSequence
    from vitruvian.export import load_provenance, load_results, needs_frames, open_output
    from vitruvian.lift.placer import placed_results
    from vitruvian.runs.plan import planned_jobs
    from vitruvian.runs.resume import has_files

    (job,) = planned_jobs([results], outputs)
    for path in job.outputs:
        if needs_frames(path):
            raise ValueError(f"{str(path)!r} needs the frames: use vitruvian track")
    placing = camera.camera_options(
        wanted=camera_space, calibration=calibration, focal=focal, fov=fov, height=height
    )
    loaded = load_results(job.input)
    provenance = load_provenance(job.input)
    if placing is not None:
        loaded = placed_results(loaded, placing)
        provenance = replace(provenance or Provenance(), camera=_camera_of(loaded, results))
    if smooth:
        loaded = filtered(
            PoseSequence.from_results(loaded), Filtering(cutoff_hz=smooth)
        ).to_results()
    options = motion.motion_options(
        person=person,
        height=motion.height_to_scale(height, root, is_placed=_is_to_scale(provenance)),
        smooth=smooth and 0.0,  # not twice
        up=up,
        tilt=tilt,
        root=root,
        markers=markers,
    )
    _check_people(loaded, person, root)
    changes: dict[str, Any] = {} if placing is None else {"camera_space": placing.to_dict()}
    if smooth:
        changes["smooth_hz"] = smooth
    provenance = _converted(provenance, options, changes)
    for folder in job.folders:
        folder.mkdir(parents=True, exist_ok=True)
    with open_output(*job.outputs, provenance=provenance, motion=options) as sink:
        for result in loaded:
            sink.write(result)
    if not quiet:
        for path in filter(has_files, job.outputs):  # with {id}: unless nobody was found
            typer.echo(f"wrote {path}")


def _check_people(results: "list[PoseResult]", person: int | None, root: str) -> None:
    """Raise ValueError for what no person has, before a file is begun."""
    poses = [pose for result in results for pose in result]
    ids = sorted({pose.id for pose in poses if pose.id is not None})
    if person is not None and ids and person not in ids:
        raise ValueError(f"--person must be one of {reprlib.repr(ids)}, got {person}")
    if root == "camera" and not any(pose.camera is not None for pose in poses):
        raise ValueError("--root camera needs results with positions from the camera")


def _camera_of(results: "list[PoseResult]", name: str) -> "Mapping[str, Any] | None":
    """Return the camera of placed results; warn if its focal length is assumed."""
    from vitruvian.runs.messages import assumed_focal_line

    record = results[0].provenance.camera if results and results[0].provenance else None
    if record is not None and record["is_assumed"]:
        logger.warning("%s: %s", name, assumed_focal_line(record["focal_px"]))
    return record


def _is_to_scale(provenance: "Provenance | None") -> bool:
    """Return whether positions in camera space were scaled to the body height."""
    record = None if provenance is None else provenance.camera
    return record is not None and record.get("height_m") is not None


def _converted(
    provenance: "Provenance | None", options: "MotionOptions", changes: dict[str, Any]
) -> "Provenance | None":
    """Return the provenance of the outputs: that of the results, with what was done to them.

    So `vitruvian track --resume` does not take changed results for its own.
    """
    if provenance is None or provenance.run is None:
        return provenance
    run = {**provenance.run, "motion": dict(sorted(asdict(options).items()))}
    if changes:
        run["settings"] = {**run.get("settings", {}), "converted": changes}
    return replace(provenance, run=run)
