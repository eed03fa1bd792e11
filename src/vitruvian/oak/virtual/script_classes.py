"""The classes that a script node has as globals, as far as depthai documents what we use of them.

Anything else is an AttributeError or a TypeError, as on the device. Numbers are float32 and int32
as there. `classes_of(2)` are those of depthai 2, `classes_of(3)` those of depthai 3.

For the nodes that answer a script: `CropRequest.of`, `ZoneRequest.all_of`, `packet_of` read what a
script sent; `network_answer` and `locations_answer` make what it receives.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.roi import Roi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "CropRequest",
    "ZoneRequest",
    "classes_of",
    "locations_answer",
    "network_answer",
    "packet_of",
]

ALIGNMENT = 64  # depthai, NNData.hpp, DATA_ALIGNMENT


# --- what a script sent ---


@dataclass(frozen=True, slots=True)
class CropRequest:
    """What an ImageManipConfig asks of an ImageManip.

    Attributes
    ----------
    wh : (int, int)
        Size of the output, px.
    is_letterbox : bool
        Whether the whole image is fitted into it with black bars; else the region is stretched.
    rect : tuple of five floats, or None
        Centre x, y, width, height, angle in degrees clockwise of the region; None for the image.
    is_normalized : bool
        Whether `rect` is in parts of the width and height of the image; else in px.
    """

    wh: tuple[int, int]
    is_letterbox: bool
    rect: tuple[float, float, float, float, float] | None
    is_normalized: bool

    @classmethod
    def of(cls, config: Any) -> CropRequest:
        """Return the request of an ImageManipConfig of either version."""
        if config._wh is None:
            raise ValueError("ImageManipConfig must set the size of the output")
        return cls(config._wh, config._is_letterbox, config._rect, config._is_normalized)

    def roi(self, image_wh: tuple[int, int]) -> Roi | None:
        """Return the region in an image; None for the whole image."""
        if self.rect is None:
            return None
        x, y, width, height, angle_deg = self.rect
        sx, sy = image_wh if self.is_normalized else (1, 1)
        return Roi((x * sx, y * sy), (width * sx, height * sy), math.radians(angle_deg))


@dataclass(frozen=True, slots=True)
class ZoneRequest:
    """One zone of a SpatialLocationCalculatorConfig.

    Attributes
    ----------
    xyxy : tuple of four floats
        Left, top, right, bottom: px of the depth image.
    range_mm : (int, int)
        Depths below and above are left out.
    """

    xyxy: tuple[float, float, float, float]
    range_mm: tuple[int, int]

    @classmethod
    def all_of(cls, config: Any) -> tuple[ZoneRequest, ...]:
        """Return the zones of a SpatialLocationCalculatorConfig, in order."""
        return tuple(
            cls(
                (data.roi.x, data.roi.y, data.roi.x + data.roi.width, data.roi.y + data.roi.height),
                (data.depthThresholds.lowerThreshold, data.depthThresholds.upperThreshold),
            )
            for data in config._zones
        )


def packet_of(buffer: Any) -> bytes:
    """Return the bytes of a Buffer."""
    return bytes(buffer._data)


# --- what a script receives ---


def network_answer(version: int, arrays: Mapping[str, NDArray[Any]], number: int) -> object:
    """Return the NNData of a network: float16, in the order of `arrays`, aligned to 64 bytes.

    Parameters
    ----------
    version : int
        Of depthai: 2 or 3.
    arrays : mapping of str to array
        The outputs by name.
    number : int
        Sequence number of the image that the network saw.
    """
    answer = classes_of(version)["NNData"]()
    with np.errstate(over="ignore"):
        answer._layers = {
            name: np.asarray(array).ravel().astype("<f2") for name, array in arrays.items()
        }
    answer._number = int(number)
    return answer


def locations_answer(config: Any, xyz_mm: Sequence[Sequence[float]], number: int) -> object:
    """Return the SpatialLocationCalculatorData for the zones of `config`, (0, 0, 0) for no depth."""
    data = _LocationsData()
    data._locations = [
        _Location(zone, _Point3(*xyz)) for zone, xyz in zip(config._zones, xyz_mm, strict=True)
    ]
    data._number = int(number)
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
        bgRed: int = 0,
        bgGreen: int = 0,
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
