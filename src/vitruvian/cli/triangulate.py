"""`vitruvian triangulate`: files of results of several calibrated cameras to positions in space."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitruvian.cli import motion
from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.core.camera import Camera
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.sequence import PoseSequence
    from vitruvian.lift.frame_size import Fit
    from vitruvian.lift.multiview import Multiview

__all__ = ["triangulate"]

HIGH_ERROR_PX = 15.0
MIN_USED = 0.5  # of the landmarks that a camera sees
HEIGHTS_M = 0.3, 3.0  # of people, if the calibration is in m
MIN_SHIFT_FRAMES, MAX_RATIO = 1.0, 0.9  # of a clip that seems to start at another time

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="RESULTS...",
        help="Files of results, one for each camera: .jsonl .json .csv .parquet .npz. A file has "
        "the name of its camera, or write NAME=FILE; else cameras are taken in order. The first "
        "one gives the frames of the output.",
        show_default=False,
    ),
]
Calibration = Annotated[
    Path,
    typer.Option(
        "--calibration",
        metavar="FILE",
        help="Calibration of the cameras: .toml of Pose2Sim or anipose.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[Path],
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Output file; repeatable. The suffix selects the format: any of 'vitruvian track' but "
        "images and videos. With '{id}' in its name, formats of one person write one file for "
        "each.",
        show_default=False,
    ),
]
Sync = Annotated[
    str,
    typer.Option(
        "--sync",
        metavar="none|auto|S,S,...",
        help="When the clips start: together, found from the motion of people, or the time of "
        "each one in s.",
    ),
]
Fits = Annotated[
    list[str] | None,
    typer.Option(
        "--fit",
        metavar="NAME=LEFT,TOP|scale|auto",
        help="For a clip of another size than its calibration; repeatable: what was cut off in px, "
        "or that it was resized, or to find the crop.",
        show_default=False,
    ),
]
MaxError = Annotated[
    float,
    typer.Option(
        "--max-error",
        metavar="PX",
        min=0,
        help="Largest reprojection error of a point, in images of 1920 px.",
    ),
]
ConstantBones = Annotated[
    bool,
    typer.Option(
        "--bones/--no-bones",
        help="Refine the positions so that bones keep their lengths.  [on]",
        show_default=False,
    ),
]
Smooth = Annotated[
    float,
    typer.Option(
        "--smooth",
        metavar="HZ",
        min=0,
        help="Filter the positions without lag, with this cutoff; 0 for no filter.",
    ),
]
WorldUp = Annotated[
    bool,
    typer.Option(
        "--world/--no-world",
        help="Keep the world of the calibration, whose z is up, in formats of one person; or take "
        "up from the body.  [on]",
        show_default=False,
    ),
]


def triangulate(  # noqa: PLR0913 - the options are the interface
    inputs: Inputs,
    calibration: Calibration,
    output: Outputs,
    sync: Sync = "none",
    fit: Fits = None,
    max_error: MaxError = 15.0,
    bones: ConstantBones = True,
    smooth: Smooth = 6.0,
    world: WorldUp = True,
    person: motion.PersonId = None,
    markers: motion.MarkerNames = "pose2sim",
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Find where people are, from the results of several calibrated cameras.

    Track each clip with --smoothing 0 first. People are matched across cameras, their landmarks
    triangulated, and the result smoothed.
    """
    from vitruvian.analysis.filtering import Filtering, filtered
    from vitruvian.export import needs_frames, open_output
    from vitruvian.lift import multiview
    from vitruvian.lift.calibration import load_calibration
    from vitruvian.lift.frame_size import fitted_cameras

    for path in output:
        if needs_frames(path):
            raise ValueError(f"{str(path)!r} needs the frames: triangulate writes no pictures")
    cameras = load_calibration(calibration)
    files = _files_of_cameras(inputs, cameras)
    clips = {name: _loaded(path) for name, path in files.items()}
    fits = _fits(fit or [])
    _check_sizes(clips, cameras, fits)
    cameras = fitted_cameras(clips, cameras, fits)
    starts_s = _starts(sync, clips, cameras, quiet=quiet)
    found = multiview.triangulate(
        clips, cameras, starts_s=starts_s, max_error_px=max_error, constant_bones=bones
    )
    _warn(found, clips, starts_s)
    sequence = found.sequence
    if smooth:
        sequence = filtered(sequence, Filtering(cutoff_hz=smooth))
    options = motion.motion_options(
        person=person, height=None, smooth=0.0, up="body", tilt=None, root="auto", markers=markers
    )
    provenance = _provenance(found, files, world=world)
    with open_output(*output, provenance=provenance, motion=options) as sink:
        for result in sequence.to_results():
            sink.write(result)
    if not quiet:
        _print_summary(found, output)


def _files_of_cameras(inputs: list[str], cameras: "Mapping[str, Camera]") -> dict[str, str]:
    """Return the file of each camera, by its name in the argument or the file, or by order."""
    names: list[str | None] = []
    paths = []
    for word in inputs:
        name, equals, path = word.partition("=")
        if equals and not Path(word).exists():
            if name not in cameras:
                raise ValueError(f"camera must be one of {[*cameras]}, got {name!r}")
            names.append(name)
            paths.append(path)
        else:
            names.append(Path(word).stem if Path(word).stem in cameras else None)
            paths.append(word)
    if all(name is None for name in names):
        if len(paths) != len(cameras):
            raise ValueError(
                f"no file has the name of a camera: give one for each of {[*cameras]} in this "
                f"order, or write NAME=FILE; got {len(paths)}"
            )
        files = dict(zip(cameras, paths, strict=True))
        order = ", ".join(f"{name} is {path}" for name, path in files.items())
        typer.echo(f"note: the cameras are taken in order: {order}", err=True)
        return files
    if None in names:
        path = paths[names.index(None)]
        raise ValueError(f"{path!r} has the name of none of {[*cameras]}: write NAME=FILE")
    if len(set(names)) < len(names):
        raise ValueError(f"each camera must have one file, got {names}")
    return {str(name): path for name, path in zip(names, paths, strict=True)}


def _loaded(path: str) -> "PoseSequence":
    from vitruvian.core.sequence import PoseSequence
    from vitruvian.export import load_results

    return PoseSequence.from_results(load_results(path))


def _fits(words: list[str]) -> "dict[str, Fit]":
    fits: dict[str, Fit] = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            if value == "auto":
                fits[name] = "auto"
            elif value == "scale":
                fits[name] = "scale"
            else:
                left, top = map(float, value.split(","))
                fits[name] = left, top
        except ValueError as error:
            raise ValueError(
                f"--fit must be NAME=LEFT,TOP, NAME=scale or NAME=auto, got {word!r}"
            ) from error
    return fits


def _check_sizes(
    clips: "Mapping[str, PoseSequence]",
    cameras: "Mapping[str, Camera]",
    fits: "Mapping[str, Fit]",
) -> None:
    """Raise ValueError, with the option to use, for a clip of another size."""
    for name, clip in clips.items():
        if name in fits or not len(clip):
            continue
        try:
            cameras[name].checked_for((int(clip.wh[0, 0]), int(clip.wh[0, 1])))
        except ValueError as error:
            problem = str(error).partition(": calibrate")[0]
            raise ValueError(
                f"{problem}: give --fit {name}=LEFT,TOP if the frames were cropped, "
                f"--fit {name}=scale if they were resized, --fit {name}=auto to find the crop"
            ) from error


def _starts(
    sync: str,
    clips: "Mapping[str, PoseSequence]",
    cameras: "Mapping[str, Camera]",
    *,
    quiet: bool,
) -> dict[str, float]:
    """Return when each clip starts, s."""
    from vitruvian.lift.sync import synchronised

    if sync == "none":
        return {}
    if sync == "auto":
        found = synchronised(clips, cameras)
        for name, start in found.items():
            if not quiet:
                typer.echo(
                    f"{name}: starts at {start.start_s:+.3f} s "
                    f"(correlation {start.peak:.2f}, elsewhere at most {start.second:.2f})"
                )
            if start.margin < 0.1:
                typer.echo(f"warning: the start of {name} is not certain", err=True)
        return {name: start.start_s for name, start in found.items()}
    try:
        values = [float(word) for word in sync.split(",")]
    except ValueError:
        values = []
    if len(values) != len(clips) or not all(map(math.isfinite, values)):
        raise ValueError(
            f"--sync must be none, auto or {len(clips)} times in s, as 0,0.12, got {sync!r}"
        )
    return {name: value - values[0] for name, value in zip(clips, values, strict=True)}


def _warn(
    found: "Multiview", clips: "Mapping[str, PoseSequence]", starts_s: dict[str, float]
) -> None:
    """Print what may be wrong with the order of the files, the calibration and the times."""
    from vitruvian.core.resampling import nominal_fps
    from vitruvian.lift.body_height import body_height_m
    from vitruvian.lift.sync import best_start

    cameras = {camera.name: camera for camera in found.cameras}
    for (name, error_px), share in zip(
        found.median_errors_px.items(), found.used_shares, strict=True
    ):
        if error_px > HIGH_ERROR_PX * max(cameras[name].wh) / 1920:
            typer.echo(f"warning: {name} has a reprojection error of {error_px:.1f} px", err=True)
        if share < MIN_USED:
            typer.echo(
                f"warning: {100 * share:.0f}% of the landmarks that {name} sees fit the other "
                "cameras: check the order of the files, the calibration and the starts",
                err=True,
            )
    people = [found.sequence.person(number) for number in found.sequence.ids.tolist()]
    heights_m = [body_height_m(person.world, person.visibility) for person in people]
    wrong_m = [h for h in heights_m if not (math.isnan(h) or HEIGHTS_M[0] <= h <= HEIGHTS_M[1])]
    if wrong_m:
        typer.echo(
            f"warning: a person is {wrong_m[0]:.1f} m tall: the calibration must be in metres",
            err=True,
        )
    (first, clip), *others = clips.items()
    fps = nominal_fps(clip.timestamps_us)
    for name, other in others:
        now_s = starts_s.get(name, 0.0)
        best_s, before, after = best_start({first: clip, name: other}, cameras, now_s)
        if abs(best_s - now_s) * fps > MIN_SHIFT_FRAMES and after < MAX_RATIO * before:
            instead = f"{name} fits better if it starts at {best_s:+.3f} s, not {now_s:+.3f} s"
            typer.echo(f"warning: {instead}", err=True)


def _provenance(found: "Multiview", files: dict[str, str], *, world: bool) -> "Provenance":
    """Return that of the first clip, with its camera."""
    from dataclasses import replace

    from vitruvian.core.provenance import Provenance
    from vitruvian.export import load_provenance
    from vitruvian.lift.camera_options import camera_record, world_record

    of_first = load_provenance(next(iter(files.values()))) or Provenance()
    record = world_record(found.cameras[0])
    if not world:
        record |= camera_record(found.cameras[0])
        record = {k: v for k, v in record.items() if k not in ("rotation", "translation")}
    return replace(of_first, camera=record, run=None)


def _print_summary(found: "Multiview", outputs: list[Path]) -> None:
    for i, (name, error_px) in enumerate(found.median_errors_px.items()):
        if math.isnan(error_px):
            typer.echo(f"{name}: not used")
            continue
        n_swapped, share = found.n_swapped[i], found.used_shares[i]
        swapped = f", left and right exchanged in {n_swapped}" if n_swapped else ""
        used = f"{100 * share:.0f}% of the landmarks used"
        typer.echo(f"{name}: reprojection error {error_px:.1f} px, {used}{swapped}")
    n = found.sequence.ids.size
    frames = int(found.sequence.is_present.any(axis=1).sum())
    who = "nobody is" if not n else "1 person is" if n == 1 else f"{n} people are"
    typer.echo(f"{who} seen by two cameras, in {frames} of {len(found.sequence)} frames")
    for path in outputs:
        typer.echo(f"wrote {path}")
