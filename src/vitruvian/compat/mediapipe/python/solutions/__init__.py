"""``mp.solutions``: pose, the drawing utilities, and the names of the other solutions."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        name: f"python.solutions.{name}"
        for name in (
            "download_utils",
            "drawing_styles",
            "drawing_utils",
            "face_detection",
            "face_mesh",
            "face_mesh_connections",
            "hands",
            "hands_connections",
            "holistic",
            "objectron",
            "pose",
            "pose_connections",
            "selfie_segmentation",
        )
    }
    | {"mediapipe": ""},  # left over in MediaPipe's module; programs use it
)
