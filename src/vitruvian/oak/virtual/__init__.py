"""A virtual OAK: a camera without hardware, for tests and trials, made of a scene or a video.

Its nodes do what those of depthai do, and its script is the one that is sent to a device; only the
networks are computed by OpenVINO.
"""

from __future__ import annotations

from vitruvian.oak.virtual.camera import VirtualOak, virtual_runtime
from vitruvian.oak.virtual.faults import Faults

__all__ = ["Faults", "VirtualOak", "virtual_runtime"]
