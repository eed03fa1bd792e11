"""The program's own OpenCV, which the compatibility layer draws with; imported on use only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from vitruvian.draw.window import has_display
from vitruvian.errors import BackendUnavailableError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["import_before_av", "require_cv2"]


def import_before_av() -> None:
    """Import OpenCV if there is a display: on Linux, its windows hang if PyAV was imported before.

    Both packages contain libxcb, and OpenCV would use the one of PyAV.
    """
    if has_display():
        with suppress(ImportError):
            import cv2  # noqa: F401


def require_cv2(purpose: str) -> ModuleType:
    """Return the module ``cv2``.

    Parameters
    ----------
    purpose : str
        What needs it, for the message of the error: "drawing landmarks".

    Raises
    ------
    BackendUnavailableError
        If OpenCV is not installed, or can't be imported; also an ImportError.
    """
    try:
        import cv2
    except ImportError as err:
        is_missing = isinstance(err, ModuleNotFoundError) and err.name == "cv2"
        problem = "which is not installed" if is_missing else f"which can't be imported ({err})"
        raise BackendUnavailableError(
            f"{purpose} needs OpenCV, {problem}: pip install opencv-python", name="cv2"
        ) from err
    return cv2
