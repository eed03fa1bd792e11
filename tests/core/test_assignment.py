"""Linear assignment, against SciPy: the same pairs, ties included."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from vitruvian.core.assignment import linear_assignment, match

MAX_COST = 6.0  # as in the tracker
INF = np.inf
KINDS = ["continuous", "ties", "constant", "forbidden pairs", "ties and forbidden pairs"]


def matrices(kind: str, count: int = 800) -> list[np.ndarray]:
    """Random matrices of 0 to 12 rows and columns; every twentieth has up to 24."""
    rng = np.random.default_rng(KINDS.index(kind))
    found = []
    for index in range(count):
        shape = tuple(rng.integers(0, 13 if index % 20 else 25, 2))
        costs = rng.uniform(0, 8, shape)
        if "ties" in kind:
            costs = np.round(costs) * 0.1 if index % 2 else np.floor(costs / 2)
        if "forbidden" in kind:
            costs = np.where(rng.random(shape) < 0.5, INF, costs)
        if kind == "constant":
            costs = np.full(shape, rng.choice([0.0, 0.1, MAX_COST, INF]))
        found.append(costs)
    return found


def scipy_pairs(costs: np.ndarray) -> list[tuple[int, int]]:
    rows, columns = linear_sum_assignment(costs)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


@pytest.mark.parametrize("max_cost", [MAX_COST, 0.35])
@pytest.mark.parametrize("kind", KINDS)
def test_matches_equal_those_of_scipy(kind: str, max_cost: float) -> None:
    for costs in matrices(kind):
        pairs = scipy_pairs(np.minimum(costs, max_cost))
        assert match(costs, max_cost) == [pair for pair in pairs if costs[pair] < max_cost]


@pytest.mark.parametrize("kind", KINDS)
def test_complete_assignments_equal_those_of_scipy(kind: str) -> None:
    for costs in matrices(kind):
        try:
            pairs = scipy_pairs(costs)
        except ValueError:
            with pytest.raises(ValueError, match="forbid every complete assignment"):
                linear_assignment(costs)
        else:
            assert linear_assignment(costs) == pairs


def lowest_cost(costs: np.ndarray, max_cost: float) -> float:
    """Return the lowest cost of all matchings, by brute force."""
    n_rows, n_columns = costs.shape
    padded = np.hstack([costs, np.full((n_rows, n_rows), max_cost)])  # or unmatched
    return min(
        sum(padded[row, column] for row, column in enumerate(columns))
        for columns in permutations(range(n_rows + n_columns), n_rows)
    )


@pytest.mark.parametrize("max_cost", [0.3, 0.7, 100.0])
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 4), (4, 2)])
def test_no_other_matching_costs_less(shape: tuple[int, int], max_cost: float) -> None:
    for seed in range(5):
        costs = np.random.default_rng(seed).random(shape)
        costs[costs > 0.9] = INF
        pairs = match(costs, max_cost)
        total = sum(costs[pair] for pair in pairs) + max_cost * (shape[0] - len(pairs))
        assert total == pytest.approx(lowest_cost(costs, max_cost))
        for chosen in zip(*pairs, strict=True):
            assert len(set(chosen)) == len(pairs)


def test_a_row_stays_unmatched_where_that_is_cheaper() -> None:
    costs = np.array([[0.1, 2.5], [0.9, INF]])
    assert match(costs, 100.0) == [(0, 1), (1, 0)]
    assert match(costs, 3.0) == [(0, 0)]


def test_negative_costs_are_profits() -> None:
    overlap = np.array([[0.9, 0.8], [0.7, 0.1]])
    assert linear_assignment(-overlap) == [(0, 1), (1, 0)]


def test_equal_costs_pair_equal_indices() -> None:
    assert linear_assignment(np.ones((3, 3))) == [(0, 0), (1, 1), (2, 2)]


def test_a_pair_at_the_gate_stays_unmatched() -> None:
    assert match(np.array([[1.0]]), max_cost=1.0) == []
    assert match(np.array([[0.999]]), max_cost=1.0) == [(0, 0)]


def test_only_forbidden_pairs_give_no_match() -> None:
    assert match(np.full((2, 3), INF), MAX_COST) == []


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_without_rows_or_columns_there_is_no_match(shape: tuple[int, ...]) -> None:
    assert match(np.empty(shape), MAX_COST) == []


def test_costs_are_not_changed() -> None:
    costs = np.array([[8.0, 1.0], [INF, 2.0]])
    before = costs.copy()
    match(costs, MAX_COST)
    assert np.array_equal(costs, before)


@pytest.mark.parametrize("bad", [np.nan, -INF])
def test_invalid_costs_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="got NaN or -inf"):
        linear_assignment([[1.0, bad]])


def test_a_vector_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(R, C\), got \(3,\)"):
        linear_assignment([1.0, 2.0, 3.0])
