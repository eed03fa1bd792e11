"""Options of the camera: what is known of it, for positions in camera space."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vitruvian.lift.camera_options import CameraOptions

__all__ = ["Calibration", "CameraSpace", "Focal", "Fov", "camera_options"]

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


def camera_options(
    *,
    wanted: bool,
    calibration: str | None,
    focal: float | None,
    fov: float | None,
    height: float | None,
) -> "CameraOptions | None":
    """Return what is known of the camera; None if positions in camera space are not wanted."""
    from vitruvian.lift.calibration import load_camera
    from vitruvian.lift.camera_options import CameraOptions

    given = {"--calibration": calibration, "--focal": focal, "--fov": fov}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise ValueError(f"{' and '.join(named)} must not be given together")
    if not (wanted or named):
        return None
    camera = None if calibration is None else load_camera(calibration)
    return CameraOptions(camera=camera, focal_px=focal, fov_deg=fov, height_m=height)
