"""MediaPipe Tasks."""

from vitruvian.compat.scope import members

__getattr__, __dir__ = members(__name__, {"python": "tasks.python"})
