"""OakCamera: the frames of an OAK camera, with depth, and with what its script found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

from vitruvian.errors import DeviceError
from vitruvian.lift.camera_options import focal_35mm_of
from vitruvian.media.reconnecting import GapClock
from vitruvian.media.source import Source
from vitruvian.oak.frame import OakFrame
from vitruvian.oak.pairing import camera_of_frames, shots_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path
    from typing import Self

    from vitruvian.core.camera import Camera
    from vitruvian.engine.model_like import ModelLike
    from vitruvian.oak.link import Connection
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.pairing import Shot
    from vitruvian.oak.runtime import OakInfo
    from vitruvian.oak.sizes import FrameSize

__all__ = ["OakCamera", "OakCounts"]


@dataclass(frozen=True, slots=True)
class OakCounts:
    """Counts of the frames of an OAK camera.

    Attributes
    ----------
    arrived : int
        Frames that arrived.
    dropped : int
        Frames of the sensor that did not: the device or the cable was too slow, or, with mode
        "edge", the device has no result for them.
    fps : float or None
        Frames per second of the sensor, by the clock of the device; None before two frames.

    Examples
    --------
    >>> print(OakCounts(arrived=190, dropped=10, fps=20.0))
    sensor at 20.0 frames/s: 190 frames arrived, 10 dropped on the device
    """

    arrived: int
    dropped: int
    fps: float | None

    def __str__(self) -> str:
        rate = "" if self.fps is None else f" at {self.fps:.1f} frames/s"
        return f"sensor{rate}: {self.arrived} frames arrived, {self.dropped} dropped on the device"


class OakCamera(Source):
    """The frames of an OAK camera; `open_oak` opens one.

    Frames are `OakFrame`. Their times are those of the device, from its first frame, and their
    `focal_35mm` is that of its calibration. With `xyz` they have `Frame.depth`. With mode "edge"
    they have `OakFrame.record`; a picture without a record is dropped.

    Parameters
    ----------
    connection : Connection
    model : str, Path or ModelLike
    fps : float
        Wanted frame rate of the sensor.
    size : FrameSize

    Attributes
    ----------
    model : str, Path or ModelLike
        What a `PoseTracker` is made from: ``PoseTracker(camera.model)``. With modes "host" and
        "edge" it uses the device, which is released when camera and tracker are both closed.
    options : OakOptions
        As given, but for `xyz`, which is False for a camera that does not measure depth.
    info : OakInfo
        The device.
    fps : float
        Frame rate of the sensor: what was wanted, or less if the sensor does not reach it.

    Raises
    ------
    DeviceError
        If the device sends no frame, or its script fails.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        model: str | Path | ModelLike,
        fps: float,
        size: FrameSize,
    ) -> None:
        super().__init__(connection.name)
        self.model = model
        self.options: OakOptions = connection.options
        self.info: OakInfo = connection.info
        max_fps = self.info.max_fps
        self.fps: float = fps if max_fps is None else min(fps, max_fps)
        self.wh = size.wh
        self.is_live = True
        self._size = size
        self._connection, self._device = connection, connection.runtime
        self._release_device = connection.lend_to(self)
        self._focal_35mm: float | None = None
        self._meter = _Meter()
        self._shots = self._new_shots()
        try:
            if not (intrinsics := self.intrinsics).is_assumed:
                self._focal_35mm = focal_35mm_of(intrinsics)
            first = next(self._shots, None)
        except BaseException:
            self.close()
            raise
        self._shots = chain([] if first is None else [first], self._shots)

    @property
    def has_depth(self) -> bool:
        """Whether the frames have depth."""
        return self.options.xyz

    @property
    def intrinsics(self) -> Camera:
        """The calibrated camera of the frames."""
        return camera_of_frames(self._connection.runtime, self._size)

    @property
    def counts(self) -> OakCounts:
        """Counts of the frames so far."""
        return self._meter.counts

    def reconnecting(self) -> Self:
        """Return this camera, which from now on opens the device again whenever it is lost."""
        self._connection.keep()
        self.is_endless = True
        return self

    def close(self) -> None:
        """Release the camera; a tracker that uses its networks keeps the device."""
        if os.getpid() == self._pid:
            self._connection.give_up()  # a thread that waits for a lost device would not end
        super().close()

    def _release(self) -> None:
        self._release_device()

    def _new_shots(self) -> Iterator[Shot]:
        return shots_of(self._connection, self._device, self._size, self.fps, self._closed.is_set)

    def _read(self) -> Generator[OakFrame, None, None]:
        clock = GapClock()
        index = count()
        while True:
            start_us: int | None = None
            try:
                for shot in self._shots:
                    start_us = shot.time_us if start_us is None else start_us
                    self._meter.add(shot)
                    time_us = clock.time_us(shot.time_us - start_us)
                    yield OakFrame(
                        shot.image,
                        timestamp_us=time_us,
                        index=next(index),
                        focal_35mm=self._focal_35mm,
                        depth=shot.depth,
                        record=shot.record,
                    )
                return
            except DeviceError as error:
                if not self._renew(error):
                    return
            self.n_gaps += 1
            clock.note_gap()
            self._meter.note_gap()

    def _renew(self, error: DeviceError) -> bool:
        """Open the device again; return False if the camera is closed meanwhile."""
        try:
            self._device = self._connection.renewed(self._device, error)
        except DeviceError:
            if self._closed.is_set():
                return False
            raise
        self.warnings.append(str(error))
        self._shots = self._new_shots()
        return True


class _Meter:
    """Counts the frames of a camera by their sequence numbers."""

    def __init__(self) -> None:
        self._arrived = self._dropped = 0
        self._n_steps = self._steps_us = 0  # of the sensor, between the frames that arrived
        self._last: Shot | None = None

    def add(self, shot: Shot) -> None:
        self._arrived += 1
        if self._last is not None:
            n_steps = shot.number - self._last.number
            self._dropped += n_steps - 1
            self._n_steps += n_steps
            self._steps_us += shot.time_us - self._last.time_us
        self._last = shot._replace(image=shot.image[:0], depth=None, record=None)

    def note_gap(self) -> None:
        """Note that the next frame is the first one of a new connection."""
        self._last = None

    @property
    def counts(self) -> OakCounts:
        is_known = self._n_steps > 0 and self._steps_us > 0
        fps = 1e6 * self._n_steps / self._steps_us if is_known else None
        return OakCounts(self._arrived, self._dropped, fps)
