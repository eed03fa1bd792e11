"""Filters that look both ways: outliers, gaps and low-pass, of arrays that begin with time.

The online filters of `vitruvian.core.filters` see no future, so they lag. Here the whole clip is
known, so the filters have no lag. Everything is NumPy.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.resampling import MAX_GAP_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "MAX_CUTOFF",
    "LowPassMethod",
    "equal_gaps",
    "filled_gaps",
    "interpolated",
    "low_pass",
    "runs_of",
    "without_outliers",
]

LowPassMethod = Literal["butterworth", "kalman", "whittaker"]

SAMPLES_OF_OUTLIERS = 7  # Pose2Sim and Sports2D: Hampel filter, window 7, threshold 2
OUTLIER_SIGMAS = 2.0
SIGMA_OF_MAD = 0.6745  # median absolute deviation / standard deviation of a normal distribution
MAX_CUTOFF = 0.45  # of the frame rate
PAD = 9  # samples at the ends: SciPy's filtfilt, 3 * max(len(a), len(b))
WHITTAKER_PAD = 10
FRAMES_AT_ONCE = 2000


def without_outliers(values: ArrayLike, *, window: int = SAMPLES_OF_OUTLIERS) -> Floats:
    """Return values whose outliers are replaced by the median of the frames around (Hampel).

    Parameters
    ----------
    values : (T, ...) array
        NaN is left out of the medians, and stays.
    window : int
        Number of frames of a median, odd. At the ends of the clip it is the first or the last ones.

    Notes
    -----
    A value is an outlier if it is more than two standard deviations from the median, the standard
    deviation estimated by the median absolute deviation. Where that is 0, nothing is replaced.
    Source: Pose2Sim and Sports2D, ``hampel_filter``.
    """
    array = np.array(values, np.float64)
    n_frames = len(array)
    if n_frames < window:
        return array
    flat = array.reshape(n_frames, -1)
    for first in range(0, n_frames, FRAMES_AT_ONCE):  # bounds the memory
        rows = np.arange(first, min(first + FRAMES_AT_ONCE, n_frames))
        starts = np.clip(rows - window // 2, 0, n_frames - window)
        frames = np.asarray(values, np.float64).reshape(n_frames, -1)[
            starts[:, None] + np.arange(window)
        ]
        median_of = np.nanmedian if np.isnan(frames).any() else np.median
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a window without values
            median = median_of(frames, axis=1)
            deviation = median_of(np.abs(frames - median[:, None]), axis=1)
        off = SIGMA_OF_MAD * np.abs(flat[rows] - median)
        is_outlier = (off > OUTLIER_SIGMAS * deviation) & (deviation > 0)
        flat[rows] = np.where(is_outlier, median, flat[rows])
    return array


def filled_gaps(values: ArrayLike, fps: float, max_gap_s: float = MAX_GAP_S) -> Floats:
    """Return values (T, ...) at a constant rate whose short gaps are filled by PCHIP.

    A gap is measured from the last value before it to the first one after it. Nothing is added
    before the first value and after the last one.
    """
    array = np.asarray(values, np.float64)
    times_us = np.rint(np.arange(len(array)) * (1e6 / fps)).astype(np.int64)
    return interpolated(times_us, array, times_us, max_gap_s)


def interpolated(
    times_us: NDArray[np.int64], values: ArrayLike, new_us: NDArray[np.int64], max_gap_s: float
) -> Floats:
    """Return values at new times by monotone cubic interpolation (PCHIP) of those that are known.

    Parameters
    ----------
    times_us : (T,) int64 array, increasing
    values : (T, ...) array
        NaN is missing.
    new_us : (S,) int64 array
    max_gap_s : float
        Between values that are farther apart the result is NaN, as before the first value and after
        the last one. Values at the very times are kept.

    Notes
    -----
    Source: Fritsch and Butland (1984), as in SciPy's ``PchipInterpolator``. Between values of
    opposite trends it does not overshoot.
    """
    array = np.asarray(values, np.float64)
    if new_us is times_us and np.isfinite(array).all():
        return array
    flat = array.reshape(len(array), -1)
    result = np.full((len(new_us), flat.shape[1]), np.nan)
    for columns, is_known in equal_gaps(flat):
        known_us = times_us[is_known]
        if known_us.size:
            known = flat[np.ix_(is_known, columns)]
            result[:, columns] = _pchip(known_us, known, new_us, max_gap_s)
    return result.reshape(len(new_us), *array.shape[1:])


def low_pass(
    values: ArrayLike, fps: float, cutoff_hz: float = 6.0, method: LowPassMethod = "butterworth"
) -> Floats:
    """Return values at a constant rate without what is faster than a cutoff; there is no lag.

    Parameters
    ----------
    values : (T, ...) array
        Stretches between NaN are filtered each on its own; "kalman" filters across gaps.
    fps : float
    cutoff_hz : float
        At most 0.45 times `fps`; a higher one is lowered to that.
    method : {"butterworth", "whittaker", "kalman"}
        As in `Filtering`. Stretches of 9 frames or less are smoothed by "whittaker" if the method
        is "butterworth".

    Raises
    ------
    ValueError
        If `fps` or `cutoff_hz` is not positive.
    """
    array = np.asarray(values, np.float64)
    if not (fps > 0 and cutoff_hz > 0):
        raise ValueError(f"fps and cutoff_hz must be positive, got {fps!r} and {cutoff_hz!r}")
    share = min(cutoff_hz / fps, MAX_CUTOFF)
    flat = array.reshape(len(array), -1)
    result = np.full(flat.shape, np.nan)
    for columns, is_known in equal_gaps(flat):
        if method == "kalman" and is_known.any():
            result[:, columns] = _kalman(flat[:, columns], is_known, share * fps, fps)
            continue
        for start, end in runs_of(is_known):
            piece = flat[start:end, columns]
            if method == "whittaker" or len(piece) <= PAD:
                result[start:end, columns] = _whittaker(piece, share)
            else:
                result[start:end, columns] = _butterworth(piece, share)
    return result.reshape(array.shape)


def equal_gaps(flat: Floats) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield the columns that have values in the same frames, and these frames."""
    is_known = np.isfinite(flat)
    packed = np.packbits(is_known, axis=0)
    _, group = np.unique(packed, axis=1, return_inverse=True)
    group = group.reshape(-1)
    for number in range(int(group.max(initial=-1)) + 1):
        columns = np.flatnonzero(group == number)
        yield columns, is_known[:, columns[0]]


def runs_of(is_known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and the last frame, exclusive, of each stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_known, [False]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _pchip(
    known_us: NDArray[np.int64], known: Floats, new_us: NDArray[np.int64], max_gap_s: float
) -> Floats:
    """Return PCHIP of values (K, C) at new times; NaN outside and in long gaps."""
    result = np.full((len(new_us), known.shape[1]), np.nan)
    before = np.clip(np.searchsorted(known_us, new_us, side="right") - 1, 0, len(known_us) - 1)
    is_exact = known_us[before] == new_us
    result[is_exact] = known[before[is_exact]]
    if len(known_us) < 2:
        return result
    steps = np.diff(known_us) / 1e6
    slopes = _pchip_slopes(steps[:, None], np.diff(known, axis=0) / steps[:, None])
    inside = ~is_exact & (new_us > known_us[0]) & (new_us < known_us[-1])
    inside[inside] = steps[before[inside]] <= max_gap_s + 2e-6  # times are rounded to µs
    i = before[inside]
    h = steps[i][:, None]
    t = ((new_us[inside] - known_us[i]) / 1e6)[:, None] / h
    result[inside] = (
        known[i] * (1 + 2 * t) * (1 - t) ** 2
        + known[i + 1] * t * t * (3 - 2 * t)
        + h * t * (1 - t) * (slopes[i] * (1 - t) - slopes[i + 1] * t)
    )
    return result


def _pchip_slopes(steps: Floats, slopes: Floats) -> Floats:
    """Return the derivatives at the values, of the steps (K-1, 1) and their slopes (K-1, C)."""
    if len(slopes) == 1:
        return np.repeat(slopes, 2, axis=0)
    one, two = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    same = slopes[1:] * slopes[:-1] > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (one + two) / (one / slopes[:-1] + two / slopes[1:])
    inner = np.where(same, mean, 0.0)
    first = _end_slope(steps[0], steps[1], slopes[0], slopes[1])
    last = _end_slope(steps[-1], steps[-2], slopes[-1], slopes[-2])
    return np.concatenate([first[None], inner, last[None]])


def _end_slope(h0: Floats, h1: Floats, d0: Floats, d1: Floats) -> Floats:
    """Return the derivative at an end by three points, limited to keep the shape."""
    slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    slope = np.where(np.sign(slope) != np.sign(d0), 0.0, slope)
    is_steep = (np.sign(d0) != np.sign(d1)) & (np.abs(slope) > 3 * np.abs(d0))
    limited: Floats = np.where(is_steep, 3 * d0, slope)
    return limited


def _butterworth(values: Floats, share: float) -> Floats:
    """Filter (T, C) by a Butterworth filter of order 2, forward and backward.

    `share` is the cutoff in parts of the rate. Equal to ``butter(2, 2 * share)`` and ``filtfilt``
    of SciPy, whose ends are continued by point reflection.
    """
    c = 1 / math.tan(math.pi * share)
    b0 = 1 / (1 + math.sqrt(2) * c + c * c)
    a1, a2 = 2 * (1 - c * c) * b0, (1 - math.sqrt(2) * c + c * c) * b0
    ahead = 2 * values[0] - values[PAD:0:-1]
    behind = 2 * values[-1] - values[-2 : -PAD - 2 : -1]
    padded = np.concatenate([ahead, values, behind])
    for _ in range(2):
        one, two = (1 - b0) * padded[0], (b0 - a2) * padded[0]  # as if it had always been there
        for t, value in enumerate(padded):
            new = b0 * value + one
            one, two = 2 * b0 * value - a1 * new + two, b0 * value - a2 * new
            padded[t] = new
        padded = padded[::-1]
    return padded[PAD:-PAD]


def _whittaker(values: Floats, share: float) -> Floats:
    """Return the (T, C) values that are smooth and near: (I + λ DᵀD) x = y.

    D takes second differences; λ is ``(1 / (2 π share))**4``, so that the cutoff is that of a
    Butterworth filter. The matrix has five diagonals; it is solved by LDLᵀ in linear time.
    """
    padded = np.pad(values, ((WHITTAKER_PAD, WHITTAKER_PAD), (0, 0)), mode="edge")
    n, weight = len(padded), (1 / (2 * math.pi * share)) ** 4
    main = np.full(n, 6.0)
    main[[0, -1]], main[[1, -2]] = 1.0, 5.0
    first = np.full(n, -4.0)
    first[[0, n - 2]] = -2.0
    d, e, f = np.zeros(n + 2), np.zeros(n + 2), np.zeros(n + 2)  # e, f: below the diagonal of L
    y = padded
    for i in range(n):
        d[i] = 1 + weight * main[i] - d[i - 1] * e[i - 1] ** 2 - d[i - 2] * f[i - 2] ** 2
        e[i] = (weight * first[i] - d[i - 1] * e[i - 1] * f[i - 1]) / d[i]
        f[i] = weight / d[i]
        y[i] = y[i] - (e[i - 1] * y[i - 1] if i else 0) - (f[i - 2] * y[i - 2] if i > 1 else 0)
    for i in range(n - 1, -1, -1):
        y[i] = y[i] / d[i]
        if i < n - 1:
            y[i] -= e[i] * y[i + 1]
        if i < n - 2:
            y[i] -= f[i] * y[i + 2]
    return y[WHITTAKER_PAD:-WHITTAKER_PAD]


def _kalman(values: Floats, is_known: NDArray[np.bool_], cutoff_hz: float, fps: float) -> Floats:
    """Return (T, C) values by a Kalman filter forward and a Rauch-Tung-Striebel smoother backward.

    The state is position, velocity and acceleration, driven by white jerk. Only the ratio of jerk
    to noise matters, so that px and m are alike: a wave of angular frequency w passes with
    ``1 / (1 + w**6 * fps / ratio)``, so the ratio is such that one half passes at the cutoff, as
    with the other filters.
    """
    h = 1 / fps
    step = np.array([[1, h, h * h / 2], [0, 1, h], [0, 0, 1]])
    noise = (
        (2 * math.pi * cutoff_hz) ** 6
        / fps
        * np.array(
            [
                [h**5 / 20, h**4 / 8, h**3 / 6],
                [h**4 / 8, h**3 / 3, h**2 / 2],
                [h**3 / 6, h**2 / 2, h],
            ]
        )
    )
    n = len(values)
    states = np.zeros((n, 3, values.shape[1]))
    spreads, ahead = np.zeros((n, 3, 3)), np.zeros((n, 3, 3))
    state = np.zeros((3, values.shape[1]))
    state[0] = values[is_known.argmax()]
    spread = np.diag([1e6, 1e8, 1e10])  # nothing is known before the first frame
    for t in range(n):
        if t:
            state, spread = step @ state, step @ spread @ step.T + noise
        ahead[t] = spread
        if is_known[t]:
            gain = spread[:, :1] / (spread[0, 0] + 1)
            state = state + gain * (values[t] - state[0])
            spread = spread - gain * spread[:1]
        states[t], spreads[t] = state, spread
    for t in range(n - 2, -1, -1):
        back = spreads[t] @ step.T @ np.linalg.inv(ahead[t + 1])
        states[t] += back @ (states[t + 1] - step @ states[t])
    return states[:, 0]
