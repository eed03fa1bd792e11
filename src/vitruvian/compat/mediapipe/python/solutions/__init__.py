"""``mp.solutions``: pose and the drawing utilities."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "download_utils": "python.solutions.download_utils",
        "drawing_styles": "python.solutions.drawing_styles",
        "drawing_utils": "python.solutions.drawing_utils",
        "mediapipe": "",  # left over in MediaPipe's module; programs use it
        "pose": "python.solutions.pose",
        "pose_connections": "python.solutions.pose_connections",
    },
)
