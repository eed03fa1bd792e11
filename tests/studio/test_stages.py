"""What a live session does with a result: positions in metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.lift.depth_scenes import CAMERA, HIPS, seen
from vitruvian import Frame
from vitruvian.lift.camera_options import focal_35mm_of
from vitruvian.lift.depth import DepthPlacer
from vitruvian.studio.stages import ResultStages


@pytest.fixture
def stages() -> ResultStages:
    made = ResultStages(lambda _: None)
    made.set_camera_space(is_on=True)
    return made


def test_measured_positions_are_sent_as_they_are(stages: ResultStages) -> None:
    scene = seen("alone")
    hidden = scene.result.poses[0].visibility.copy()
    hidden[[11, 12, *HIPS]] = 0.3
    frame = Frame(scene.view.image, depth=scene.depth)
    for visibility in (scene.result.poses[0].visibility, hidden):  # with and without a reference
        pose = replace(scene.result.poses[0], visibility=visibility)
        measured = DepthPlacer().update(replace(scene.result, poses=(pose,)), scene.depth)
        sent, _ = stages.process(frame, measured)
        assert sent == measured
        assert sent.provenance == measured.provenance


def test_the_focal_length_of_the_camera_is_used(stages: ResultStages) -> None:
    scene = seen("alone")
    frame = Frame(scene.view.image, focal_35mm=focal_35mm_of(CAMERA))
    sent, _ = stages.process(frame, scene.result)
    assert sent.poses[0].camera is not None
    hips = sent.poses[0].camera[HIPS].mean(axis=0)
    np.testing.assert_allclose(hips, scene.joints[0, HIPS].mean(axis=0), atol=0.3)
    assert sent.provenance is not None
    assert sent.provenance.camera is not None
    assert not sent.provenance.camera["is_assumed"]
