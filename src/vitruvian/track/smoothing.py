"""PoseSmoother and RoiSmoother: filters over time for one person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vitruvian import native
from vitruvian.core._arrays import read_only
from vitruvian.core.filters import CatchUpFilter, LowPassFilter, OneEuroFilter
from vitruvian.core.limbs import MIRRORED, SIDES, LeftRightFilter, LimbLengthFilter
from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from numpy.typing import NDArray

    from vitruvian.engine.landmarker import RawPose
    from vitruvian.engine.profile import Profile

__all__ = ["PoseSmoother", "RoiSmoother"]

MIN_SIZE_PX = 1e-6  # MediaPipe, landmarks_smoothing_calculator.cc, min_allowed_object_scale
MIN_SLOWNESS = 1e-8  # that of an amount of 0.005; below it nothing is smoothed
# The catch-up filters. Tolerances are in units of visibility, of the person's size, and in m.
# Hidden landmarks have the most jitter, and z has more than x and y. docs/quality.md has the
# measurements behind the constants.
MIN_CUTOFF_HZ, TRAIL_CUTOFF_HZ = 0.1, 1.2
TOLERANCES = (0.2, 0.0013, 0.0027)  # of visibility, image and world
AXIS_TOLERANCES = np.array([1, 1, 2], np.float32)  # by which x, y and z may lag
HIDDEN_TOLERANCE = 3.0  # additional tolerances by which an occluded landmark may lag
LIMB_MEMORY_S = 5.0
# MediaPipe, pose_landmark_filtering.pbtxt: minimum cut-off, beta and derivate cut-off
IMAGE_ONE_EURO, WORLD_ONE_EURO, ROI_ONE_EURO = (
    (0.05, 80.0, 1.0),
    (0.1, 40.0, 1.0),
    (0.01, 10.0, 1.0),
)
ROI_CATCH_UP = (0.1, 0.002, 1.5)  # minimum cut-off, tolerance and trail cut-off

Rule = tuple[float, float, float]


class PoseFilters(Protocol):
    """The filters of one person."""

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        ...

    def mark_lost(self, *, reset_all: bool) -> None:
        """Reset the filters that a loss resets, or all."""
        ...


class RoiFilter(Protocol):
    """The filter of the two points that give the next region."""

    def __call__(
        self, values: NDArray[np.float32], timestamp_us: int, scale: float
    ) -> NDArray[np.float32]:
        """Return the filtered (2, 2) `values`; `scale` is 1 / size of the person."""
        ...

    def reset(self) -> None:
        """Return to the state of a new filter."""
        ...


class OneEuroFilters:
    """MediaPipe's filters of one person, with cut-offs divided by `slowness`.

    Source: MediaPipe, ``pose_landmark_filtering.pbtxt``.
    """

    def __init__(self, slowness: float) -> None:
        alpha, image, world = _one_euro_rules(slowness)
        self.visibility = LowPassFilter(alpha)
        self.image, self.world = _one_euro(image), _one_euro(world)

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


def _one_euro_rules(slowness: float) -> tuple[float, Rule, Rule]:
    """Return the alpha of visibility, and the rules of image and world landmarks."""
    image, world = (
        (cutoff_hz / slowness, beta / slowness, derivate_cutoff_hz)
        for cutoff_hz, beta, derivate_cutoff_hz in (IMAGE_ONE_EURO, WORLD_ONE_EURO)
    )
    return 1.0 / (1.0 + 9.0 * slowness), image, world


def _one_euro(rule: Rule) -> OneEuroFilter:
    return OneEuroFilter(min_cutoff_hz=rule[0], beta=rule[1], derivate_cutoff_hz=rule[2])


class CoreOneEuroFilters:
    """`OneEuroFilters` in one call of the compiled core."""

    def __init__(self, core: ModuleType, slowness: float) -> None:
        self._filter = core.one_euro_pose
        self._rules = _one_euro_rules(slowness)
        self._image = bytearray(core.ONE_EURO_BYTES)
        self._others = bytearray(core.ONE_EURO_POSE_BYTES)  # world landmarks and visibility

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        values, smooth = _smoothed_values(raw)
        self._filter(self._image, self._others, self._rules, values, timestamp_us, size_px, smooth)
        return _with_smoothed_values(raw, smooth)

    def mark_lost(self, *, reset_all: bool) -> None:
        """Reset the filters that a loss resets, as `OneEuroFilters`."""
        self._image = bytearray(len(self._image))
        if reset_all:
            self._others = bytearray(len(self._others))


class CatchUpFilters:
    """Our filters of one person, with cut-offs divided by `slowness`.

    Left-right swaps are undone before smoothing. The limb lengths of the world landmarks are
    stabilised after it.
    """

    def __init__(self, slowness: float) -> None:
        self.sides = LeftRightFilter()
        self.visibility, self.image, self.world = (
            CatchUpFilter(
                min_cutoff_hz=MIN_CUTOFF_HZ / slowness,
                tolerance=tolerance * slowness**0.5,
                trail_cutoff_hz=TRAIL_CUTOFF_HZ,
            )
            for tolerance in TOLERANCES
        )
        self.lengths = LimbLengthFilter(LIMB_MEMORY_S)

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        if size_px >= MIN_SIZE_PX:
            swaps = self.sides(raw.landmarks, raw.world, timestamp_us, size_px)
            landmarks, world = swaps.undone(raw.landmarks), swaps.undone(raw.world)
            raw = replace(raw, landmarks=landmarks, world=world)
            if swaps.body:
                raw = replace(_with_rest_mirrored(raw), visibility=raw.visibility[MIRRORED])
        landmarks, world = raw.landmarks, raw.world
        visibility = self.visibility(raw.visibility, timestamp_us)
        trust = 1 / (AXIS_TOLERANCES + HIDDEN_TOLERANCE * (1 - visibility[:, None]))
        if size_px >= MIN_SIZE_PX:
            landmarks = self.image(landmarks, timestamp_us, trust / size_px)
        world = self.lengths(self.world(world, timestamp_us, trust), timestamp_us)
        return replace(raw, landmarks=landmarks, visibility=visibility, world=world)

    def mark_lost(self, *, reset_all: bool) -> None:
        """Reset all filters, whatever `reset_all` says."""
        for part in (self.sides, self.visibility, self.image, self.world, self.lengths):
            part.reset()


def _with_rest_mirrored(raw: RawPose) -> RawPose:
    """Return `raw` with left and right of the values exchanged that are not filtered."""
    spread_px = None if raw.spread_px is None else raw.spread_px[MIRRORED]
    return replace(raw, presence=raw.presence[MIRRORED], spread_px=spread_px)


class CoreCatchUpFilters:
    """`CatchUpFilters` in one call of the compiled core."""

    def __init__(self, core: ModuleType, slowness: float) -> None:
        self._filter = core.catch_up_pose
        self._rule = (
            *(MIN_CUTOFF_HZ / slowness, TRAIL_CUTOFF_HZ),
            tuple(tolerance * slowness**0.5 for tolerance in TOLERANCES),
            *(HIDDEN_TOLERANCE, LIMB_MEMORY_S),
            SIDES,
        )
        self._state = bytearray(core.CATCH_UP_POSE_BYTES)

    def __call__(self, raw: RawPose, timestamp_us: int, size_px: float) -> RawPose:
        """Return `raw` with smoothed values of a person of `size_px`."""
        values, smooth = _smoothed_values(raw)
        is_mirrored = self._filter(self._state, self._rule, values, timestamp_us, size_px, smooth)
        return _with_smoothed_values(_with_rest_mirrored(raw) if is_mirrored else raw, smooth)

    def mark_lost(self, *, reset_all: bool) -> None:
        """Reset all filters, whatever `reset_all` says."""
        self._state = bytearray(len(self._state))


Arrays = tuple["NDArray[np.float32]", "NDArray[np.float32]", "NDArray[np.float32]"]


def _smoothed_values(raw: RawPose) -> tuple[Arrays, Arrays]:
    """Return the landmarks, visibility and world landmarks of `raw`, and arrays for the results."""
    empty = np.empty((33, 3), np.float32), np.empty(33, np.float32), np.empty((33, 3), np.float32)
    return (raw.landmarks, raw.visibility, raw.world), empty


def _with_smoothed_values(raw: RawPose, smooth: Arrays) -> RawPose:
    landmarks, visibility, world = map(read_only, smooth)
    return replace(raw, landmarks=landmarks, visibility=visibility, world=world)


class CoreRoiFilter:
    """`OneEuroFilter` or `CatchUpFilter` of two points, in the compiled core."""

    def __init__(self, function: Callable[..., None], rule: Rule, n_bytes: int) -> None:
        self._filter = function
        self._rule = rule
        self._state = bytearray(n_bytes)

    def __call__(
        self, values: NDArray[np.float32], timestamp_us: int, scale: float
    ) -> NDArray[np.float32]:
        """Return the filtered (2, 2) `values`; `scale` is 1 / size of the person."""
        smooth = np.empty((2, 2), np.float32)
        self._filter(self._state, self._rule, values, timestamp_us, scale, smooth)
        return read_only(smooth)

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._state = bytearray(len(self._state))


FILTERS: dict[str, Callable[[float], PoseFilters]] = {  # by Profile.filters
    "one-euro": OneEuroFilters,
    "catch-up": CatchUpFilters,
}
CORE_FILTERS: dict[str, Callable[[ModuleType, float], PoseFilters]] = {
    "one-euro": CoreOneEuroFilters,
    "catch-up": CoreCatchUpFilters,
}
ROI_FILTERS: dict[str, Callable[[], RoiFilter]] = {
    "one-euro": lambda: _one_euro(ROI_ONE_EURO),
    "catch-up": lambda: CatchUpFilter(
        min_cutoff_hz=ROI_CATCH_UP[0],
        tolerance=ROI_CATCH_UP[1],
        trail_cutoff_hz=ROI_CATCH_UP[2],
    ),
}
CORE_ROI_FILTERS: dict[str, Callable[[ModuleType], RoiFilter]] = {
    "one-euro": lambda core: CoreRoiFilter(core.one_euro_pair, ROI_ONE_EURO, core.ONE_EURO_BYTES),
    "catch-up": lambda core: CoreRoiFilter(core.catch_up_pair, ROI_CATCH_UP, core.CATCH_UP_BYTES),
}


def _pose_filters(name: str, slowness: float) -> PoseFilters:
    core = native.core
    return FILTERS[name](slowness) if core is None else CORE_FILTERS[name](core, slowness)


def _roi_filter(name: str) -> RoiFilter:
    return ROI_FILTERS[name]() if native.core is None else CORE_ROI_FILTERS[name](native.core)


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
        is_used = slowness > MIN_SLOWNESS
        self._filters = _pose_filters(profile.filters, slowness) if is_used else None

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
        self._points = _roi_filter(profile.filters)

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
