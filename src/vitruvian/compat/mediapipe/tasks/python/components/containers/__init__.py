"""Result containers of the tasks, with conversion to and from MediaPipe's protobuf messages."""

from vitruvian.compat.mediapipe._other_tasks import names_of
from vitruvian.compat.namespaces import members

CLASSES = {
    "bounding_box": ("BoundingBox",),
    "category": ("Category",),
    "detections": ("Detection", "DetectionResult"),
    "keypoint": (),
    "landmark": ("Landmark", "NormalizedLandmark"),
    "landmark_detection_result": ("LandmarksDetectionResult",),
    "rect": ("NormalizedRect", "Rect"),
}

__getattr__, __dir__ = members(
    __name__,
    names_of("tasks.python.components.containers")
    | {module: f"tasks.python.components.containers.{module}" for module in CLASSES}
    | {
        name: f"tasks.python.components.containers.{module}:{name}"
        for module, names in CLASSES.items()
        for name in names
    },
)
