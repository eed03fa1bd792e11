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
    "height_to_scale",
    "motion_options",
]

PersonId = Annotated[
    int | None,
    typer.Option(
        "--person",
        metavar="ID",
        help="Person in formats of one person, as .glb or .trc.  [default: the one with the most "
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
    float | None,
    typer.Option(
        "--smooth",
        metavar="HZ",
        min=0,
        help="Filter the poses without lag, with this cutoff; 0 for no filter.  [default: 6 in "
        "formats of one person, no filter in the others]",
        show_default=False,
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
    smooth: float | None,
    up: str,
    tilt: float | None,
    root: str,
    markers: str,
) -> "MotionOptions":
    """Return the options as given; ValueError if one is wrong."""
    from vitruvian.export.motion import MotionOptions

    given = {} if smooth is None else {"smooth_hz": smooth}
    return MotionOptions(
        **given,
        person=person,
        height_m=height,
        up=cast("Up", up),  # checked by MotionOptions
        tilt_deg=tilt,
        root=cast("Root", root),
        markers=cast("Markers", markers),
    )


def height_to_scale(height: float | None, root: str, *, is_placed: bool) -> float | None:
    """Return the body height to which a person is to be scaled; None if it is so already.

    `is_placed` says that positions in camera space were scaled to the body height.
    """
    return None if is_placed and root in ("auto", "camera") else height
