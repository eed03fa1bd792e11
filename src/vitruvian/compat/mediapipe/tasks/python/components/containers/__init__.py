"""Plain values that tasks answer with, and their conversion from and to MediaPipe's messages."""

from vitruvian.compat.namespaces import members

HOMES = {
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
    {module: f"tasks.python.components.containers.{module}" for module in HOMES}
    | {
        name: f"tasks.python.components.containers.{module}:{name}"
        for module, names in HOMES.items()
        for name in names
    },
)
