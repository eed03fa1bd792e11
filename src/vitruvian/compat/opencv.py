"""The program's own OpenCV, which the compatibility layer draws with; imported on use only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.errors import BackendUnavailableError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["require_cv2"]


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
