"""Turned, mirrored and channel-reversed images are NumPy's views as contiguous copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vitruvian import native
from vitruvian.media.orientation import mirrored, reversed_channels, rotated

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
