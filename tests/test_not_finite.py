"""NaN and infinite values: they are missing, and no value, drawing, file or metric fails."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from vitruvian import (
    Detection,
    Pose,
    PoseResult,
    PoseSequence,
    Provenance,
    Roi,
    Style,
    draw_poses,
    load_provenance,
    load_results,
    save_results,
)
from vitruvian.core import similarity
from vitruvian.core.schema import QUANTITIES
from vitruvian.evaluation import (
    AnnotatedPose,
    ScoredPose,
    TrackTruth,
    compare_frames,
    mpjpe,
    oks,
    oks_ap,
    pa_mpjpe,
    pck,
)

NAMES = [q.name for q in QUANTITIES]
VALUES = [np.nan, np.inf, -np.inf, 3e38]
SUFFIXES = (".json", ".jsonl", ".csv", ".npz", ".parquet", ".wide.parquet")


def sample(value: float, names: list[str], *, at: int | slice = slice(None)) -> PoseResult:
    """A result whose quantities `names` have `value` in the landmarks `at`."""
    rng = np.random.default_rng(0)
    arrays = {q.name: rng.normal(20, 5, q.shape).astype(np.float32) for q in QUANTITIES}
    for name in names:
        arrays[name][at] = value
    mask = rng.random((48, 64), np.float32)
    mask[10] = value
    detection = Detection(np.full(4, value), np.full((4, 2), value), value)
    pose = Pose(
        **arrays,
        roi=Roi((30, 25), (40, 40)),
        score=value,
        id=1,
        mask=mask,
        detection=detection,
    )
    return PoseResult(0, 0, 64, 48, (pose,))


@pytest.fixture(params=VALUES)
def value(request: pytest.FixtureRequest) -> float:
    return float(request.param)


@pytest.fixture(params=[[name] for name in NAMES] + [NAMES], ids=[*NAMES, "all"])
def result(value: float, request: pytest.FixtureRequest) -> PoseResult:
    return sample(value, request.param)


def test_a_pose_can_be_shown(result: PoseResult) -> None:
    for pose in result:
        assert repr(pose).startswith("Pose(id=1, score=")
        assert len(str(pose).splitlines()) == 35
        assert pose["nose"] is not None
        assert pose.box_xyxy.shape == (4,)
    assert repr(result)


def test_the_box_is_that_of_the_finite_landmarks(value: float) -> None:
    (pose,) = sample(np.nan, ["landmarks"], at=3)
    assert np.isfinite(pose.box_xyxy).all()
    (nothing,) = sample(np.nan, ["landmarks"])
    assert np.isnan(nothing.box_xyxy).all()
    assert "nanxnan px" in repr(nothing)


def test_json_has_null(result: PoseResult) -> None:
    text = json.dumps(result.to_dict(), allow_nan=False)
    (pose,) = PoseResult.from_dict(json.loads(text))
    for name in NAMES:
        values = getattr(result.poses[0], name)
        expected = np.where(np.isfinite(values), values, np.nan)
        np.testing.assert_array_equal(getattr(pose, name), expected)
    np.testing.assert_array_equal(pose.mask, result.poses[0].mask)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_reads_nan_back(result: PoseResult, suffix: str, tmp_path) -> None:
    path = tmp_path / f"walk{suffix}"
    save_results([result], path)
    ((pose,),) = load_results(path)
    for name in NAMES:
        values = getattr(result.poses[0], name)
        expected = np.where(np.isfinite(values), values, np.nan)
        got = getattr(pose, name)  # None if it is optional and nothing of it is known
        np.testing.assert_array_equal(
            np.full_like(expected, np.nan) if got is None else got, expected
        )
    for file in tmp_path.glob("*.json*"):
        assert not {"NaN", "Infinity"} & set(file.read_text().replace(",", " ").split())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_provenance_may_hold_them(value: float, suffix: str, tmp_path) -> None:
    path = tmp_path / f"walk{suffix}"
    made = Provenance(model="full", fps=value, options={"a": value, "b": [value, {"c": value}]})
    save_results([], path, provenance=made)
    missing = value if np.isfinite(value) else None
    found = load_provenance(path)
    assert found is not None
    assert (found.fps, found.options["a"]) == (missing, missing)
    assert found.options["b"] == [missing, {"c": missing}]


def test_poses_are_drawn(result: PoseResult) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    for style in (Style(), Style(box=True, roi=True, score=True, fps=True, mask=True)):
        assert draw_poses(image, result, style, fps=result.poses[0].score).shape == image.shape


def test_sequences_and_data_frames_hold_them(result: PoseResult) -> None:
    pytest.importorskip("pandas")
    later = replace(result, frame_index=1, timestamp_us=40_000)
    sequence = PoseSequence.from_results([result, later])
    assert sequence.to_results()[0].poses[0].roi == result.poses[0].roi
    assert len(sequence.with_constant_rate(50.0)) == 3
    assert len(sequence.to_dataframe("pandas")) == 2


def test_a_landmark_that_is_missing_is_unlike_any(value: float) -> None:
    here = np.random.default_rng(0).normal(20, 5, (33, 2)).astype(np.float32)
    there = here.copy()
    there[3] = value
    assert similarity.oks(here, here, 100.0) == 1.0
    assert similarity.oks(here, there, 100.0) == pytest.approx(32 / 33)
    assert similarity.oks(here, np.full_like(here, value), 100.0) == 0.0


@pytest.mark.parametrize("at", [3, slice(None)], ids=["one", "all"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_metrics_count_them_as_missing(value: float, at: int | slice) -> None:
    rng = np.random.default_rng(0)
    truth, world = rng.uniform(0, 200, (33, 2)), rng.normal(size=(33, 3))
    points, far = truth.copy(), world.copy()
    points[at] = far[at] = value
    share = 32 / 33 if at == 3 else 0.0
    assert (pck(points, truth), oks(points, truth)) == pytest.approx((share, share))
    assert np.nan_to_num([pck(truth, points), oks(truth, points)], nan=1.0).tolist() == [1.0, 1.0]
    for error in (mpjpe(far, world), mpjpe(world, far), pa_mpjpe(far, world)):
        assert np.nan_to_num(error) == pytest.approx(0.0)
    people = [[AnnotatedPose(truth)]]
    found = [ScoredPose(points, 0.5), ScoredPose(points, value), ScoredPose(truth, 0.9)]
    assert oks_ap(people, [found]).ar == 1.0
    (frame,) = compare_frames(TrackTruth(truth[None, None], np.ones((1, 1))), [{1: points}])
    assert frame.oks.shape == (1, 1)
    assert np.isfinite(frame.oks).all()
