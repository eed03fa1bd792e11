"""PoseSmoother and RoiSmoother: filters over time for one person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.core.filters import CatchUpFilter, LowPassFilter, OneEuroFilter
from vitruvian.core.limbs import LeftRightFilter, LimbLengthFilter
from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.engine.landmarker import RawPose
    from vitruvian.engine.profile import Profile

__all__ = ["PoseSmoother", "RoiSmoother"]

MIN_SIZE_PX = 1e-6  # MediaPipe, landmarks_smoothing_calculator.cc, min_allowed_object_scale
MIN_SLOWNESS = 1e-8  # that of an amount of 0.005; below it nothing is smoothed
HIDDEN_TOLERANCE = 3.0  # additional tolerances by which an occluded landmark may lag


class OneEuroFilters:
    """MediaPipe's filters of one person, with cut-offs divided by `slowness`.

    Source: MediaPipe, ``pose_landmark_filtering.pbtxt``.
    """

    def __init__(self, slowness: float) -> None:
        self.visibility = LowPassFilter(alpha=1.0 / (1.0 + 9.0 * slowness))
        self.image = OneEuroFilter(
            min_cutoff_hz=0.05 / slowness, beta=80.0 / slowness, derivate_cutoff_hz=1.0
        )
        self.world = OneEuroFilter(
            min_cutoff_hz=0.1 / slowness, beta=40.0 / slowness, derivate_cutoff_hz=1.0
        )

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        landmarks = raw.landmarks
        if size_px >= MIN_SIZE_PX:
            landmarks = self.image(landmarks, timestamp_us, 1.0 / size_px)
        world = self.world(raw.world, timestamp_us)
        return replace(
            raw, landmarks=landmarks, visibility=self.visibility(raw.visibility), world=world
        )

    def mark_lost(self, *, reset_all: bool) -> None:
        """Reset the filters that a loss resets.

        MediaPipe resets the filter of the image coordinates only: filters that are fed by
        landmarks alone do not run on an empty frame, so a loss does not reset them.
        """
        self.image.reset()
        if reset_all:
            self.visibility.reset()
            self.world.reset()


class CatchUpFilters:
    """Our filters of one person, with cut-offs divided by `slowness`.

    Left-right swaps are undone before smoothing. The limb lengths of the world landmarks are
    stabilised after it.

    Tolerances are in units of visibility, of the person's size, and in m. The z of image landmarks
    has more jitter than x and y: it gets the smoothing that x and y need. Hidden landmarks have the
    most jitter. docs/quality.md has the measurements behind the constants.
    """

    def __init__(self, slowness: float) -> None:
        def tolerating(tolerance: float, axes: int) -> CatchUpFilter:
            return CatchUpFilter(
                min_cutoff_hz=0.1 / slowness,
                tolerance=tolerance * slowness**0.5,
                trail_cutoff_hz=1.0,
                axes=axes,
            )

        self.sides = LeftRightFilter()
        self.visibility = tolerating(0.2, axes=1)
        self.image = tolerating(0.0016, axes=2)
        self.world = tolerating(0.004, axes=3)
        self.lengths = LimbLengthFilter(memory_s=5.0)

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        landmarks, world = raw.landmarks, raw.world
        visibility = self.visibility(raw.visibility[:, None], timestamp_us)
        trust = 1 / (1 + HIDDEN_TOLERANCE * (1 - visibility))
        if size_px >= MIN_SIZE_PX:
            landmarks, world = self.sides(landmarks, world, timestamp_us, size_px)
            landmarks = self.image(landmarks, timestamp_us, trust / size_px)
        world = self.lengths(self.world(world, timestamp_us, trust), timestamp_us)
        return replace(raw, landmarks=landmarks, visibility=visibility[:, 0], world=world)

    def mark_lost(self, *, reset_all: bool) -> None:
        """Reset all filters, whatever `reset_all` says."""
        for part in (self.sides, self.visibility, self.image, self.world, self.lengths):
            part.reset()


FILTERS: dict[str, type[OneEuroFilters] | type[CatchUpFilters]] = {  # by Profile.filters
    "one-euro": OneEuroFilters,
    "catch-up": CatchUpFilters,
}
ROI_FILTERS: dict[str, Callable[[], OneEuroFilter | CatchUpFilter]] = {
    "one-euro": lambda: OneEuroFilter(min_cutoff_hz=0.01, beta=10.0, derivate_cutoff_hz=1.0),
    "catch-up": lambda: CatchUpFilter(
        min_cutoff_hz=0.1, tolerance=0.002, trail_cutoff_hz=1.5, axes=2
    ),
}


class PoseSmoother:
    """Smooths landmarks, world landmarks and visibility of one person.

    Parameters
    ----------
    profile : Profile
        Selects the filters, and those that a loss resets.
    amount : float, 0 to 1
        Strength: less jitter against more lag. 0 changes nothing; 0.5 uses the profile's own
        constants; other values divide all cut-offs by ``(2 * amount) ** 4``, which is 16 at most.
    """

    def __init__(self, profile: Profile, amount: float = MEDIAPIPE_SMOOTHING) -> None:
        if not 0 <= amount <= 1:
            raise ValueError(f"amount of smoothing must be from 0 to 1, got {amount!r}")
        self._reset_all = profile.reset_all_filters
        slowness = (2.0 * amount) ** 4
        self._filters = FILTERS[profile.filters](slowness) if slowness > MIN_SLOWNESS else None

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        return raw if self._filters is None else self._filters(raw, timestamp_us, size_px)

    def mark_lost(self) -> None:
        """Reset the filters that the profile resets on a loss."""
        if self._filters is not None:
            self._filters.mark_lost(reset_all=self._reset_all)


class RoiSmoother:
    """Smooths the two auxiliary landmarks that give the next region.

    Parameters
    ----------
    profile : Profile
        Selects the filter.

    Notes
    -----
    Source of the one-euro filter: MediaPipe, ``pose_landmark_filtering.pbtxt``, auxiliary
    landmarks. It lags: the region stays behind a walking person, and the network then confuses
    left and right legs more often.
    """

    def __init__(self, profile: Profile) -> None:
        self._points = ROI_FILTERS[profile.filters]()

    def __call__(
        self, auxiliary: NDArray[np.float32], timestamp_us: int, size_px: float
    ) -> NDArray[np.float32]:
        """Return the smoothed (2, 2) auxiliary landmarks of a person of `size_px`."""
        if size_px < MIN_SIZE_PX:
            return auxiliary
        return self._points(auxiliary, timestamp_us, 1.0 / size_px)

    def reset(self) -> None:
        """Drop the state of the person."""
        self._points.reset()
