"""MediaPipe's pose API: ``import vitruvian.compat.mediapipe as mp``.

The tree has the modules of both APIs at MediaPipe's module paths: `python.solutions` with its
messages and drawing utilities (as in 0.10.21), and `tasks` (as in 1.2.2). Modules are imported on
first use.
"""

import sys

from vitruvian.compat.declared import DeclaredModules
from vitruvian.compat.mediapipe.python import GENERAL
from vitruvian.compat.namespaces import members

__version__ = "0.10.21"  # the last version with both APIs; programs compare it

sys.meta_path.append(DeclaredModules())  # after Python's own, which find the files

__getattr__, __dir__ = members(
    __name__,
    GENERAL
    | {
        "calculators": "calculators",
        "examples": "examples",
        "framework": "framework",
        "python": "python",
        "solutions": "python.solutions",
        "tasks": "tasks.python",
    },
)
