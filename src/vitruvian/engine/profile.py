"""Profile: the parameters in which the builds of MediaPipe and our default differ."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["MEDIAPIPE_SMOOTHING", "PROFILES", "Profile"]

MEDIAPIPE_SMOOTHING = 0.5
"""The `smoothing` at which the filters of a MediaPipe profile have MediaPipe's constants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Parameters of one build of BlazePose.

    Attributes
    ----------
    heatmap_kernel : int
        Side of the heat-map window around each landmark, cells.
    nms_iou : float
        IoU above which two detections count as one person.
    smooth_roi : bool
        Whether the next region of interest comes from smoothed auxiliary landmarks.
    object_scale : float
        Size of the person in the filters, in sides of the unexpanded region.
    filters : str
        Filters of the landmarks: "one-euro" or "catch-up".
    mask_smoothing : float
        Weight of the previous mask where the new one is uncertain, 0 to 1.
    reset_all_filters : bool
        Whether a loss resets every filter, or only those of the image coordinates.
    roi_refinements : int
        Passes of the landmark network that refine a detector's region on the same frame.
    second_look : bool
        Whether a pose with doubtful legs is estimated again, in regions of other sizes.
    persistent_ids : bool
        Whether a single person who returns gets the same ID, or a new one as in MediaPipe.
    multi_pose : str or None
        Follower for several people, a key of `tracker.MULTI_POSE`; None if there can be one only.
    duplicate_oks : float
        Similarity (OKS) above which two poses count as one person; 1 keeps all.
    tries_all : bool
        Whether all detections, faint ones too, are tried in order until enough people are found, or
        only the `num_poses` best of the certain ones.
    calibrated_visibility : bool
        Whether the visibility of a pose is calibrated, or that of the network.
    """

    heatmap_kernel: int
    nms_iou: float
    smooth_roi: bool
    object_scale: float
    filters: str
    mask_smoothing: float
    reset_all_filters: bool
    roi_refinements: int
    second_look: bool
    persistent_ids: bool
    multi_pose: str | None
    duplicate_oks: float
    tries_all: bool
    calibrated_visibility: bool


# modules/pose_landmark/pose_landmark_cpu.pbtxt. MediaPipe 0.10.21.
GRAPH = Profile(
    heatmap_kernel=7,
    nms_iou=0.3,
    smooth_roi=True,
    object_scale=1.0,
    filters="one-euro",
    mask_smoothing=0.7,
    reset_all_filters=False,
    roi_refinements=0,
    second_look=False,
    persistent_ids=False,
    multi_pose=None,
    duplicate_oks=1.0,
    tries_all=False,
    calibrated_visibility=False,
)
PROFILES = {
    # mp.solutions.pose in the Python wheels, which drop two option messages of the graph: the
    # kernel is 9, and masks are not smoothed. MediaPipe 0.10.21.
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
    # Ours: docs/profiles.md gives the reasons.
    "default": replace(
        GRAPH,
        filters="catch-up",
        reset_all_filters=True,
        roi_refinements=2,
        second_look=True,
        persistent_ids=True,
        multi_pose="multi",
        duplicate_oks=0.5,
        tries_all=True,
        calibrated_visibility=True,
    ),
}
