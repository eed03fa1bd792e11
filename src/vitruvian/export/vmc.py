"""VMC: the pose of one person sent to a program with an avatar, frame by frame, as OSC over UDP."""

from __future__ import annotations

import logging
import re
import socket
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from vitruvian.analysis.rig import BONES, LiveRig
from vitruvian.core.rotations import least_rotation, quaternion_from_matrix
from vitruvian.errors import SinkError
from vitruvian.export.figure_motion import on_the_floor
from vitruvian.export.ground import GLTF_FROM_CAMERA, UP_IN_IMAGE, mid_hips, up_of_tilt
from vitruvian.export.motion import MotionOptions
from vitruvian.media.address import without_password

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from numpy.typing import NDArray

    from vitruvian.analysis.rig import RigMotion
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.export import SinkOptions

__all__ = ["VmcSink", "bundles", "checked_address", "message"]

logger = logging.getLogger(__name__)

PORT = 39539  # VMC protocol, performer to marionette
MAX_BYTES = 1400  # of a packet, so that Wi-Fi does not split it
UNITY_FROM_GLTF = np.array([-1.0, 1.0, 1.0])  # Unity is left-handed
QUATERNION = np.array([1.0, -1.0, -1.0, 1.0])
BUNDLE = b"#bundle\0" + struct.pack(">Q", 1)  # to be used at once
_ADDRESS = re.compile(r"vmc://(?P<host>\[[^][/@]+\]|[^][/:@?#\s]+)(?::(?P<port>\d{1,5}))?/?", re.I)


def checked_address(address: str) -> tuple[str, int]:
    """Return host and port of an address.

    Raises
    ------
    ValueError
        If it is not one of ``vmc://HOST:PORT``.

    Examples
    --------
    >>> checked_address("vmc://192.168.1.20")
    ('192.168.1.20', 39539)
    """
    match = _ADDRESS.fullmatch(address)
    port = PORT if match is None or match["port"] is None else int(match["port"])
    if match is None or not 0 < port < 2**16:
        shown = without_password(address)
        raise ValueError(
            f"the address must be vmc://HOST:PORT, such as vmc://127.0.0.1:{PORT}, got {shown!r}"
        )
    return match["host"].strip("[]"), port


class VmcSink:
    """A sink that sends the rotations of 21 bones of one person to a receiver of VMC.

    The person is that of `MotionOptions.person`, or the first one seen, until that person is gone.
    Without a person only the time is sent. Nobody has to listen. The sink is a `Sink`.

    Parameters
    ----------
    options : SinkOptions
        `motion.tilt_deg` and `motion.person` have an effect.
    address : str
        ``vmc://HOST:PORT``.

    Raises
    ------
    ValueError
        If the address is not one.
    SinkError
        If the name of the host is not known.
    """

    def __init__(self, options: SinkOptions, address: str) -> None:
        self._address = address
        self._motion = options.motion or MotionOptions()
        host, port = checked_address(address)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            family, kind, protocol, _, target = found[0]
            self._target: tuple[Any, ...] = target
            self._socket: socket.socket | None = socket.socket(family, kind, protocol)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SinkError(f"can't send to {address!r}: {reason}") from error
        tilt_deg = self._motion.tilt_deg
        up = UP_IN_IMAGE if tilt_deg is None else up_of_tilt(tilt_deg)
        self._gltf_from_camera = GLTF_FROM_CAMERA @ least_rotation(up, UP_IN_IMAGE)
        self._rig = LiveRig()
        self._id: int | None = self._motion.person
        self._last_us: int | None = None
        self._start: NDArray[np.float64] | None = None
        self._can_send = True

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Send one frame, as `Sink.write`; one that can't be sent is dropped."""
        if self._socket is None:
            raise ValueError(f"the sink of {self._address!r} is closed")
        messages = [
            message("/VMC/Ext/OK", 1),
            message("/VMC/Ext/T", result.timestamp_us / 1e6),
            message("/VMC/Ext/Root/Pos", "root", *(0.0, 0.0, 0.0), *(0.0, 0.0, 0.0, 1.0)),
        ]
        pose = self._chosen(result)
        if pose is not None:
            messages += _bone_messages(self._posed(pose, result.timestamp_us))
        try:
            for packet in bundles(messages):
                self._socket.sendto(packet, self._target)
            self._can_send = True
        except OSError as error:
            if self._can_send:
                logger.warning("can't send to %s: %s", self._address, error.strerror or error)
            self._can_send = False

    def _chosen(self, result: PoseResult) -> Pose | None:
        """Return the pose of the person who is sent; a new person if that one is gone."""
        for pose in result:
            if pose.id == self._id:
                return pose
        if self._motion.person is not None or result.pose is None:
            return None
        self._id = result.pose.id
        self._rig.reset()
        return result.pose

    def _posed(self, pose: Pose, timestamp_us: int) -> RigMotion:
        """Return the bones, on the floor; at the place that `Pose.camera` tells, if any."""
        points = pose.world.astype(np.float64) @ self._gltf_from_camera.T
        step_us = 0 if self._last_us is None else timestamp_us - self._last_us
        self._last_us = timestamp_us
        rig = self._rig.update(points, 1e6 / step_us if step_us > 0 else 30.0)
        if self._motion.root == "hips":
            return rig
        root = np.zeros((1, 3))
        if pose.camera is not None and self._motion.root != "stand":
            place = mid_hips(pose.camera[None] @ self._gltf_from_camera.T)[0]
            self._start = place if self._start is None else self._start
            root[0, [0, 2]] = (place - self._start)[[0, 2]]
        return on_the_floor(replace(rig, root=np.nan_to_num(root)), in_each_frame=True)

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def message(address: str, *values: str | float | int) -> bytes:
    """Return an OSC 1.0 message of texts, whole numbers (int32) and numbers (float32)."""
    kinds = "".join(
        "s" if isinstance(v, str) else "i" if isinstance(v, int) else "f" for v in values
    )
    data = _text(address) + _text(f",{kinds}")
    for kind, value in zip(kinds, values, strict=True):
        data += _text(str(value)) if kind == "s" else struct.pack(f">{kind}", value)
    return data


def bundles(messages: Iterable[bytes]) -> list[bytes]:
    """Return OSC bundles of at most 1400 bytes with all messages, in order."""
    packets = [BUNDLE]
    for data in messages:
        if len(packets[-1]) + 4 + len(data) > MAX_BYTES:
            packets.append(BUNDLE)
        packets[-1] += struct.pack(">I", len(data)) + data
    return packets


def _text(text: str) -> bytes:
    """Return a text that ends with zeros, of a length that 4 divides."""
    data = text.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


_BONE_HEADS = [
    _text("/VMC/Ext/Bone/Pos") + _text(",sfffffff") + _text(name[0].upper() + name[1:])
    for name in BONES
]


def _bone_messages(rig: RigMotion) -> list[bytes]:
    """Return the message of each bone: place and rotation relative to its parent, as in Unity."""
    places = rig.offsets.copy()
    places[0] = rig.root[-1]
    values = np.empty((len(BONES), 7), ">f4")
    values[:, :3] = places * UNITY_FROM_GLTF
    values[:, 3:] = quaternion_from_matrix(rig.rotations[-1]) * QUATERNION
    return [head + row.tobytes() for head, row in zip(_BONE_HEADS, values, strict=True)]
