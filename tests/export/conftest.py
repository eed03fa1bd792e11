"""Results of seeded random numbers, so that tests of writers need no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian import Pose, PoseResult, Roi

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, HEIGHT = 64, 48


def sample_pose(rng: np.random.Generator, number: int | None = None) -> Pose:
    return Pose(
        landmarks=rng.normal(30, 20, (33, 3)),
        visibility=rng.random(33),
        presence=rng.random(33),
        world=rng.normal(0, 0.5, (33, 3)),
        roi=Roi((30 + rng.normal(), 25 + rng.normal()), (40.1, 40.1), float(rng.normal())),
        score=float(rng.random()),
        id=number,
    )


@pytest.fixture
def make_results() -> Callable[..., list[PoseResult]]:
    """Make results with the given numbers of people; the first person of a frame has no id."""

    def make(*people: int, seed: int = 0) -> list[PoseResult]:
        rng = np.random.default_rng(seed)
        return [
            PoseResult(
                frame_index=3 + i,
                timestamp_us=33_367 * i,
                width=WIDTH,
                height=HEIGHT,
                poses=tuple(sample_pose(rng, n or None) for n in range(n_people)),
            )
            for i, n_people in enumerate(people)
        ]

    return make
