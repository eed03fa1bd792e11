"""Strictly increasing timestamps from the presentation times of a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["MAX_GAP_US", "MAX_STREAM_GAP_US", "VideoClock"]

# FFmpeg, fftools/ffmpeg_demux.c: dts_delta_threshold, for formats whose clock may be set anew, such
# as MPEG-TS, and dts_error_threshold for the others.
MAX_STREAM_GAP_US = 10 * 1_000_000
MAX_GAP_US = 30 * 3600 * 1_000_000


class VideoClock:
    """Converts presentation times to strictly increasing µs from the first frame.

    - Times that increase are exact.
    - A step back by more than half a nominal step, or a step ahead by more than `max_gap_us`, is a
      restarted clock, as in joined files: the frame follows one nominal step after the previous
      one, and later frames count from there. If the next frame continues the old clock, only that
      one frame was wrong.
    - A time that repeats, or is behind by less, is set to half a nominal step after the previous
      frame. Later frames are not affected.
    - A missing time is one nominal step after the previous frame.

    Parameters
    ----------
    time_base : Fraction
        Seconds per tick.
    step_us : int
        Nominal time between two frames.
    max_gap_us : int
        Longest step ahead that the same clock makes.

    Attributes
    ----------
    n_corrected : int
        Number of times that repeated or stepped back without a restart of the clock.
    """

    def __init__(self, time_base: Fraction, step_us: int, *, max_gap_us: int = MAX_GAP_US) -> None:
        self.step_us = max(step_us, 2)
        self.n_corrected = 0
        self._max_gap_us = max_gap_us
        self._us_per_tick = time_base * 1_000_000
        self._first_pts: int | None = None
        self._shift_us = 0  # from the time in the file to that of the frames
        self._previous_shift_us: int | None = None  # before the clock restarted at the last frame
        self._file_us = 0  # time of the last frame in the file
        self._last_us = -self.step_us

    def time_us(self, pts: int | None) -> int:
        """Return the time of the next frame."""
        next_us = self._last_us + self.step_us
        if pts is None:
            self._last_us = next_us
            return next_us
        if self._first_pts is None:
            self._first_pts = pts
            self._shift_us = next_us
        file_us = round((pts - self._first_pts) * self._us_per_tick)
        self._update_shift(file_us, next_us)
        self._file_us = file_us
        time_us = file_us + self._shift_us
        if time_us <= self._last_us:
            self.n_corrected += 1
            time_us = self._last_us + self.step_us // 2
        self._last_us = time_us
        return time_us

    def _update_shift(self, file_us: int, next_us: int) -> None:
        """Set the shift for a frame at a time in the file, if the clock restarts at it."""
        previous, self._previous_shift_us = self._previous_shift_us, None
        if previous is not None and self._is_step(file_us + previous - self._last_us):
            self._shift_us = previous
        elif not self._is_step(file_us - self._file_us):
            self._previous_shift_us = self._shift_us
            self._shift_us = next_us - file_us

    def _is_step(self, us: int) -> bool:
        """Return whether the same clock may make a step from one frame to the next."""
        return -self.step_us // 2 < us <= self._max_gap_us
