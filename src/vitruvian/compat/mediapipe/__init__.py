"""MediaPipe's names for pose: ``import vitruvian.compat.mediapipe as mp``.

The tree has the modules of both generations, `python.solutions` with its messages and drawing
(to 0.10.21), and `tasks` (to 1.2.2), where programs expect them. Modules load on first use.
"""

from vitruvian.compat.namespaces import members

__version__ = "0.10.21"  # programs compare it; the last that has both generations

__getattr__, __dir__ = members(
    __name__,
    {
        "Image": "python._framework_bindings.image:Image",
        "ImageFormat": "python._framework_bindings.image_frame:ImageFormat",
        "ImageFrame": "python._framework_bindings.image_frame:ImageFrame",
        "framework": "framework",
        "python": "python",
        "solutions": "python.solutions",
        "tasks": "tasks.python",
    },
)
