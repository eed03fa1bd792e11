"""Filters over time: low-pass, one-euro and catch-up. Each filters a whole array at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CatchUpFilter", "LowPassFilter", "OneEuroFilter"]

FIRST_FREQUENCY_HZ = 30.0  # MediaPipe, util/filtering/one_euro_filter.cc, default frequency
TURN_AT_30_FPS = np.float32(2 * math.pi / 30)


class LowPassFilter:
    """An exponential low-pass: ``alpha * new + (1 - alpha) * old``.

    Notes
    -----
    Source: MediaPipe, ``util/filtering/low_pass_filter.cc``. As there, values are stored in float32
    and summed in double precision, so the numbers are equal.

    Examples
    --------
    >>> smooth = LowPassFilter(alpha=0.25)
    >>> [smooth(np.float32(v)).item() for v in (0.0, 4.0, 4.0)]
    [0.0, 1.0, 1.75]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self._alpha = np.float32(alpha)
        self._stored: NDArray[np.float32] | None = None

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the filtered `values`, float32 of the same shape."""
        return self.step(values, self._alpha)

    def step(
        self, values: NDArray[np.float32], alpha: NDArray[np.float32] | np.float32
    ) -> NDArray[np.float32]:
        """Return the filtered `values` for an `alpha` given for this step, or for each value."""
        if self._stored is None:
            self._stored = values
        else:
            kept = np.multiply(1.0 - alpha.astype(np.float64), self._stored, dtype=np.float64)
            self._stored = (alpha * values + kept).astype(np.float32)
        return self._stored

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._stored = None


class OneEuroFilter:
    """A low-pass whose cut-off grows with speed: little jitter at rest, little lag in motion.

    Parameters
    ----------
    min_cutoff_hz : float
        Cut-off for a value at rest: lower means less jitter.
    beta : float
        Growth of the cut-off with speed: higher means less lag.
    derivate_cutoff_hz : float
        Cut-off for the speed.

    Notes
    -----
    Source: MediaPipe, ``util/filtering/one_euro_filter.cc``, in double precision with float32
    storage as there; Casiez, Roussel and Vogel, "1€ Filter", CHI 2012.
    """

    def __init__(self, *, min_cutoff_hz: float, beta: float, derivate_cutoff_hz: float) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._derivate_cutoff_hz = derivate_cutoff_hz
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._frequency_hz = FIRST_FREQUENCY_HZ
        self._last_us: int | None = None
        self._last_values: NDArray[np.float32] | None = None
        self._values = LowPassFilter()
        self._speed = LowPassFilter()

    def __call__(
        self, values: NDArray[np.float32], timestamp_us: int, scale: float = 1.0
    ) -> NDArray[np.float32]:
        """Return the filtered `values`.

        Parameters
        ----------
        values : float32 array of any shape, always the same
        timestamp_us : int
            Time of the values. If it does not increase, they are returned unfiltered.
        scale : float
            Factor from a difference of values to a speed without unit: 1 / size of the object.
        """
        if self._last_us is not None:
            if timestamp_us <= self._last_us:
                return values
            if self._last_us != 0:  # in MediaPipe, 0 means that no time is set yet
                self._frequency_hz = 1.0 / ((timestamp_us - self._last_us) * 1000 * 1e-9)
        self._last_us = timestamp_us
        speed = self._raw_speed(values, scale)
        self._last_values = values
        turn = 2 * math.pi / self._frequency_hz
        slow = turn * self._derivate_cutoff_hz
        smooth_speed = self._speed.step(speed, np.float32(slow / (1.0 + slow)))
        cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(smooth_speed.astype(np.float64))
        ratio = turn * cutoff_hz
        return self._values.step(values, (ratio / (1.0 + ratio)).astype(np.float32))

    def _raw_speed(self, values: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
        if self._last_values is None:
            return np.zeros_like(values)
        difference = np.subtract(values, self._last_values, dtype=np.float64)
        return (difference * (scale * self._frequency_hz)).astype(np.float32)


class CatchUpFilter:
    """A low-pass whose cut-off grows with its own lag, at any frame rate.

    The trail is the low-passed lag. Jitter changes its direction all the time and keeps it short;
    motion makes it grow. The cut-off rises, in Hz, by the low-passed square of
    ``trail / tolerance``, so it stays high while a motion reverses.

    Parameters
    ----------
    min_cutoff_hz : float
        Cut-off without a trail.
    tolerance : float
        Trail that raises the cut-off by 1 Hz: a shorter one counts as jitter.
    trail_cutoff_hz : float
        Cut-off for the trail and its square: lower separates jitter and motion better, but later.

    Notes
    -----
    The cut-off of the one-euro filter grows with the speed of the input, which jitter also has. The
    cut-off of this filter grows with the error of smoothing, which slow motion also causes and
    jitter does not.

    The lag is the difference of input and output before the step. At a steady speed and with the
    cut-off ``f`` it is proportional to ``1 + 2 * pi * f * seconds``, where ``seconds`` is the time
    between frames: the fewer frames, the more motion is in it. It is converted to 30 frames/s.
    """

    def __init__(self, *, min_cutoff_hz: float, tolerance: float, trail_cutoff_hz: float) -> None:
        self._min_cutoff_hz = np.float32(min_cutoff_hz)
        self._tolerance = np.float32(tolerance)
        self._trail_cutoff_hz = np.float32(trail_cutoff_hz)
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._last_us: int | None = None
        self._values = self._trail = self._opening_hz = np.empty(0, np.float32)

    def __call__(
        self,
        values: NDArray[np.float32],
        timestamp_us: int,
        scale: float | NDArray[np.floating] = 1.0,
    ) -> NDArray[np.float32]:
        """Return the filtered `values`.

        Parameters
        ----------
        values : float32 array of any shape, always the same
        timestamp_us : int
            Time of the values. If it does not increase, they are returned unfiltered.
        scale : float, or array of the shape of `values`
            Factor from a difference of values to the unit of the tolerance.
        """
        if self._last_us is None:
            self._last_us, self._values = timestamp_us, values
            self._trail = self._opening_hz = np.zeros_like(values)
            return values
        if timestamp_us <= self._last_us:
            return values
        turn = np.float32(2 * math.pi * (timestamp_us - self._last_us) / 1e6)
        self._last_us = timestamp_us
        slow = turn * self._trail_cutoff_hz
        share = slow / (np.float32(1) + slow)
        gap = values - self._values
        cutoff_hz = self._min_cutoff_hz + self._opening_hz
        lag = gap * scale * ((1 + TURN_AT_30_FPS * cutoff_hz) / (1 + turn * cutoff_hz))
        self._trail = self._trail + share * (lag - self._trail)
        excess_hz = np.square(self._trail / self._tolerance)
        self._opening_hz = self._opening_hz + share * (excess_hz - self._opening_hz)
        ratio = turn * (self._min_cutoff_hz + self._opening_hz)
        self._values = self._values + ratio / (1 + ratio) * gap
        return self._values
