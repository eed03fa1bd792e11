"""Linear assignment: pairs rows with columns at the lowest total cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["linear_assignment", "match"]


def linear_assignment(costs: ArrayLike) -> list[tuple[int, int]]:
    """Return the pairs (row, column) with the lowest total cost.

    Every row gets a column, or every column a row where there are fewer columns.

    Parameters
    ----------
    costs : (R, C) array
        Cost of each pair; ``inf`` forbids it.

    Returns
    -------
    list of (int, int)
        ``min(R, C)`` pairs, sorted by row.

    Raises
    ------
    ValueError
        If `costs` is not a matrix, holds NaN or ``-inf``, or if only forbidden pairs are left.

    Notes
    -----
    Source: shortest augmenting paths, D. F. Crouse, "On implementing 2D rectangular assignment
    algorithms", IEEE Transactions on Aerospace and Electronic Systems 52 (2016), section III.
    Ties are broken as in SciPy's ``linear_sum_assignment``, so that both return the same pairs: a
    free column comes first; columns are searched in descending order; a reached column's place in
    that order goes to the last one.

    Written in Python for small matrices: about 0.01 ms for 4 × 4, 0.2 ms for 20 × 20.

    Examples
    --------
    >>> linear_assignment([[4, 1, 3], [2, 0, 5]])
    [(0, 1), (1, 0)]
    """
    matrix = np.asarray(costs, np.float64)
    if matrix.ndim != 2:
        raise ValueError(f"costs must have shape (R, C), got {matrix.shape}")
    if not (matrix > -math.inf).all():
        raise ValueError("costs must be numbers or inf, got NaN or -inf")
    if matrix.shape[0] > matrix.shape[1]:
        return sorted((row, column) for column, row in _columns_of_rows(matrix.T))
    return _columns_of_rows(matrix)


def match(costs: NDArray[np.floating], max_cost: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) with the lowest total cost; a row may stay unmatched.

    Parameters
    ----------
    costs : (R, C) array
        Cost of each pair; ``inf`` forbids it.
    max_cost : float
        Cost of leaving a row or column unmatched. Every pair costs less.

    Returns
    -------
    list of (int, int)
        At most ``min(R, C)`` pairs, sorted by row.

    Examples
    --------
    >>> match(np.array([[0.2, 0.9], [0.1, 7.0]]), max_cost=1.0)
    [(0, 1), (1, 0)]
    >>> match(np.array([[0.2, 7.0], [0.1, 7.0]]), max_cost=1.0)
    [(1, 0)]
    """
    if not costs.size:
        return []
    pairs = linear_assignment(np.minimum(costs, max_cost))
    return [pair for pair in pairs if costs[pair] < max_cost]


def _columns_of_rows(matrix: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return each row with its column, for at least as many columns as rows."""
    costs: list[list[float]] = matrix.tolist()
    n_rows, n_columns = matrix.shape
    row_duals, column_duals = [0.0] * n_rows, [0.0] * n_columns
    column_of, row_of = [-1] * n_rows, [-1] * n_columns  # the pairs so far; -1 is unmatched
    for start in range(n_rows):
        previous = [-1] * n_columns  # row from which the shortest path reaches each column
        distances = [math.inf] * n_columns
        open_columns = list(range(n_columns - 1, -1, -1))
        closed: list[int] = []
        row, distance = start, 0.0
        while row != -1:
            nearest, shortest = -1, math.inf
            for place, column in enumerate(open_columns):
                length = distance + costs[row][column] - row_duals[row] - column_duals[column]
                if length < distances[column]:
                    distances[column], previous[column] = length, row
                length = distances[column]
                if length < shortest or (length == shortest and row_of[column] == -1):
                    nearest, shortest = place, length
            if shortest == math.inf:
                raise ValueError("costs forbid every complete assignment")
            column, distance = open_columns[nearest], shortest
            open_columns[nearest] = open_columns[-1]
            open_columns.pop()
            closed.append(column)
            row = row_of[column]
        row_duals[start] += distance
        for reached in closed:
            if row_of[reached] != -1:
                row_duals[row_of[reached]] += distance - distances[reached]
            column_duals[reached] -= distance - distances[reached]
        while row != start:  # `column` is free: each row on its path moves on by one column
            row = previous[column]
            row_of[column], column_of[row], column = row, column, column_of[row]
    return list(enumerate(column_of))
