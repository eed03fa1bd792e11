"""The classes that a script node has as globals, as far as depthai documents what we use of them.

Anything else is an AttributeError or a TypeError, as on the device. Numbers are float32 and uint32
as there. `classes_of(2)` are those of depthai 2, `classes_of(3)` those of depthai 3.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.oak.messages import Packet, Tensors
from vitruvian.oak.virtual.requests import CropRequest, RotatedBox, Zone, Zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.oak.virtual.requests import Locations

__all__ = ["answer_of", "classes_of", "request_of"]

ALIGNMENT = 64  # depthai, NNData.hpp, DATA_ALIGNMENT


# --- what a script sent ---


def request_of(message: Any, image_wh: tuple[int, int]) -> CropRequest | Zones | Packet:
    """Return what a message of the script asks, in the types of the virtual nodes.

    Parameters
    ----------
    message : ImageManipConfig, SpatialLocationCalculatorConfig or Buffer
        Of either version.
    image_wh : (int, int), px
        Size of the images that are cropped.
    """
    if isinstance(message, _Config):
        return message._request(image_wh)
    if isinstance(message, _LocationsConfig):
        return Zones(tuple(zone._request() for zone in message._zones))
    if isinstance(message, (_Buffer, _Buffer3)):
        return Packet(bytes(message._data))
    raise TypeError(f"a script can't send {message!r}")


# --- what a script receives ---


def answer_of(version: int, message: Tensors | Locations) -> object:
    """Return a message of the virtual nodes as the class that a script receives.

    The values of networks are float16, in the order of the arrays, each aligned to 64 bytes.
    """
    if isinstance(message, Tensors):
        answer = classes_of(version)["NNData"]()
        with np.errstate(over="ignore"):
            answer._layers = {
                name: np.asarray(array).ravel().astype("<f2")
                for name, array in message.arrays.items()
            }
        answer._number = message.number
        return answer
    data = _LocationsData()
    data._locations = [
        _Location(_Zone.of(location.zone), _Point3(*location.xyz_mm))
        for location in message.locations
    ]
    data._number = message.number
    return data


# --- the classes ---


class _Numbers:
    """An object with number attributes: float32, or what `_kind` says."""

    __slots__ = ()
    _kind: Any = np.float32

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{type(self).__name__}.{name} must be a number, got {value!r}")
        if self._kind is not np.float32 and not isinstance(value, int):
            raise TypeError(f"{type(self).__name__}.{name} must be an integer, got {value!r}")
        with np.errstate(over="ignore"):
            object.__setattr__(self, name, self._kind(value).item())


class _Point2(_Numbers):
    __slots__ = ("x", "y")

    def __init__(self, x: float = 0.0, y: float = 0.0) -> None:
        self.x, self.y = x, y


class _Point3(_Numbers):
    __slots__ = ("x", "y", "z")

    def __init__(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        self.x, self.y, self.z = x, y, z


class _Size2(_Numbers):
    __slots__ = ("height", "width")

    def __init__(self, width: float = 0.0, height: float = 0.0) -> None:
        self.width, self.height = width, height


class _Rect(_Numbers):
    __slots__ = ("height", "width", "x", "y")

    def __init__(self, first: _Point2, second: _Point2 | _Size2) -> None:
        if not (isinstance(first, _Point2) and isinstance(second, (_Point2, _Size2))):
            raise TypeError("Rect must be made of two Point2f, or of a Point2f and a Size2f")
        if isinstance(second, _Size2):
            self.x, self.y = first.x, first.y
            self.width, self.height = second.width, second.height
            return
        self.x, self.y = min(first.x, second.x), min(first.y, second.y)
        self.width, self.height = abs(second.x - first.x), abs(second.y - first.y)

    def topLeft(self) -> _Point2:  # noqa: N802
        return _Point2(self.x, self.y)

    def bottomRight(self) -> _Point2:  # noqa: N802
        return _Point2(self.x + self.width, self.y + self.height)


class _RotatedRect(_Numbers):
    __slots__ = ("angle", "center", "size")
    center: _Point2
    size: _Size2

    def __init__(self) -> None:
        object.__setattr__(self, "center", _Point2())
        object.__setattr__(self, "size", _Size2())
        self.angle = 0.0


class _Buffer:
    """A message with bytes; in depthai 2 they are written into its memory."""

    __slots__ = ("_data",)

    def __init__(self, size: int) -> None:
        self._data = bytearray(size)

    def getData(self) -> memoryview:  # noqa: N802
        return memoryview(self._data)


class _Buffer3:
    """A message with bytes, which are set at once."""

    __slots__ = ("_data",)

    def __init__(self, size: int = 0) -> None:
        self._data = bytes(size)

    def getData(self) -> bytes:  # noqa: N802
        return self._data

    def setData(self, data: bytes) -> None:  # noqa: N802
        self._data = bytes(data)


class _Answer:
    """A message that a script receives, with the number of its image."""

    __slots__ = ("_number",)
    _number: int

    def getSequenceNum(self) -> int:  # noqa: N802
        return self._number


class _NetworkAnswer(_Answer):
    __slots__ = ("_layers",)
    _layers: dict[str, NDArray[np.float16]]

    def getData(self) -> memoryview:  # noqa: N802
        blocks = [layer.tobytes() for layer in self._layers.values()]
        return memoryview(
            b"".join(b.ljust(-(-len(b) // ALIGNMENT) * ALIGNMENT, b"\0") for b in blocks)
        )


class _NetworkAnswer2(_NetworkAnswer):
    __slots__ = ()

    def getLayerFp16(self, name: str) -> list[float]:  # noqa: N802
        layer = self._layers.get(name)
        values: list[float] = [] if layer is None else layer.tolist()
        return values


class _Config:
    """What an ImageManipConfig of either version asks."""

    __slots__ = ("_is_letterbox", "_is_normalized", "_rect", "_wh")

    def __init__(self) -> None:
        self._wh: tuple[int, int] | None = None
        self._is_letterbox = self._is_normalized = False
        self._rect: tuple[float, float, float, float, float] | None = None

    def _request(self, image_wh: tuple[int, int]) -> CropRequest:
        if self._wh is None:
            raise ValueError("ImageManipConfig must set the size of its output")
        if (self._rect is None) != self._is_letterbox:
            raise NotImplementedError("the virtual camera fits whole images, or stretches regions")
        if self._rect is None:
            return CropRequest(self._wh)
        x, y, width, height, angle_deg = self._rect
        sx, sy = image_wh if self._is_normalized else (1, 1)
        return CropRequest(
            self._wh, RotatedBox((x * sx, y * sy), (width * sx, height * sy), angle_deg)
        )

    def _set_wh(self, w: int, h: int) -> None:
        if type(w) is not int or type(h) is not int:
            raise TypeError(f"width and height must be integers, got {w!r} and {h!r}")
        self._wh = w, h

    def _set_rect(self, rect: _RotatedRect, is_normalized: bool) -> None:
        if not isinstance(rect, _RotatedRect):
            raise TypeError(f"the rectangle must be a RotatedRect, got {rect!r}")
        size = rect.size.width, rect.size.height
        self._rect = (rect.center.x, rect.center.y, *size, rect.angle)
        self._is_normalized = is_normalized


class _Config2(_Config):
    __slots__ = ()

    def setResizeThumbnail(  # noqa: N802
        self,
        w: int,
        h: int,
        bgRed: int = 0,  # noqa: N803
        bgGreen: int = 0,  # noqa: N803
        bgBlue: int = 0,  # noqa: N803
    ) -> _Config2:
        if (bgRed, bgGreen, bgBlue) != (0, 0, 0):
            raise NotImplementedError("the virtual camera has black bars only")
        self._set_wh(w, h)
        self._is_letterbox = True
        return self

    def setResize(self, w: int, h: int) -> _Config2:  # noqa: N802
        self._set_wh(w, h)
        return self

    def setCropRotatedRect(  # noqa: N802
        self,
        rr: _RotatedRect,
        normalizedCoords: bool = True,  # noqa: N803
    ) -> _Config2:
        self._set_rect(rr, normalizedCoords)
        return self


class _ResizeMode(enum.Enum):
    NONE, STRETCH, LETTERBOX, CENTER_CROP = range(4)


class _Config3(_Config):
    __slots__ = ()
    ResizeMode = _ResizeMode

    def setOutputSize(  # noqa: N802
        self, w: int, h: int, mode: _ResizeMode = _ResizeMode.STRETCH
    ) -> _Config3:
        if mode not in (_ResizeMode.STRETCH, _ResizeMode.LETTERBOX):
            raise NotImplementedError(f"the virtual camera can't resize with {mode!r}")
        self._set_wh(w, h)
        self._is_letterbox = mode is _ResizeMode.LETTERBOX
        return self

    def addCropRotatedRect(  # noqa: N802
        self,
        rect: _RotatedRect,
        normalizedCoords: bool = False,  # noqa: N803
    ) -> _Config3:
        self._set_rect(rect, normalizedCoords)
        return self


class _Thresholds(_Numbers):
    __slots__ = ("lowerThreshold", "upperThreshold")
    _kind = np.uint32

    def __init__(self) -> None:
        self.lowerThreshold, self.upperThreshold = 0, 65535


class _Zone:
    __slots__ = ("depthThresholds", "roi")

    def __init__(self) -> None:
        self.depthThresholds = _Thresholds()
        self.roi = _Rect(_Point2(), _Point2())

    @classmethod
    def of(cls, zone: Zone) -> _Zone:
        """Return a zone as it was requested."""
        left, top, right, bottom = zone.xyxy
        data = cls()
        data.roi = _Rect(_Point2(left, top), _Point2(right, bottom))
        limits = data.depthThresholds
        limits.lowerThreshold, limits.upperThreshold = zone.limits_mm
        return data

    def _request(self) -> Zone:
        roi, limits = self.roi, self.depthThresholds
        return Zone(
            (roi.x, roi.y, roi.x + roi.width, roi.y + roi.height),
            (limits.lowerThreshold, limits.upperThreshold),
        )


class _LocationsConfig:
    __slots__ = ("_zones",)

    def __init__(self) -> None:
        self._zones: list[_Zone] = []

    def addROI(self, ROI: _Zone) -> None:  # noqa: N802, N803
        if not isinstance(ROI, _Zone):
            raise TypeError(f"addROI takes a SpatialLocationCalculatorConfigData, got {ROI!r}")
        self._zones.append(ROI)


class _Location:
    __slots__ = ("config", "spatialCoordinates")

    def __init__(self, config: _Zone, xyz_mm: _Point3) -> None:
        self.config, self.spatialCoordinates = config, xyz_mm


class _LocationsData(_Answer):
    __slots__ = ("_locations",)
    _locations: list[_Location]

    def getSpatialLocations(self) -> list[_Location]:  # noqa: N802
        return list(self._locations)


_COMMON: dict[str, Any] = {
    "Point2f": _Point2,
    "Rect": _Rect,
    "RotatedRect": _RotatedRect,
    "Size2f": _Size2,
    "SpatialLocationCalculatorConfig": _LocationsConfig,
    "SpatialLocationCalculatorConfigData": _Zone,
}
_CLASSES: dict[int, dict[str, Any]] = {
    2: {**_COMMON, "Buffer": _Buffer, "ImageManipConfig": _Config2, "NNData": _NetworkAnswer2},
    3: {**_COMMON, "Buffer": _Buffer3, "ImageManipConfig": _Config3, "NNData": _NetworkAnswer},
}


def classes_of(version: int) -> dict[str, Any]:
    """Return the classes of a script by name, for depthai 2 or 3."""
    if version not in _CLASSES:
        raise ValueError(f"version of depthai must be one of {list(_CLASSES)}, got {version!r}")
    return dict(_CLASSES[version])
