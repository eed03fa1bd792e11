"""Turned, mirrored and channel-reversed images are NumPy's views as contiguous copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vitruvian import native
from vitruvian.media.orientation import mirrored, reversed_channels, rotated, turn_from_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Copy = tuple[Callable[[Image], Image], Callable[[Image], Image]]

COPIES: dict[str, Copy] = {
    "mirrored": (mirrored, lambda image: image[:, ::-1]),
    "channels reversed": (reversed_channels, lambda image: image[..., ::-1]),
    **{
        f"turned {turns} times": (
            lambda image, turns=turns: rotated(image, turns),  # type: ignore[misc]
            lambda image, turns=turns: np.rot90(image, turns),  # type: ignore[misc]
        )
        for turns in (-1, 0, 1, 2, 3, 5)
    },
}


@pytest.fixture(params=["compiled", "numpy"])
def _kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setattr(native, "core", None)
    elif native.core is None:
        pytest.skip("there is no compiled core")


@pytest.mark.usefixtures("_kernels")
@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("shape", [(300, 200, 3), (1, 1, 3), (1, 260, 3), (7, 0, 3), (0, 0, 3)])
def test_the_copy_is_contiguous_and_equal_to_the_view(
    name: str, shape: tuple[int, int, int]
) -> None:
    copied, view = COPIES[name]
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    image.flags.writeable = False
    for strided in (image, image[::-2], image[:, ::3]):
        copy = copied(strided)
        assert_array_equal(copy, view(strided))
        assert copy.flags.c_contiguous
        assert copy.flags.writeable
        assert not np.shares_memory(copy, image)


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("angle_deg", [0, 0.01, 44, 46, 89.99, 90, 91, 134, 136, 180, 225.5, 270])
@pytest.mark.parametrize("shear", [0.0, 0.3])
def test_a_display_matrix_turns_to_the_nearest_right_angle(
    angle_deg: float, is_mirrored: bool, shear: float
) -> None:
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    linear = np.array([[c, -s], [s, c]]) @ (
        [[1, 0], [shear, 1]] if angle_deg % 90 == 0 else np.eye(2)
    )
    if is_mirrored:
        linear[0] *= -1
    matrix = [*linear[0] * 65536, 0, *linear[1] * 65536, 0, 9 << 16, -(7 << 16), 1 << 30]
    expected = round(angle_deg / 90) % 4
    assert turn_from_matrix([round(value) for value in matrix]) == (is_mirrored, expected)


@pytest.mark.parametrize(
    "matrix", [[0] * 9, [1, 0, 0, 0, 0, 0, 0, 0, 1], [1, 1, 0, 1, 1, 0, 0, 0, 1]]
)
def test_a_matrix_that_shows_a_line_has_no_effect(matrix: list[int]) -> None:
    assert turn_from_matrix(matrix) == (False, 0)
