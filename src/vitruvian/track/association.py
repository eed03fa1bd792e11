"""Association: which rows and columns of a cost matrix belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["assigned"]


def assigned(costs: NDArray[np.float64], stranger: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of the lowest total cost.

    Parameters
    ----------
    costs : (R, C) array
    stranger : float
        Cost of leaving a row without a column. A pair that costs as much is not returned.
    """
    if not costs.size:
        return []
    rows, columns = linear_sum_assignment(np.minimum(costs, stranger))
    pairs: Sequence[tuple[int, int]] = list(zip(rows.tolist(), columns.tolist(), strict=True))
    return [pair for pair in pairs if costs[pair] < stranger]
