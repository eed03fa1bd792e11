"""The steps of the tracking loop, each alone, on the recorded input of that step.

A table has the recorded arrays of a clip by ``MODEL:STEP``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.parity.reference import SOLUTIONS_STEP_US, norm_of, roi_of, scale
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.pipeline import Candidate
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.warp import alignment_side, roi_from_alignment
from vitruvian.track.smoothing import PoseSmoother, RoiSmoother

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Table = Mapping[str, NDArray[np.float32]]

# mm by which world landmarks may differ. LiteRT adds in MediaPipe's order and is exact. OpenVINO
# adds in another order; in float32, 58 convolutions then differ by about 0.02 mm.
WORLD_MM = {"litert": 0.01, "openvino": 0.1}
# px; with OpenVINO one frame in 2000 has a landmark that depends on rounding.
LANDMARK_PX = {"litert": 0.002, "openvino": 0.03}


def assert_raw_landmarks_in_the_recorded_region(
    frames: Iterable[NDArray[np.uint8]], table: Table, model: str, backend: str
) -> None:
    px, world_mm = [], []
    with PoseEstimator(model, profile="solutions", backend=backend) as estimator:
        for image, roi, raw, raw_world in zip(
            frames,
            table[f"{model}:roi"],
            table[f"{model}:raw"],
            table[f"{model}:raw_world"],
            strict=True,
        ):
            if np.isnan(roi).any():
                continue
            wh = image.shape[1], image.shape[0]
            (person,) = estimator._pipeline.estimate(image, [Candidate(roi_of(roi, wh))])
            assert (person is None) == np.isnan(raw[0, 0])
            if person is None:
                continue
            off = np.abs(person.raw.landmarks - raw[:, :3] * scale(wh))
            px.append(off[:, :2].max())
            world_mm.append(1000 * np.abs(person.raw.world - raw_world[:, :3]).max())
    assert max(world_mm) <= WORLD_MM[backend]
    assert np.quantile(px, 0.995) <= 0.02
    assert max(px) <= LANDMARK_PX[backend]


def assert_filters_on_the_recorded_landmarks(table: Table, model: str, wh: tuple[int, int]) -> None:
    px = scale(wh)
    profile = PROFILES["solutions"]
    smooth_pose, smooth_roi = PoseSmoother(profile), RoiSmoother(profile)
    for i, raw in enumerate(table[f"{model}:raw"]):
        timestamp_us = SOLUTIONS_STEP_US * (i + 1)
        if np.isnan(raw[0, 0]):
            smooth_pose.mark_lost()
            smooth_roi.reset()
            continue
        auxiliary = table[f"{model}:raw_aux"][i][:, :3] * px
        world = table[f"{model}:raw_world"][i][:, :3]
        pose = RawPose(raw[:, :3] * px, auxiliary, raw[:, 3], raw[:, 4], world, 1.0, None)
        size_px = alignment_side(auxiliary[:, :2])
        smooth = smooth_pose(pose, timestamp_us, size_px)
        expected = table[f"{model}:smooth"][i]
        np.testing.assert_allclose(smooth.landmarks, expected[:, :3] * px, atol=1e-3, rtol=0)
        np.testing.assert_allclose(smooth.visibility, expected[:, 3], atol=1e-6, rtol=0)
        expected_world = table[f"{model}:smooth_world"][i][:, :3]
        np.testing.assert_allclose(smooth.world, expected_world, atol=1e-6, rtol=0)
        steady = smooth_roi(auxiliary[:, :2], timestamp_us, size_px)
        expected_aux = table[f"{model}:smooth_aux"][i][:, :2] * px[:2]
        np.testing.assert_allclose(steady, expected_aux, atol=1e-3, rtol=0)


def assert_regions_follow_the_recorded_ones(
    frames: Iterable[NDArray[np.uint8]], table: Table, model: str
) -> None:
    """The state machine: regions of tracked people, and frames on which the detector runs."""
    expected_roi: NDArray[np.float64] | None = None
    with PoseEstimator(model, profile="solutions") as estimator:
        for i, image in enumerate(frames):
            wh = image.shape[1], image.shape[0]
            roi = table[f"{model}:roi"][i]
            if expected_roi is None:
                detections = estimator._pipeline._detector.detect(image)
                assert bool(detections) == bool(table[f"{model}:detected"][i])
                if detections:
                    found = roi_from_alignment(detections[0].keypoints[:2], wh)
                    expected_roi = norm_of(found, wh)
            else:
                assert not table[f"{model}:detected"][i]
            if expected_roi is None:
                assert np.isnan(roi).all()
            else:
                np.testing.assert_allclose(expected_roi, roi, atol=1e-5, rtol=0)
            steady = table[f"{model}:smooth_aux"][i][:, :2] * scale(wh)[:2]
            expected_roi = None
            if not np.isnan(steady).any():
                expected_roi = norm_of(roi_from_alignment(steady, wh), wh)
