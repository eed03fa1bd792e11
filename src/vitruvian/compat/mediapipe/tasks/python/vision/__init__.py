"""``mp.tasks.vision``: the Pose Landmarker, the drawing utilities, names of the other tasks."""

from vitruvian.compat.mediapipe._other_tasks import names_of
from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    names_of("tasks.python.vision")
    | {
        "InteractiveSegmenterLegacyRegionOfInterest": (
            "tasks.python.vision.interactive_segmenter_legacy:RegionOfInterest"
        ),
        "ImageProcessingOptions": (
            "tasks.python.vision.core.image_processing_options:ImageProcessingOptions"
        ),
        "PoseLandmark": "tasks.python.vision.pose_landmarker:PoseLandmark",
        "PoseLandmarker": "tasks.python.vision.pose_landmarker:PoseLandmarker",
        "PoseLandmarkerOptions": "tasks.python.vision.pose_landmarker:PoseLandmarkerOptions",
        "PoseLandmarkerResult": "tasks.python.vision.pose_landmarker:PoseLandmarkerResult",
        "PoseLandmarksConnections": "tasks.python.vision.pose_landmarker:PoseLandmarksConnections",
        "RunningMode": "tasks.python.vision.core.vision_task_running_mode:VisionTaskRunningMode",
        "core": "tasks.python.vision.core",
        "drawing_styles": "tasks.python.vision.drawing_styles",
        "drawing_utils": "tasks.python.vision.drawing_utils",
        "pose_landmarker": "tasks.python.vision.pose_landmarker",
    },
)
