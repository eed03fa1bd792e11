"""People keep their ids in rendered scenes, whose ground truth is known.

`benchmarks/identity.py` runs all scenes, and compares with MediaPipe.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vitruvian.evaluation import compare_frames, identity_scores
from vitruvian.synthetic.scenarios import SCENARIOS
from vitruvian.track.tracker import PoseTracker

pytest.importorskip("motmetrics", reason="needs the dependency group test")
footage = pytest.importorskip("footage", reason="needs the folder benchmarks")

pytestmark = [pytest.mark.weights, pytest.mark.slow]


def test_two_crossing_people_keep_their_ids() -> None:
    views, found = [], []
    scene = replace(SCENARIOS["crossing"](), fps=10, wh=(320, 240))  # half the pixels, two thirds
    with PoseTracker("full", num_poses=4) as tracker:  # of the frames, because rendering is slow
        for frame, view in scene.frames():
            result = tracker.update(frame)
            views.append(view)
            found.append({pose.id: np.asarray(pose.landmarks[:, :2]) for pose in result})
    scores = identity_scores([compare_frames(footage.truth_of_views(views), found)])
    assert scores.idf1 >= 0.95
    assert scores.id_switches == 0
