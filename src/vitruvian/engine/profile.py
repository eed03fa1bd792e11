"""Profile: the few values in which MediaPipe's own builds differ, and ours from them."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["MEDIAPIPE_SMOOTHING", "PROFILES", "Profile"]

MEDIAPIPE_SMOOTHING = 0.5
"""The `smoothing` at which the filters of a MediaPipe profile have MediaPipe's constants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one build of BlazePose behaves.

    Attributes
    ----------
    heatmap_kernel : int
        Side of the heat-map window around each landmark, cells.
    nms_iou : float
        Overlap above which two detections are taken for one person.
    smooth_roi : bool
        Whether the next region of interest comes from smoothed auxiliary landmarks.
    object_scale : float
        Size of the person in the filters, in sides of the unexpanded region.
    filters : str
        Which filters smooth the landmarks, "one-euro" or "catch-up".
    mask_smoothing : float
        How much of the previous mask stays where the new one is unsure, 0 to 1.
    reset_all_filters : bool
        Whether losing the person resets every filter, or only those of the image coordinates.
    retry_detection : bool
        Whether a frame on which tracking fails runs the detector at once, or the next one does.
    keep_on_resize : bool
        Whether people are followed into a picture of another size, to the same part of it.
    roi_refinements : int
        How often a first region, which is the detector's guess, is improved on the same frame.
    persistent_ids : bool
        Whether a single person who returns gets the same ID, or a new one as in MediaPipe.
    multi_pose : str or None
        Follower for several people, a key of `tracker.MULTI_POSE`; None if there can be one only.
    duplicate_oks : float
        Likeness above which two poses are one person; at 1 nobody is taken for another.
    """

    heatmap_kernel: int
    nms_iou: float
    smooth_roi: bool
    object_scale: float
    filters: str
    mask_smoothing: float
    reset_all_filters: bool
    retry_detection: bool
    keep_on_resize: bool
    roi_refinements: int
    persistent_ids: bool
    multi_pose: str | None
    duplicate_oks: float


# modules/pose_landmark/pose_landmark_cpu.pbtxt as it is written. MediaPipe 0.10.21.
GRAPH = Profile(
    heatmap_kernel=7,
    nms_iou=0.3,
    smooth_roi=True,
    object_scale=1.0,
    filters="one-euro",
    mask_smoothing=0.7,
    reset_all_filters=False,
    retry_detection=False,
    keep_on_resize=True,
    roi_refinements=0,
    persistent_ids=False,
    multi_pose=None,
    duplicate_oks=1.0,
)
PROFILES = {
    # mp.solutions.pose as the Python wheels run it: two option messages of the graph are dropped,
    # so that the kernel is 9 and masks are not smoothed. MediaPipe 0.10.21.
    "solutions": replace(GRAPH, heatmap_kernel=9, mask_smoothing=0.0),
    "graph": GRAPH,
    # tasks/cc/vision/pose_landmarker. MediaPipe 1.2.2.
    "tasks": replace(
        GRAPH,
        nms_iou=0.5,
        smooth_roi=False,
        object_scale=1.25,
        mask_smoothing=0.0,
        multi_pose="tasks",
    ),
    # Ours: docs/profiles.md says why.
    "default": replace(
        GRAPH,
        filters="catch-up",
        reset_all_filters=True,
        retry_detection=True,
        keep_on_resize=False,
        roi_refinements=2,
        persistent_ids=True,
        multi_pose="multi",
        duplicate_oks=0.5,
    ),
}
