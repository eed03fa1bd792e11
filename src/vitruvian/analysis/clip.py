"""A clip before it is measured: placed in front of its camera, and smoothed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.filtering import Filtering, filtered
from vitruvian.lift.placement import placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.analysis.summary import PersonSummary
    from vitruvian.core.camera import Camera
    from vitruvian.core.sequence import PoseSequence
    from vitruvian.lift.camera_options import CameraOptions

__all__ = ["SMOOTH_HZ", "is_clip", "prepared", "seen_long"]

SMOOTH_HZ = 6.0
"""Default cutoff of the smoothing."""

MIN_SEEN_US = 1_000_000  # of a person in reports and tables


def is_clip(sequence: PoseSequence) -> bool:
    """Return whether the poses belong to people over time; those of images do not."""
    has_ids = not (sequence.is_present & np.isnan(sequence.slot_ids)).any()
    return has_ids and bool((np.diff(sequence.timestamps_us) > 0).all())


def prepared(
    sequence: PoseSequence,
    camera: CameraOptions | None,
    *,
    smooth_hz: float = SMOOTH_HZ,
    focal_35mm: float | None = None,
) -> tuple[PoseSequence, Camera | None]:
    """Return a clip in front of its camera, and smoothed; and the camera if it was used.

    Parameters
    ----------
    sequence : PoseSequence
    camera : CameraOptions or None
        What is known of the camera; None to leave people where they are. It is not used if the
        sequence has camera landmarks, or images of several sizes.
    smooth_hz : float
        Cutoff of the smoothing, which has no lag; 0 for none.
    focal_35mm : float, optional
        Focal length in the metadata: `Frame.focal_35mm`.
    """
    sizes = np.unique(sequence.wh, axis=0)
    used = None
    if camera is not None and sequence.camera is None and len(sizes) == 1:
        width, height = sizes[0].tolist()
        used = camera.camera_for((width, height), focal_35mm)
        sequence = placed(sequence, used, height_m=camera.height_m, joints="bones")
    if smooth_hz > 0:
        sequence = filtered(sequence, Filtering(cutoff_hz=smooth_hz))
    return sequence, used


def seen_long(summaries: Sequence[PersonSummary]) -> Sequence[PersonSummary]:
    """Return the people who are seen for a second or longer; everyone if nobody is."""
    long = []
    for summary in summaries:
        times = summary.person.timestamps_us[summary.person.is_present]
        if times.size and times[-1] - times[0] >= MIN_SEEN_US:
            long.append(summary)
    return long or summaries
