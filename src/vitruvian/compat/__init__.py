"""Other libraries' names and units for this one; no logic of their own.

``install()`` makes ``import mediapipe`` give `vitruvian.compat.mediapipe`, so that a program
written for MediaPipe Pose runs as it is.
"""

from vitruvian.compat.import_hook import install, uninstall

__all__ = ["install", "uninstall"]
