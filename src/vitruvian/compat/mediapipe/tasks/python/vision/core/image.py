"""``Image`` and ``ImageFormat`` of MediaPipe 1.2.2."""

from __future__ import annotations

import os
from enum import IntEnum
from operator import index
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray  # noqa: TC002 - needed by get_type_hints

from vitruvian.compat.mediapipe.tasks.python.core.missing_file import MissingFileError
from vitruvian.compat.pickling import Recipe, at, reference

__all__ = ["Image", "ImageFormat"]

ROW_ALIGNMENT = 16  # bytes; MediaPipe, framework/formats/image_frame.h, kDefaultAlignmentBoundary
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")  # Pillow's


class ImageFormat(IntEnum):
    """Pixel format, with the names of MediaPipe 0.10 and 1.2.2."""

    UNKNOWN = 0
    SRGB = 1
    SRGBA = 2
    GRAY8 = 3
    GRAY16 = 4
    SRGB48 = 7
    SRGBA64 = 8
    VEC32F1 = 9
    SBGRA = 11
    VEC32F2 = 12
    VEC32F4 = 13

    def __reduce_ex__(self, proto: object) -> tuple[Any, ...]:
        """Return what pickle needs."""
        return reference(ImageFormat, at("mediapipe:ImageFormat")), (self.value,)

    def __str__(self) -> str:
        """Return ``"ImageFormat.SRGB"``, as 0.10.21 does; 1.2.2 returns the number."""
        return f"ImageFormat.{self.name}"

    def __format__(self, format_spec: str) -> str:
        """Return the same in an f-string; that of an int is the number."""
        return format(str(self), format_spec)


CHANNELS = {  # dtype to its name in MediaPipe's messages and the channels of each format
    "uint8": ("uint8_t", {"GRAY8": 1, "SRGB": 3, "SRGBA": 4}),
    "uint16": ("uint16_t", {"GRAY16": 1, "SRGB48": 3, "SRGBA64": 4}),
    "float32": ("float", {"VEC32F1": 1, "VEC32F2": 2, "VEC32F4": 4}),
}


class Image:
    """An immutable image.

    Parameters
    ----------
    image_format : ImageFormat
        GRAY8, SRGB or SRGBA for uint8; GRAY16, SRGB48 or SRGBA64 for uint16; VEC32F1, VEC32F2 or
        VEC32F4 for float32.
    data : (H, W) or (H, W, C) array
        The pixels, row 0 at the top. They are copied.

    Raises
    ------
    TypeError
        If `data` is not an array, or the format is missing; the message says how to convert.
    ValueError
        If shape or dtype of the array don't fit the format.
    """

    _stored: ClassVar[Recipe | None] = None  # see `reference`

    def __init__(
        self, image_format: ImageFormat | None = None, data: NDArray[Any] | None = None
    ) -> None:
        data, image_format = _array(data), _format(image_format)
        if data.ndim not in (2, 3):
            raise ValueError(f"Unsupported number of dimensions:{data.ndim}")
        height, width = data.shape[:2]
        channels = _channels(image_format, data.dtype)
        expected = height * width * channels * data.itemsize
        if data.nbytes != expected:
            how = "small" if data.nbytes < expected else "large"
            raise ValueError(f"Pixel data size is too {how}: {data.nbytes} (expected {expected})")
        pixels = np.empty((height, width, channels), data.dtype)
        pixels[:] = data.reshape(pixels.shape)
        self._keep(image_format, pixels)

    @classmethod
    def of_pixels(cls, image_format: ImageFormat, pixels: NDArray[Any]) -> Self:
        """Return an image of an (H, W, C) array, without a copy; the array becomes read-only."""
        image = cls.__new__(cls)
        image._keep(image_format, pixels)
        return image

    def _keep(self, image_format: ImageFormat, pixels: NDArray[Any]) -> None:
        pixels.flags.writeable = False
        self._image_format = ImageFormat(image_format)
        self._pixels = pixels[:]  # a view of a read-only array can't be made writeable again

    @classmethod
    def create_from_file(cls, file_name: str | os.PathLike[str]) -> Self:
        """Return the image in a file, upright: GRAY8, SRGB or SRGBA.

        The orientation that the file stores (EXIF) is applied in every format. MediaPipe 1.2.2
        applies that of JPEG files, 0.10.21 none.

        Raises
        ------
        FileNotFoundError
            If the file does not exist.
        RuntimeError
            If it is not an image.
        """
        from vitruvian.errors import SourceError
        from vitruvian.media.image import load_image

        if not os.path.exists(file_name):
            raise MissingFileError(f"Can't find file: {os.fspath(file_name)}")
        try:
            rgb = load_image(file_name)
        except SourceError as err:
            raise RuntimeError("Failed to load image from file") from err
        return cls.of_pixels(*_in_file_format(file_name, rgb))

    def numpy_view(self) -> NDArray[Any]:
        """Return the pixels: a read-only (H, W, C) array."""
        return self._pixels

    def __getitem__(self, key: tuple[int, ...]) -> int | float:
        """Return ``image[row, column, channel]``, or ``image[row, column]`` with one channel."""
        if len(key) == 2 and self.channels == 1:
            key = (*key, 0)
        if len(key) != 3:
            raise ValueError(f"Invalid index dimension: {len(key)} (expected 2 or 3)")
        value: int | float = self._pixels[tuple(map(index, key))].item()
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what pickle needs: the arguments of MediaPipe's constructor, too."""
        pixels = self._pixels[:, :, 0] if self.channels == 1 else self._pixels
        return reference(type(self), self._stored), (self._image_format, pixels)

    def uses_gpu(self) -> bool:
        """Return False: pixels are in CPU memory."""
        return False

    def is_contiguous(self) -> bool:
        """Return whether MediaPipe would store the rows without padding."""
        return self.step == self._pixels[:1].nbytes

    def is_empty(self) -> bool:
        """Return False: every image has pixels."""
        return False

    def is_aligned(self, alignment_boundary: int) -> bool:
        """Return whether rows start at multiples of `alignment_boundary` bytes, a power of 2."""
        if alignment_boundary < 1 or alignment_boundary & (alignment_boundary - 1):
            raise ValueError(f"alignment_boundary must be a power of 2, got {alignment_boundary!r}")
        return self.step % alignment_boundary == 0

    @property
    def step(self) -> int:
        """Bytes from row to row, with MediaPipe's row padding."""
        return -(-self._pixels[:1].nbytes // ROW_ALIGNMENT) * ROW_ALIGNMENT

    @property
    def width(self) -> int:
        """Width in px."""
        return int(self._pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in px."""
        return int(self._pixels.shape[0])

    @property
    def channels(self) -> int:
        """Channels per pixel."""
        return int(self._pixels.shape[2])

    @property
    def image_format(self) -> ImageFormat:
        """Pixel format."""
        return self._image_format


WANTED = "mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=array)"


def _array(data: object) -> NDArray[Any]:
    """Return `data` if it is an array; for anything else, TypeError says what to write."""
    if isinstance(data, np.ndarray):
        return data
    kind = f"{type(data).__module__}.{type(data).__qualname__}".removeprefix("builtins.")
    if data is None:
        advice = "OpenCV's imread and read return None if there is no image"
    elif isinstance(data, str | os.PathLike):
        advice = "open a file with mediapipe.Image.create_from_file(path)"
    elif isinstance(data, bytes | bytearray | memoryview):
        advice = "decode a file in memory first, for example with PIL.Image.open(io.BytesIO(data))"
    elif kind.startswith("PIL."):
        advice = "convert it with numpy.asarray(picture.convert('RGB'))"
    elif kind.startswith("torch."):
        advice = "convert it with tensor.cpu().numpy(), channels last"
    else:
        advice = "convert it with numpy.asarray"
    raise TypeError(f"data must be an (H, W, 3) uint8 RGB array in {WANTED}, got {kind}: {advice}")


def _format(image_format: ImageFormat | None) -> ImageFormat:
    if image_format is None:
        raise TypeError(f"image_format is missing: write {WANTED}")
    if not isinstance(image_format, int):
        raise TypeError(f"image_format must be an ImageFormat, got {image_format!r}")
    return image_format


def _channels(image_format: ImageFormat, dtype: np.dtype[Any]) -> int:
    if str(dtype) not in CHANNELS:
        raise ValueError(f"Unsupported numpy data type: {dtype}")
    number, formats = CHANNELS[str(dtype)]
    name = ImageFormat(image_format).name if image_format in {*ImageFormat} else "UNKNOWN"
    if name not in formats:
        first, second, third = formats
        raise ValueError(
            f"Unsupported image format: {name} "
            f"(expected {first}, {second}, or {third} for {number} data)"
        )
    return formats[name]


def _in_file_format(
    file_name: str | os.PathLike[str], rgb: NDArray[np.uint8]
) -> tuple[ImageFormat, NDArray[np.uint8]]:
    """Return format and pixels as stored in the file: grey, RGB, or RGB with alpha."""
    import warnings

    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        with warnings.catch_warnings(action="ignore"), Pillow.open(file_name) as file:
            if file.mode in GREY_MODES:
                return ImageFormat.GRAY8, rgb[:, :, :1].copy()
            if not file.has_transparency_data:
                return ImageFormat.SRGB, rgb
            alpha = np.asarray(ImageOps.exif_transpose(file).convert("RGBA"))[:, :, 3:]
            if alpha.shape[:2] != rgb.shape[:2]:  # an orientation that Pillow does not know
                return ImageFormat.SRGB, rgb
            return ImageFormat.SRGBA, np.concatenate([rgb, alpha], axis=2)
    except OSError:  # OpenCV reads formats that Pillow does not know
        return ImageFormat.SRGB, rgb
