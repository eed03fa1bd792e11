"""Feet on the ground, and jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.points import MIN_VISIBILITY, row
from vitruvian.core.resampling import nominal_fps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = ["Jump", "foot_contact", "jumps"]

GRAVITY_M_S2 = 9.81
CONTACT_M_S = 1.2  # speed of the slower of heel and toes
MIN_LIFT_M = 0.04  # of both feet above the ground: below it is noise of the landmarks
MIN_FLIGHT_S = 0.12
MAX_FLIGHT_S = 1.0  # 1.2 m: longer is a person who climbs, or a camera that moves
FLOOR_S = 1.0  # the ground is where the feet are in this time around the jump

_FEET = np.array([[row(f"{s}_heel"), row(f"{s}_foot_index")] for s in ("left", "right")])
_TRUNK = np.array([[row(f"{s}_{p}") for s in ("left", "right")] for p in ("shoulder", "hip")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A jump: both feet off the ground.

    Attributes
    ----------
    take_off_us, landing_us : int
    """

    take_off_us: int
    landing_us: int

    @property
    def flight_s(self) -> float:
        """Time in the air."""
        return (self.landing_us - self.take_off_us) / 1e6

    @property
    def height_m(self) -> float:
        """Rise of the centre of mass, ``g * t**2 / 8``, if the legs are as long at both ends."""
        return GRAVITY_M_S2 * self.flight_s**2 / 8


def foot_contact(
    person: PersonSequence, *, max_speed_m_s: float = CONTACT_M_S
) -> NDArray[np.bool_]:
    """Return whether the left and the right foot rest on the ground, (T, 2).

    A foot rests if its heel or its toes are slow in camera space. False where it is not visible.

    Parameters
    ----------
    person : PersonSequence
        Smoothed, with camera landmarks; see `vitruvian.lift`.
    max_speed_m_s : float
        The errors of the depth move a resting foot, too.

    Raises
    ------
    ValueError
        If there are no camera landmarks.
    """
    if person.camera is None:
        raise ValueError("foot_contact needs camera landmarks, this person has none")
    if len(person) < 2:
        return np.zeros((len(person), 2), bool)
    is_visible = person.visibility[:, _FEET] >= MIN_VISIBILITY
    feet = np.where(is_visible[..., None], person.camera[:, _FEET].astype(np.float64), np.nan)
    speed = np.linalg.norm(np.gradient(feet, person.timestamps_us / 1e6, axis=0), axis=-1)
    with np.errstate(invalid="ignore"):
        is_slow: NDArray[np.bool_] = np.fmin(speed[..., 0], speed[..., 1]) < max_speed_m_s
    return is_slow


def jumps(person: PersonSequence) -> list[Jump]:
    """Return the jumps of a person, from image landmarks and a camera that does not move.

    Parameters
    ----------
    person : PersonSequence
        Smoothed at 10 Hz or more. At 30 frames a second a flight time is known to about 20 ms,
        which is a tenth of the height of a jump of 30 cm.

    Notes
    -----
    A jump is a time in which the lower foot is 4 cm above the ground or higher. Take-off and
    landing are those of a free fall through these two moments. Metres are from the ratio of the
    trunk's length in the image and in world landmarks.
    """
    if len(person) < 3 or not person.is_present.any():
        return []
    fps = nominal_fps(person.timestamps_us)
    height = _height_of_lower_foot(person, fps)
    times_s = person.timestamps_us / 1e6
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], height > MIN_LIFT_M, [False]])))
    for start, end in edges.reshape(-1, 2).tolist():
        if start == 0 or end == len(height) or not np.isfinite(height[[start - 1, end]]).all():
            continue
        up_s = _crossing(times_s[start - 1 : start + 1], height[start - 1 : start + 1])
        down_s = _crossing(times_s[end - 1 : end + 1], height[end - 1 : end + 1])
        flight_s = float(np.sqrt((down_s - up_s) ** 2 + 8 * MIN_LIFT_M / GRAVITY_M_S2))
        middle_s = 0.5 * (up_s + down_s)
        if down_s - up_s >= MIN_FLIGHT_S and flight_s <= MAX_FLIGHT_S:
            first, last = (round(1e6 * (middle_s + half * flight_s)) for half in (-0.5, 0.5))
            found.append(Jump(take_off_us=first, landing_us=last))
    return found


def _crossing(times_s: Floats, heights: Floats) -> float:
    """Return when the height passes `MIN_LIFT_M` between two frames."""
    part = (MIN_LIFT_M - heights[0]) / (heights[1] - heights[0])
    return float(times_s[0] + part * (times_s[1] - times_s[0]))


def _height_of_lower_foot(person: PersonSequence, fps: float) -> Floats:
    """Return how high the lowest foot point is above the ground (T,), m."""
    feet = person.landmarks[:, _FEET.ravel(), 1].astype(np.float64)
    feet = np.where(person.visibility[:, _FEET.ravel()] >= MIN_VISIBILITY, feet, np.nan)
    is_known = np.isfinite(feet).any(axis=1)
    lowest = np.where(is_known, np.nan_to_num(feet, nan=-np.inf).max(axis=1), np.nan)
    around = round(FLOOR_S * fps)
    floor = np.full(len(lowest), np.nan)
    for t in np.flatnonzero(is_known):
        floor[t] = np.nanpercentile(lowest[max(0, t - around) : t + around + 1], 75)
    trunk_px, trunk_m = (
        np.linalg.norm(np.subtract(*points[:, _TRUNK].mean(axis=2).swapaxes(0, 1)), axis=-1)
        for points in (person.landmarks[..., :2], person.world[..., :2])
    )
    is_measured = (trunk_px > 0) & (trunk_m > 0)
    if not is_measured.any():
        return np.full(len(lowest), np.nan)
    px_per_m = float(np.median(trunk_px[is_measured] / trunk_m[is_measured]))
    return (floor - lowest) / px_per_m
