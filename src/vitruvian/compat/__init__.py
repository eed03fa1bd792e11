"""Drop-in APIs of other libraries on this engine: they convert names and units only.

After ``install()``, ``import mediapipe`` imports `vitruvian.compat.mediapipe`, so a program
written for MediaPipe Pose runs unchanged.
"""

from vitruvian.compat.import_hook import install, uninstall

__all__ = ["install", "uninstall"]
