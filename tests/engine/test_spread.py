"""The heat map spreads more for occluded landmarks; `benchmarks/spread.py` calibrates it."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian import PoseEstimator
from vitruvian.synthetic import Box, Person, Scene

BOXES = {
    "shins behind a bench": Box((0.0, 0.3, 0.6), (0.9, 0.6, 0.1)),
    "an arm behind a post": Box((0.35, 1.0, 0.6), (0.3, 1.6, 0.1)),
}


@pytest.mark.weights
@pytest.mark.parametrize("heading_deg", [0, 30])
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_a_landmark_spreads_more_when_it_is_hidden(box: Box, heading_deg: float) -> None:
    person = Person(heading_deg=heading_deg)
    views = [Scene([person], occluders=boxes).render() for boxes in ((), (box,))]
    with PoseEstimator("full") as estimator:
        poses = [estimator.detect(view.image).pose for view in views]
    (open_spread, box_spread) = (pose.spread_px for pose in poses)
    (was_visible, is_visible) = (view.people[0].visibility > 0 for view in views)
    hidden = was_visible & ~is_visible
    assert hidden.sum() >= 2
    assert (box_spread[hidden] > open_spread[hidden]).all()
    assert np.median(box_spread[hidden]) > 1.15 * np.median(box_spread[is_visible])
    rest = is_visible & was_visible
    assert np.median(box_spread[rest]) < 1.1 * np.median(open_spread[rest])
