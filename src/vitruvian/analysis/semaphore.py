"""Flag semaphore: letters from the directions of both arms, and a reader for text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.limbs import ARMS
from vitruvian.core.pose import VISIBLE, Pose
from vitruvian.core.semaphore import REST, SEMAPHORE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SemaphoreReader", "semaphore_letter"]

# Both assignments of the arms give the same letter, except for I and K: the network swaps crossed
# arms. Charts differ for I; its second form is no other letter.
LETTERS = {
    **{(left, right): letter for letter, (right, left) in SEMAPHORE.items()},
    **{arms: letter for letter, arms in SEMAPHORE.items()},
    **{(1, 3): "I", (3, 1): "I"},
}
MAX_BEND_DEG = 75  # of the elbow: excludes hands on hips (N), tolerates elbow errors
HYSTERESIS_DEG = 7  # hysteresis: how far an arm must leave its eighth of the circle
MIN_CHANGE_US = 150_000  # a shorter change is a landmark error


def semaphore_letter(
    person: Pose | ArrayLike, visibility: ArrayLike | None = None, *, mirrored: bool = False
) -> str | None:
    """Return the letter from A to Z that a person signals to the camera, or None.

    Parameters
    ----------
    person : Pose or (n, 2 or more) array, image px
        A person who faces the camera: a pose, or landmarks in the order of `BLAZEPOSE`. Only the
        landmarks of the arms are used. Left and right are the person's own.
    visibility : (n,) array or None
        Visibility of each landmark of an array, 0 to 1; None if all are visible.
    mirrored : bool
        Whether the image is mirrored, as from many selfie cameras.

    Returns
    -------
    str or None
        None if the arms show no letter or are at rest, if a shoulder or an elbow is not visible, or
        if an elbow is bent by more than 75 degrees.

    Notes
    -----
    The direction of an arm in the image is from shoulder to wrist, or to the elbow if the wrist is
    not visible. It is rounded to the nearest eighth of a turn; on a border to the next one
    counter-clockwise. Source: geaxgx, depthai_blazepose, ``examples/semaphore_alphabet``, which
    uses the elbow only. RMS error of the angle on rendered letters: wrist 2.4 degrees, elbow 5.3.

    Examples
    --------
    >>> landmarks = np.zeros((33, 2))
    >>> landmarks[[11, 13, 15]] = (60, 50), (80, 50), (100, 50)  # left arm, to the side
    >>> landmarks[[12, 14, 16]] = (40, 50), (20, 50), (0, 50)  # right arm, to the side
    >>> semaphore_letter(landmarks)
    'R'
    """
    angles = _arm_angles_deg(person, visibility, mirrored=mirrored)
    if angles is None:
        return None
    right, left = _nearest_eighths(angles)
    return LETTERS.get((right, left))


class SemaphoreReader:
    """Reads text, letter by letter, from a person who signals it.

    A letter is read once it has been held for `hold_s`. To repeat it, the arms must leave it. Arms
    at rest for `hold_s` are a space. All times come from the timestamps, so the frame rate does not
    matter. Changes shorter than 0.15 s are ignored.

    Parameters
    ----------
    hold_s : float
        How long a letter must be held, s.
    mirrored : bool
        Whether the image is mirrored.

    Attributes
    ----------
    text : str
        The text so far, words separated by one space.
    candidate : str or None
        The letter that is shown now, or a space for arms at rest.
    progress : float
        Share of `hold_s` for which the candidate has been held, 0 to 1.

    Examples
    --------
    >>> reader = SemaphoreReader()
    >>> reader.update(None, timestamp_us=0)  # no person in view
    >>> reader.text
    ''
    """

    def __init__(self, hold_s: float = 0.5, *, mirrored: bool = False) -> None:
        if not 0 < hold_s < math.inf:
            raise ValueError(f"hold_s must be positive, got {hold_s!r}")
        self._hold_us = round(hold_s * 1e6)
        self._mirrored = mirrored
        self.reset()

    def reset(self) -> None:
        """Reset to the state of a new reader."""
        self.text = ""
        self.candidate: str | None = None
        self.progress = 0.0
        self._is_read = False
        self._candidate_since_us = 0
        self._left_us: int | None = None  # since when the candidate is not seen
        self._sign: str | None = None  # of the last frame
        self._sign_since_us = 0
        self._eighths: list[int] | None = None
        self._last_us: int | None = None

    def update(
        self,
        person: Pose | ArrayLike | None,
        timestamp_us: int,
        visibility: ArrayLike | None = None,
    ) -> str | None:
        """Return the letter or space that is complete with this frame, or None.

        Parameters
        ----------
        person : Pose or (n, 2 or more) array or None, image px
            See `semaphore_letter`; None if no person is in view.
        timestamp_us : int
            Time of the frame, later than that of the previous one.
        visibility : (n,) array or None
            See `semaphore_letter`.
        """
        last_us = self._last_us
        if last_us is not None and timestamp_us <= last_us:
            raise ValueError(f"timestamp_us must increase, got {timestamp_us} after {last_us}")
        self._last_us = timestamp_us
        # A sign starts and ends between two frames.
        changed_us = timestamp_us if last_us is None else (last_us + timestamp_us) // 2
        sign = self._sign_of_frame(person, visibility)
        if sign != self._sign:
            self._sign, self._sign_since_us = sign, changed_us
        self._update_candidate(changed_us, timestamp_us)
        return self._completed(timestamp_us)

    def _sign_of_frame(
        self, person: Pose | ArrayLike | None, visibility: ArrayLike | None
    ) -> str | None:
        """Return the letter or space of this frame, with hysteresis between eighths."""
        angles = None
        if person is not None:
            angles = _arm_angles_deg(person, visibility, mirrored=self._mirrored)
        if angles is None:
            self._eighths = None
            return None
        eighths = _nearest_eighths(angles)
        if self._eighths is not None:
            for i, (angle, last) in enumerate(zip(angles, self._eighths, strict=True)):
                off_deg = abs((angle - 45 * last) % 360 - 180)
                if off_deg < 22.5 + HYSTERESIS_DEG:
                    eighths[i] = last
        self._eighths = eighths
        right, left = eighths
        return " " if (right, left) == REST else LETTERS.get((right, left))

    def _update_candidate(self, changed_us: int, now_us: int) -> None:
        """Make the sign of this frame the candidate, if the previous one has been left."""
        if self._sign == self.candidate:
            if self._left_us is not None and changed_us - self._left_us >= MIN_CHANGE_US:
                self._begin()
            self._left_us = None
            return
        if self._left_us is None:
            self._left_us = changed_us
        if now_us - self._left_us >= MIN_CHANGE_US:
            self._begin()

    def _begin(self) -> None:
        """Make the sign of this frame the new candidate."""
        self.candidate, self._candidate_since_us = self._sign, self._sign_since_us
        self.progress, self._is_read, self._left_us = 0.0, False, None

    def _completed(self, now_us: int) -> str | None:
        """Return the candidate once it has been held long enough, and only once."""
        if self.candidate is None or self._sign != self.candidate or self._is_read:
            return None
        self.progress = min((now_us - self._candidate_since_us) / self._hold_us, 1.0)
        if self.progress < 1:
            return None
        self._is_read = True
        if self.candidate == " " and self.text[-1:] in ("", " "):
            return None
        self.text += self.candidate
        return self.candidate


def _arm_angles_deg(
    person: Pose | ArrayLike, visibility: ArrayLike | None, *, mirrored: bool
) -> list[float] | None:
    """Return the directions of right and left arm: 0 down, 90 right in the image, in ±180."""
    landmarks = person
    if isinstance(person, Pose):
        landmarks, visibility = person.landmarks, person.visibility
    points = np.asarray(landmarks, np.float64)
    if points.ndim != 2 or len(points) <= ARMS[:3].max() or points.shape[1] < 2:
        raise ValueError(f"landmarks must have shape (33, 2 or more), got {points.shape}")
    is_visible = np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])
    if visibility is not None:
        visible = np.asarray(visibility, np.float64) > VISIBLE
        if visible.shape != is_visible.shape:
            raise ValueError(f"visibility must have shape {is_visible.shape}, got {visible.shape}")
        is_visible = is_visible & visible
    angles = [_angle_deg(points[arm, :2], is_visible[arm].tolist()) for arm in ARMS[:3, ::-1].T]
    if mirrored:
        angles = [None if angle is None else -angle for angle in angles[::-1]]
    right, left = angles
    return None if right is None or left is None else [right, left]


def _angle_deg(arm: NDArray[np.float64], is_visible: list[bool]) -> float | None:
    """Return the direction of an arm (3, 2): shoulder, elbow, wrist; None if unknown."""
    if not all(is_visible[:2]):
        return None
    (x, y), (fore_x, fore_y) = np.diff(arm, axis=0).tolist()
    if x == y == 0:
        return None
    if is_visible[2]:
        bend = math.atan2(x * fore_y - y * fore_x, x * fore_x + y * fore_y)
        if abs(bend) > math.radians(MAX_BEND_DEG):
            return None
        x, y = x + fore_x, y + fore_y
    return math.degrees(math.atan2(x, y))


def _nearest_eighths(angles_deg: list[float]) -> list[int]:
    return [math.floor((angle + 202.5) / 45) % 8 for angle in angles_deg]
