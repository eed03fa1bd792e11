"""Who is who: poses of one frame against people remembered from earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["assigned"]

IMPOSSIBLE = 1e6  # the solver wants finite costs


def assigned(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the pairs (row, column) that cost least together, inf and NaN never among them."""
    if not costs.size:
        return []
    rows, columns = linear_sum_assignment(np.where(costs < IMPOSSIBLE, costs, IMPOSSIBLE))
    pairs: Sequence[tuple[int, int]] = list(zip(rows.tolist(), columns.tolist(), strict=True))
    return [pair for pair in pairs if np.isfinite(costs[pair])]
