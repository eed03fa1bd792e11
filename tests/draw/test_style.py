from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from vitruvian import Style


def test_a_style_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Style().box = True


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_min_visibility_out_of_range_raises_an_error(value):
    with pytest.raises(ValueError, match=f"min_visibility must be from 0 to 1, got {value}"):
        Style(min_visibility=value)
