"""`Image` of both versions; expected values are those of MediaPipe 1.2.2 and 0.10.21."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe.python._framework_bindings import image as image_of_0_10
from vitruvian.compat.mediapipe.python._framework_bindings import image_frame
from vitruvian.compat.mediapipe.tasks.python.vision.core import image as image_of_1_2

if TYPE_CHECKING:
    from pathlib import Path

F = image_of_1_2.ImageFormat
GENERATIONS = [image_of_0_10.Image, image_of_1_2.Image]
MAKEABLE = [
    *((F.GRAY8, np.uint8, 1), (F.SRGB, np.uint8, 3), (F.SRGBA, np.uint8, 4)),
    *((F.GRAY16, np.uint16, 1), (F.SRGB48, np.uint16, 3), (F.SRGBA64, np.uint16, 4)),
    *((F.VEC32F1, np.float32, 1), (F.VEC32F2, np.float32, 2), (F.VEC32F4, np.float32, 4)),
]


def numbers(*shape: int, dtype: Any = np.uint8) -> Any:
    return np.arange(np.prod(shape)).astype(dtype).reshape(shape)


def test_image_classes_are_at_the_module_paths_of_both_versions() -> None:
    assert mp.Image is image_of_0_10.Image
    assert mp.ImageFormat is image_frame.ImageFormat is F
    assert mp.ImageFrame is image_frame.ImageFrame
    assert issubclass(image_of_0_10.Image, image_of_1_2.Image)


def test_format_values_equal_those_of_mediapipe() -> None:
    assert {f.name: f.value for f in F} == {
        **{"UNKNOWN": 0, "SRGB": 1, "SRGBA": 2, "GRAY8": 3, "GRAY16": 4, "SRGB48": 7},
        **{"SRGBA64": 8, "VEC32F1": 9, "SBGRA": 11, "VEC32F2": 12, "VEC32F4": 13},
    }


def test_a_format_prints_as_in_0_10() -> None:
    assert str(F.SRGB) == f"{F.SRGB}" == "ImageFormat.SRGB"
    assert (repr(F.SRGB), int(F.SRGB), F.SRGB == 1) == ("<ImageFormat.SRGB: 1>", 1, True)


@pytest.mark.parametrize("cls", GENERATIONS)
@pytest.mark.parametrize(("image_format", "dtype", "channels"), MAKEABLE)
def test_every_format_keeps_its_pixels(
    cls: Any, image_format: Any, dtype: Any, channels: int
) -> None:
    data = numbers(4, 5, channels, dtype=dtype)
    image = cls(image_format=image_format, data=data)
    assert (image.width, image.height, image.channels) == (5, 4, channels)
    assert image.image_format is image_format
    assert image.numpy_view().dtype == dtype
    np.testing.assert_array_equal(image.numpy_view().reshape(data.shape), data)


def test_a_single_channel_has_an_axis_in_1_2_but_not_in_0_10() -> None:
    data = numbers(4, 5)
    assert image_of_1_2.Image(F.GRAY8, data).numpy_view().shape == (4, 5, 1)
    assert image_of_0_10.Image(F.GRAY8, data).numpy_view().shape == (4, 5)


@pytest.mark.parametrize("cls", GENERATIONS)
def test_pixels_are_a_read_only_copy(cls: Any) -> None:
    data = numbers(4, 5, 3)
    image = cls(F.SRGB, data)
    before = data.copy()
    data[:] = 0
    view = image.numpy_view()
    np.testing.assert_array_equal(view, before)
    with pytest.raises(ValueError, match="assignment destination is read-only"):
        view[0, 0, 0] = 1
    with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
        view.setflags(write=True)
    del image
    np.testing.assert_array_equal(view, before)


@pytest.mark.parametrize(
    "part", [np.s_[:, ::-1], np.s_[:, :, ::-1], np.s_[1:3, 1:4], np.s_[::-1]], ids=str
)
def test_array_views_are_accepted(part: Any) -> None:
    data = numbers(4, 5, 3)[part]
    np.testing.assert_array_equal(mp.Image(F.SRGB, data).numpy_view(), data)


@pytest.mark.parametrize(
    ("image_format", "data", "message"),
    [
        (F.SRGB, np.zeros((4, 5, 2), np.uint8), "Pixel data size is too small: 40 (expected 60)"),
        (F.SRGB48, np.zeros((4, 5), np.uint16), "Pixel data size is too small: 40 (expected 120)"),
        (F.SRGB, np.zeros((4, 5, 4), np.uint8), "Pixel data size is too large: 80 (expected 60)"),
        (F.SRGB, np.zeros((4, 5, 3)), "Unsupported numpy data type: float64"),
        (F.SRGB, np.zeros((4, 5, 3), bool), "Unsupported numpy data type: bool"),
        (F.SRGB, np.zeros(5, np.uint8), "Unsupported number of dimensions:1"),
        (F.SRGB, np.zeros((1, 4, 5, 3), np.uint8), "Unsupported number of dimensions:4"),
        (
            F.GRAY16,
            np.zeros((4, 5), np.uint8),
            "Unsupported image format: GRAY16 (expected GRAY8, SRGB, or SRGBA for uint8_t data)",
        ),
        (
            F.SRGB,
            np.zeros((4, 5, 3), np.float32),
            "Unsupported image format: SRGB (expected VEC32F1, VEC32F2, or VEC32F4 for float data)",
        ),
        (
            99,
            np.zeros((4, 5, 3), np.uint16),
            "Unsupported image format: UNKNOWN "
            "(expected GRAY16, SRGB48, or SRGBA64 for uint16_t data)",
        ),
    ],
)
def test_an_invalid_array_raises_a_value_error(image_format: Any, data: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        mp.Image(image_format=image_format, data=data)
    assert str(caught.value) == message


def test_an_invalid_format_or_array_type_raises_an_error() -> None:
    with pytest.raises(TypeError, match="image_format must be an ImageFormat, got 'SRGB'"):
        mp.Image("SRGB", numbers(4, 5, 3))


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (Pillow.new("RGB", (5, 4)), r"got PIL\.Image\.Image: .*numpy\.asarray\(picture\.convert"),
        ("photo.jpg", r"got str: .*create_from_file\(path\)"),
        (b"\xff\xd8", r"got bytes: decode a file in memory first"),
        (None, r"got NoneType: OpenCV's imread and read return None"),
        ([[1, 2]], r"got list: convert it with numpy\.asarray"),
    ],
)
def test_an_image_of_no_array_says_what_to_write(data: Any, advice: str) -> None:
    message = r"^data must be an \(H, W, 3\) uint8 RGB array in mediapipe\.Image\(.*\), " + advice
    with pytest.raises(TypeError, match=message):
        mp.Image(image_format=F.SRGB, data=data)
    with pytest.raises(TypeError, match=message):
        mp.Image(data=data)


def test_a_missing_format_is_named() -> None:
    with pytest.raises(TypeError, match=r"^image_format is missing: write mediapipe\.Image\("):
        mp.Image(data=numbers(4, 5, 3))


def test_indices_of_0_10() -> None:
    rgb, grey = image_of_0_10.Image(F.SRGB, numbers(4, 5, 3)), mp.Image(F.GRAY8, numbers(3, 4))
    assert (rgb[0, 1, 2], rgb[3, 4, 2], rgb[np.int64(1), 2, 0]) == (5, 59, 21)
    assert type(rgb[0, 0, 0]) is int
    assert grey[1, 2] == 6
    with pytest.raises(IndexError, match=r"Invalid index dimension: 2$"):
        rgb[0, 0]
    with pytest.raises(IndexError, match=r"index dimension mismatch: 3 \(ndim = 2\)"):
        grey[0, 1, 0]
    with pytest.raises(IndexError, match="index 4 is out of bounds for axis 0 with size 4"):
        rgb[4, 0, 0]


def test_indices_of_1_2() -> None:
    rgb, grey = (
        image_of_1_2.Image(F.SRGB, numbers(4, 5, 3)),
        image_of_1_2.Image(F.GRAY8, numbers(3, 4)),
    )
    assert (rgb[0, 1, 2], grey[1, 2], grey[1, 2, 0]) == (5, 6, 6)
    assert type(image_of_1_2.Image(F.VEC32F1, np.ones((2, 2), np.float32))[0, 1]) is float
    with pytest.raises(ValueError, match=r"Invalid index dimension: 2 \(expected 2 or 3\)"):
        rgb[0, 0]
    with pytest.raises(IndexError, match="out of bounds"):  # MediaPipe reads out of bounds here
        rgb[0, 5, 0]
    with pytest.raises(TypeError):
        rgb[0.5, 0, 0]


@pytest.mark.parametrize(
    ("width", "image_format", "dtype", "channels", "step"),
    [
        (1, F.SRGB, np.uint8, 3, 16),
        (5, F.SRGB, np.uint8, 3, 16),
        (17, F.SRGB, np.uint8, 3, 64),
        (100, F.SRGB, np.uint8, 3, 304),
        (640, F.SRGB, np.uint8, 3, 1920),
        (17, F.GRAY8, np.uint8, 1, 32),
        (5, F.VEC32F1, np.float32, 1, 32),
        (100, F.SRGB48, np.uint16, 3, 608),
    ],
)
def test_row_step_equals_that_of_mediapipe(
    width: int, image_format: Any, dtype: Any, channels: int, step: int
) -> None:
    image = mp.Image(image_format, np.zeros((3, width, channels), dtype))
    assert image.step == step
    assert image.is_contiguous() == (step == width * channels * dtype().itemsize)
    assert image.is_aligned(16)
    assert image.is_aligned(32) == (step % 32 == 0)
    assert not image.is_empty()
    assert not image.uses_gpu()


@pytest.mark.parametrize("boundary", [0, 3, -1])
def test_alignment_must_be_a_power_of_two(boundary: int) -> None:
    with pytest.raises(ValueError, match="must be a power of 2"):
        mp.Image(F.GRAY8, numbers(2, 2)).is_aligned(boundary)


def test_an_image_can_be_pickled() -> None:
    image = pickle.loads(pickle.dumps(mp.Image(F.SRGB, numbers(4, 5, 3))))
    np.testing.assert_array_equal(image.numpy_view(), numbers(4, 5, 3))


def test_an_image_frame_is_an_image_with_byte_depth() -> None:
    frame = mp.ImageFrame(image_format=F.GRAY16, data=numbers(3, 4, dtype=np.uint16))
    assert (frame.byte_depth, frame.width, frame.numpy_view().shape) == (2, 4, (3, 4))


# --- files ---


def test_colours_of_a_file_are_rgb(tmp_path: Path) -> None:
    bgr = np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "image.png"), bgr)
    image = mp.Image.create_from_file(str(tmp_path / "image.png"))
    assert (image.width, image.height, image.image_format) == (50, 40, F.SRGB)
    np.testing.assert_array_equal(image.numpy_view(), bgr[:, :, ::-1])


def test_grey_and_transparent_files_keep_their_format(tmp_path: Path) -> None:
    bgra = np.random.default_rng(0).integers(0, 255, (40, 50, 4), np.uint8)
    cv2.imwrite(str(tmp_path / "grey.png"), bgra[:, :, 0])
    cv2.imwrite(str(tmp_path / "clear.png"), bgra)
    grey = mp.Image.create_from_file(str(tmp_path / "grey.png"))
    clear = mp.Image.create_from_file(str(tmp_path / "clear.png"))
    assert (grey.image_format, clear.image_format) == (F.GRAY8, F.SRGBA)
    np.testing.assert_array_equal(grey.numpy_view(), bgra[:, :, 0])
    np.testing.assert_array_equal(clear.numpy_view(), bgra[:, :, [2, 1, 0, 3]])


def test_exif_orientation_is_applied_as_in_1_2(tmp_path: Path) -> None:
    picture = Pillow.fromarray(numbers(40, 50, 3))
    exif = picture.getexif()
    exif[0x112] = 6  # rotated by 90 degrees
    picture.save(tmp_path / "turned.jpg", exif=exif)
    image = mp.Image.create_from_file(str(tmp_path / "turned.jpg"))
    assert (image.width, image.height) == (40, 50)


@pytest.mark.parametrize("error", [FileNotFoundError, RuntimeError])  # 1.2.2's and 0.10.21's
def test_a_missing_file_raises_the_errors_of_both_versions(error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^Can't find file: nowhere\.jpg$"):
        mp.Image.create_from_file("nowhere.jpg")


def test_a_file_that_is_not_an_image_raises_a_runtime_error(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("hello")
    with pytest.raises(RuntimeError, match="Failed to load image from file"):
        mp.Image.create_from_file(str(tmp_path / "text.jpg"))
