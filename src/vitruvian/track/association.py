"""Who is who: poses of one frame against people remembered from earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["assigned"]


def assigned(costs: NDArray[np.float64], stranger: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) that cost least together.

    Parameters
    ----------
    costs : (R, C) array
    stranger : float
        What it costs to leave a row without a column. No pair costs as much.
    """
    if not costs.size:
        return []
    rows, columns = linear_sum_assignment(np.minimum(costs, stranger))
    pairs: Sequence[tuple[int, int]] = list(zip(rows.tolist(), columns.tolist(), strict=True))
    return [pair for pair in pairs if costs[pair] < stranger]
