"""`vitruvian analyse`: angles, repetitions, gait and a report of videos or results."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import camera
from vitruvian.cli import options as opt
from vitruvian.cli.motion import BodyHeight

if TYPE_CHECKING:
    from vitruvian.cli.analysis import Request

__all__ = ["analyse"]

logger = logging.getLogger(__name__)


def _output(name: str, metavar: str, text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=text, show_default=False)


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
    "reach",
    "prefer",
    "follow",
    before="calibration",
)
def analyse(  # noqa: PLR0913 - the options are the interface
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Video, or results of `vitruvian track`: .jsonl .json .csv .parquet .npz.",
            show_default=False,
        ),
    ],
    angles: Annotated[
        Path | None,
        _output("--angles", "FILE.csv", "Write the joint angles of every frame, in degrees."),
    ] = None,
    angle_set: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="sports2d: joints and segments with the signs of Sports2D. isb: clinical angles "
            "of pelvis, trunk and joints.",
        ),
    ] = "sports2d",
    reps: Annotated[
        list[str] | None,
        _output(
            "--reps",
            "NAME,...",
            "Count the repetitions of an exercise: squat, lunge, push_up, curl, press, sit_up, "
            "jumping_jack, deadlift, lateral_raise, high_knees. Repeatable.",
        ),
    ] = None,
    gait: Annotated[
        Path | None, _output("--gait", "FILE.csv", "Write the steps of people who walk.")
    ] = None,
    classes: Annotated[
        Path | None,
        _output("--classes", "FILE.csv", "Samples of poses, from `vitruvian poses train`."),
    ] = None,
    count: Annotated[
        list[str] | None,
        _output("--count", "NAME,...", "Count a class of --classes. Repeatable.  [default: all]"),
    ] = None,
    plot: Annotated[
        Path | None,
        _output("--plot", "FILE.html", "Write a report with charts, tables and pictures."),
    ] = None,
    path: Annotated[
        Path | None,
        _output("--path", "FILE.png|.svg", "Draw the paths of people, seen from above."),
    ] = None,
    only: Annotated[
        int | None,
        _output("--person", "ID", "Analyse this person only.  [default: everyone]"),
    ] = None,
    smooth: Annotated[
        float,
        typer.Option(
            metavar="HZ",
            min=0,
            help="Cutoff of the smoothing, which has no lag; 0 for none. 3 to 6 for slow motions, "
            "6 to 15 for fast ones.",
        ),
    ] = 6.0,
    calibration: camera.Calibration = None,
    focal: camera.Focal = None,
    fov: camera.Fov = None,
    height: BodyHeight = None,
    limit: opt.Limit = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Measure angles, count repetitions and find steps in videos or results.

    Videos are tracked first. Prints a table of repetitions, ranges of motion and cadence. '{name}'
    in an output is replaced by the name of the input.
    """
    from vitruvian.cli.analysis import Outputs, Request, analyse_input, checked, classifier_of

    outputs = Outputs(angles=angles, gait=gait, report=plot, path=path)
    request = checked(
        Request(
            outputs=outputs,
            angle_set=angle_set,
            exercises=_names(reps),
            classifier=classifier_of(classes),
            count=_names(count),
            person=only,
            smooth_hz=smooth,
            camera=camera.camera_options(
                wanted=True, calibration=calibration, focal=focal, fov=fov, height=height
            ),
            limit=limit,
            engine=engine,
        ),
        inputs,
    )
    for input_ in inputs:
        analyse_input(input_, _for_input(request, input_), quiet=quiet)


def _names(values: list[str] | None) -> tuple[str, ...]:
    """Return the names of a repeatable option that also takes commas."""
    names = [name.strip() for value in values or () for name in value.split(",")]
    return tuple(dict.fromkeys(filter(None, names)))


def _for_input(request: "Request", input_: str) -> "Request":
    return replace(request, outputs=request.outputs.filled(input_))
