"""Options of the camera: what is known of it, for positions in camera space."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vitruvian.core.camera import Camera
    from vitruvian.lift.camera_options import CameraOptions

__all__ = ["Calibration", "CameraSpace", "Focal", "Fov", "Height", "camera_options"]

CameraSpace = Annotated[
    bool,
    typer.Option(
        "--camera-space",
        help="Write the position of each landmark in m from the camera as well. Implied by "
        "--calibration, --focal and --fov.",
    ),
]
Calibration = Annotated[
    str | None,
    typer.Option(
        "--calibration",
        metavar="FILE[:NAME]",
        help="Calibration of the camera: the TOML file of Pose2Sim or anipose. NAME selects one of "
        "several cameras.",
        show_default=False,
    ),
]
Focal = Annotated[
    float | None,
    typer.Option("--focal", metavar="PX", help="Focal length in px.", show_default=False),
]
Fov = Annotated[
    float | None,
    typer.Option(
        "--fov",
        metavar="DEG",
        help="Field of view along the longer side of the image.  [default: from the metadata of "
        "the photo or video, or else 60]",
        show_default=False,
    ),
]
Height = Annotated[
    float | None,
    typer.Option(
        "--height",
        metavar="M",
        help="Body height of the people: it sets the scale of positions in camera space.",
        show_default=False,
    ),
]


def camera_options(
    *,
    wanted: bool,
    calibration: str | None,
    focal: float | None,
    fov: float | None,
    height: float | None,
) -> "CameraOptions | None":
    """Return what is known of the camera; None if positions in camera space are not wanted."""
    from vitruvian.lift.camera_options import CameraOptions

    given = {"--calibration": calibration, "--focal": focal, "--fov": fov}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise ValueError(f"{' and '.join(named)} must not be given together")
    if not (wanted or named):
        return None
    camera = None if calibration is None else _camera(calibration)
    return CameraOptions(camera=camera, focal_px=focal, fov_deg=fov, height_m=height)


def _camera(text: str) -> "Camera":
    from vitruvian.lift.calibration import load_calibration
    from vitruvian.lift.camera_options import one_camera

    path, colon, name = (text, "", "") if Path(text).is_file() else text.rpartition(":")
    cameras = load_calibration(path or text)
    try:
        return one_camera(cameras, name if colon else None)
    except ValueError as error:
        raise ValueError(f"--calibration FILE:NAME: {error}") from error
