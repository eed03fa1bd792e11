"""Shots: what belongs to one moment: a picture with its depth image, or with its record."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from vitruvian.core.depth import DepthImage
from vitruvian.errors import DeviceError
from vitruvian.oak.messages import DepthPicture, Packet, Picture, Synced
from vitruvian.oak.pipelines import FRAMES, RESULTS
from vitruvian.oak.record import EdgeRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.core.depth import LandmarkDepths
    from vitruvian.oak.link import Connection
    from vitruvian.oak.runtime import Runtime
    from vitruvian.oak.sizes import FrameSize

__all__ = ["MAX_WAITING", "Shot", "camera_of_frames", "shots_of"]

MAX_WAITING = 16  # pictures whose record has not come; a device is about three frames behind

logger = logging.getLogger(__name__)

Kind = TypeVar("Kind", Picture, Packet, Synced, DepthPicture)


class Shot(NamedTuple):
    """What belongs to one moment.

    Attributes
    ----------
    image : (H, W, 3) uint8 RGB array
    number : int
        Sequence number of the camera.
    time_us : int
        Time of the device.
    depth : DepthImage, LandmarkDepths or None
    record : EdgeRecord or None
    """

    image: NDArray[np.uint8]
    number: int
    time_us: int
    depth: DepthImage | LandmarkDepths | None = None
    record: EdgeRecord | None = None


def camera_of_frames(device: Runtime, size: FrameSize) -> Camera:
    """Return the calibrated camera of frames of this size."""
    camera = device.camera_for(size.scaled_wh)
    return camera.cropped(size.crop_left_px, 0, size.wh) if size.crop_left_px else camera


def shots_of(
    connection: Connection,
    device: Runtime,
    size: FrameSize,
    fps: float,
    is_over: Callable[[], bool],
) -> Iterator[Shot]:
    """Return what arrives from the device of a connection, in order, until `is_over`.

    Parameters
    ----------
    connection : Connection
    device : Runtime
    size : FrameSize
        Size of the frames.
    fps : float
        Frame rate of the sensor: the clock of shots without a picture.
    is_over : callable
        Asked while there is nothing to receive.
    """
    if connection.options.mode != "edge":
        return _with_depth(connection, device, size, is_over)
    return _PairsOfEdge(connection, device, size, fps, is_over).pairs()


def _with_depth(
    connection: Connection, device: Runtime, size: FrameSize, is_over: Callable[[], bool]
) -> Iterator[Shot]:
    """Yield pictures, with their depth images where depth is measured."""
    has_depth = connection.options.xyz
    camera = device.camera_for(size.scaled_wh) if has_depth else None
    while (message := connection.received(device, FRAMES, is_over=is_over)) is not None:
        if camera is None:
            picture = _checked(message, Picture)
            yield Shot(picture.image, picture.number, picture.time_us)
            continue
        parts = _checked(message, Synced).messages
        picture = _checked(parts["color"], Picture)
        depth = _depth_of_frame(_checked(parts["depth"], DepthPicture).values, camera, size)
        yield Shot(picture.image, picture.number, picture.time_us, depth)


def _depth_of_frame(values: NDArray[np.uint16], camera: Camera, size: FrameSize) -> DepthImage:
    """Return the part of a depth image that shows what a frame shows.

    Parameters
    ----------
    values : (H, W) uint16 array, mm
        Field of view of the whole scaled image.
    camera : Camera
        That of the whole scaled image.
    size : FrameSize
        Size of the frame.
    """
    height, width = values.shape
    ratio = width / size.scaled_wh[0]
    left = round(size.crop_left_px * ratio)
    right = round((size.crop_left_px + size.wh[0]) * ratio)
    seen = camera.scaled((width, height)).cropped(left, 0, (right - left, height))
    return DepthImage(values[:, left:right], seen)


class _PairsOfEdge:
    """Pairs pictures with the records of the script by the sequence number of the frame."""

    def __init__(
        self,
        connection: Connection,
        device: Runtime,
        size: FrameSize,
        fps: float,
        is_over: Callable[[], bool],
    ) -> None:
        self._connection, self._device = connection, device
        self._is_over = is_over
        self._pictures: deque[Picture] = deque(maxlen=MAX_WAITING)
        self._period_us = 1e6 / fps
        self._camera = camera_of_frames(device, size) if connection.options.xyz else None
        self._black = np.zeros((size.wh[1], size.wh[0], 3), np.uint8)

    def pairs(self) -> Iterator[Shot]:
        """Yield each picture that has a record, with it."""
        is_laconic = self._connection.options.laconic
        last = -1
        while (record := self._next_record()) is not None:
            if record.number <= last:
                continue
            last = record.number
            if is_laconic:
                image, time_us = self._black, round(record.number * self._period_us)
            else:
                picture = self._picture(record.number)
                if picture is None:
                    continue
                image, time_us = picture.image, picture.time_us
            yield Shot(image, record.number, time_us, self._depths(record), record)

    def _next_record(self) -> EdgeRecord | None:
        """Wait for a record, and take the pictures that come meanwhile; None if it is over."""
        while True:
            message = self._connection.received(
                self._device, RESULTS, is_over=self._is_over, meanwhile=self._take_pictures
            )
            if message is None:
                return None
            try:
                return EdgeRecord.from_bytes(_checked(message, Packet).data)
            except ValueError as error:
                logger.warning("%s: a record is damaged: %s", self._connection.name, error)

    def _take_pictures(self) -> None:
        """Take the pictures that wait, so that the device can send the next ones."""
        if self._connection.options.laconic:
            return
        while (message := self._device.receive(FRAMES, 0)) is not None:
            self._pictures.append(_checked(message, Picture))

    def _picture(self, number: int) -> Picture | None:
        """Return the picture of this number; None if it was dropped on the way."""
        while True:
            while self._pictures and self._pictures[0].number < number:
                self._pictures.popleft()
            if self._pictures:
                is_it = self._pictures[0].number == number
                return self._pictures.popleft() if is_it else None
            message = self._connection.received(self._device, FRAMES, is_over=self._is_over)
            if message is None:
                return None
            self._pictures.append(_checked(message, Picture))

    def _depths(self, record: EdgeRecord) -> LandmarkDepths | None:
        return None if self._camera is None else record.landmark_depths(self._camera)


def _checked(message: object, kind: type[Kind]) -> Kind:
    if not isinstance(message, kind):
        raise DeviceError(f"a {kind.__name__} was expected, the device sent {message!r:.60}")
    return message
