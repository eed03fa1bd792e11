"""Options of formats that hold one person's motion."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from vitruvian.export.motion import Markers, MotionOptions, Root, Up

__all__ = [
    "BodyHeight",
    "MarkerNames",
    "MotionRoot",
    "MotionUp",
    "PersonId",
    "Smooth",
    "Tilt",
    "motion_options",
]

PersonId = Annotated[
    int | None,
    typer.Option(
        "--person",
        metavar="ID",
        help="Person in formats of one person (.trc .c3d .mot).  [default: the one with the most "
        "frames]",
        show_default=False,
    ),
]
BodyHeight = Annotated[
    float | None,
    typer.Option(
        "--height",
        metavar="M",
        help="Body height: the scale of formats of one person and of positions in camera space.",
        show_default=False,
    ),
]
Smooth = Annotated[
    float,
    typer.Option(
        "--smooth",
        metavar="HZ",
        min=0,
        help="Cutoff of the low-pass filter of formats of one person; 0 for no filter.",
    ),
]
MotionUp = Annotated[
    str,
    typer.Option(
        "--up",
        metavar="body|camera",
        help="What is up: hips over ankles while the person stands, or up in the image.",
    ),
]
Tilt = Annotated[
    float | None,
    typer.Option(
        "--tilt",
        metavar="DEG",
        help="How far the camera looks down, if you know it.",
        show_default=False,
    ),
]
MotionRoot = Annotated[
    str,
    typer.Option(
        "--root",
        metavar="auto|camera|stand|hips",
        help="Where the person is: at the measured place, on the floor with the hips at x = z = 0, "
        "or with the hips at 0. auto: at the measured place if there is one, else on the floor.",
    ),
]
MarkerNames = Annotated[
    str,
    typer.Option(
        "--markers",
        metavar="NAME",
        help="Markers in .trc and .c3d: pose2sim or blazepose; with +derived also Hip, Neck, Head.",
    ),
]


def motion_options(
    *,
    person: int | None,
    height: float | None,
    smooth: float,
    up: str,
    tilt: float | None,
    root: str,
    markers: str,
) -> "MotionOptions":
    """Return the options as given; ValueError if one is wrong."""
    from vitruvian.export.motion import MotionOptions

    return MotionOptions(
        person=person,
        height_m=height,
        smooth_hz=smooth,
        up=cast("Up", up),  # checked by MotionOptions
        tilt_deg=tilt,
        root=cast("Root", root),
        markers=cast("Markers", markers),
    )
