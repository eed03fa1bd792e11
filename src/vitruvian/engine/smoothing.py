"""PoseSmoother: the filters of one person over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.core.filters import LowPassFilter, OneEuroFilter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.engine.landmarker import RawPose
    from vitruvian.engine.profile import Profile

__all__ = ["PoseSmoother", "RoiSmoother"]

MIN_SIZE_PX = 1e-6  # MediaPipe, landmarks_smoothing_calculator.cc, min_allowed_object_scale


class RoiSmoother:
    """Steadies the two auxiliary landmarks that give the next region.

    Source: MediaPipe, ``pose_landmark_filtering.pbtxt``, auxiliary landmarks.
    """

    def __init__(self) -> None:
        self._points = OneEuroFilter(min_cutoff_hz=0.01, beta=10.0, derivate_cutoff_hz=1.0)

    def __call__(
        self, auxiliary: NDArray[np.float32], timestamp_us: int, size_px: float
    ) -> NDArray[np.float32]:
        """Return the smoothed (2, 2) auxiliary landmarks of a person of `size_px`."""
        if size_px < MIN_SIZE_PX:
            return auxiliary
        return self._points(auxiliary, timestamp_us, 1.0 / size_px)

    def reset(self) -> None:
        """Forget the person."""
        self._points.reset()


class PoseSmoother:
    """Smooths landmarks, world landmarks and visibility of one person.

    Source: MediaPipe, ``pose_landmark_filtering.pbtxt``.

    Parameters
    ----------
    profile : Profile
        What happens to the filters when the person is lost.
    """

    def __init__(self, profile: Profile) -> None:
        self._reset_all = profile.reset_all_filters
        self._visibility = LowPassFilter(alpha=0.1)
        self._image = OneEuroFilter(min_cutoff_hz=0.05, beta=80.0, derivate_cutoff_hz=1.0)
        self._world = OneEuroFilter(min_cutoff_hz=0.1, beta=40.0, derivate_cutoff_hz=1.0)

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        landmarks = raw.landmarks
        if size_px >= MIN_SIZE_PX:
            landmarks = self._image(landmarks, timestamp_us, 1.0 / size_px)
        return replace(
            raw,
            landmarks=landmarks,
            visibility=self._visibility(raw.visibility),
            world=self._world(raw.world, timestamp_us),
        )

    def lost(self) -> None:
        """Note that the person is out of view.

        MediaPipe then forgets the image coordinates alone: a filter that is fed by landmarks only
        does not run on an empty frame, and so never sees that it is empty.
        """
        self._image.reset()
        if self._reset_all:
            self._visibility.reset()
            self._world.reset()
