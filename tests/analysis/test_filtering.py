"""Smoothing of recorded poses. SciPy is the reference of the filters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian import Pose, PoseResult, PoseSequence, Roi
from vitruvian.analysis.filtering import (
    Filtering,
    filled_gaps,
    filtered,
    interpolated,
    low_pass,
    without_outliers,
)

METHODS = ("butterworth", "whittaker", "kalman")
NO_OUTLIERS = {method: Filtering(method=method, outliers=False) for method in METHODS}


def motion(n_frames, fps=60.0, seed=0, noise=0.0):
    """Smooth coordinates (T, 5): sines of 0.2 to 1.5 Hz, and noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_frames) / fps
    hz, phase = rng.uniform(0.2, 1.5, 5), rng.uniform(0, 6, 5)
    values = 100 * np.sin(2 * np.pi * t[:, None] * hz + phase)
    return values + noise * rng.normal(size=values.shape)


def sequence_of(*ids_of_frames, times_us=None, fps=30.0, noise=0.5, seed=0):
    """A sequence whose people move along smooth curves, with noise."""
    rng = np.random.default_rng(seed)
    if times_us is None:
        times_us = np.rint(np.arange(len(ids_of_frames)) * 1e6 / fps).astype(np.int64)
    results = []
    for frame, (time_us, ids) in enumerate(zip(times_us, ids_of_frames, strict=True)):
        poses = []
        for number in ids:
            t = time_us / 1e6
            middle = 100 + 500 * number + 40 * np.sin(t + number + np.arange(33)[:, None] / 33)
            points = (middle + noise * rng.normal(size=(33, 3))).astype(np.float32)
            poses.append(
                Pose(
                    landmarks=points,
                    visibility=np.full(33, 0.9),
                    presence=np.full(33, 0.8),
                    world=points / 1000,
                    roi=Roi((100.0 + 500 * number, 100.0), (50.0, 50.0), 0.0),
                    score=0.9,
                    id=number,
                )
            )
        results.append(PoseResult(frame, int(time_us), 640, 480, tuple(poses)))
    return PoseSequence.from_results(results)


# --- the low-pass filters ---


@pytest.mark.parametrize("cutoff_hz", [0.5, 3, 6, 15, 26.9])
@pytest.mark.parametrize("n_frames", [10, 11, 60, 401])
def test_butterworth_equals_scipy(n_frames, cutoff_hz):
    signal = pytest.importorskip("scipy.signal", reason="needs vitruvian[analysis]")
    values = motion(n_frames, noise=5)
    b, a = signal.butter(2, cutoff_hz / 30)
    expected = signal.filtfilt(b, a, values, axis=0)
    assert_allclose(low_pass(values, 60, cutoff_hz), expected, atol=1e-8)


@pytest.mark.parametrize("cutoff_hz", [0.5, 6, 26])
@pytest.mark.parametrize("n_frames", [1, 2, 3, 9, 50])
def test_whittaker_equals_the_dense_solution(n_frames, cutoff_hz):
    values = motion(n_frames, noise=5)
    padded = np.pad(values, ((10, 10), (0, 0)), mode="edge")
    differences = np.diff(np.eye(len(padded)), 2, axis=0)
    weight = (60 / (2 * np.pi * cutoff_hz)) ** 4
    matrix = np.eye(len(padded)) + weight * differences.T @ differences
    expected = np.linalg.solve(matrix, padded)[10:-10]
    assert_allclose(low_pass(values, 60, cutoff_hz, "whittaker"), expected, rtol=1e-6, atol=1e-6)


def test_kalman_equals_the_best_estimate_of_all_values_at_once():
    """The smoother is least squares over all states, weighted by noise and jerk."""
    values = motion(25, noise=5)[:, :1]
    values[8:12] = np.nan
    fps, cutoff_hz = 60.0, 5.0
    h = 1 / fps
    step = np.array([[1, h, h * h / 2], [0, 1, h], [0, 0, 1]])
    noise = (
        (2 * np.pi * cutoff_hz) ** 6
        / fps
        * np.array(
            [
                [h**5 / 20, h**4 / 8, h**3 / 6],
                [h**4 / 8, h**3 / 3, h**2 / 2],
                [h**3 / 6, h**2 / 2, h],
            ]
        )
    )
    n = len(values)
    whiten = np.linalg.inv(np.linalg.cholesky(noise))
    rows, right = [], []
    prior = np.diag([1e-3, 1e-4, 1e-5])  # 1 / deviation
    first = np.zeros((3, 3 * n))
    first[:, :3] = prior
    rows.append(first)
    right.append(prior @ [values[0, 0], 0, 0])
    for t in range(n):
        if np.isfinite(values[t, 0]):
            row = np.zeros((1, 3 * n))
            row[0, 3 * t] = 1
            rows.append(row)
            right.append(values[t])
        if t:
            row = np.zeros((3, 3 * n))
            row[:, 3 * t - 3 : 3 * t], row[:, 3 * t : 3 * t + 3] = -whiten @ step, whiten
            rows.append(row)
            right.append(np.zeros(3))
    expected = np.linalg.lstsq(np.vstack(rows), np.concatenate(right), rcond=None)[0][::3]
    found = low_pass(values, fps, cutoff_hz, "kalman")
    assert_allclose(found[:, 0], expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_frames", [1, 2, 5, 40])
def test_a_constant_stays(method, n_frames):
    values = np.full((n_frames, 3), 1234.5)
    assert_allclose(low_pass(values, 30, 6, method), values, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_straight_motion_stays_inside_the_clip(method):
    values = np.linspace(0, 1000, 200)[:, None]
    assert_allclose(low_pass(values, 60, 6, method)[30:-30], values[30:-30], atol=0.5)


@pytest.mark.parametrize("method", METHODS)
def test_filters_are_linear_and_do_not_depend_on_the_unit(method):
    values = motion(80, noise=5)
    once = low_pass(values, 60, 6, method)
    assert_allclose(low_pass(values / 1000, 60, 6, method), once / 1000, atol=1e-9)
    assert_allclose(low_pass(values + 500, 60, 6, method), once + 500, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_a_filter_of_a_reversed_clip_is_the_reversed_result(method):
    values = motion(120, noise=5)
    one, other = (low_pass(v, 60, 6, method) for v in (values, values[::-1]))
    margin = 12 if method == "butterworth" else 0  # the order of the two runs matters at the ends
    assert_allclose(
        one[margin : 120 - margin], other[::-1][margin : 120 - margin], rtol=1e-3, atol=0.02
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_filter_of_a_shifted_clip_is_the_shifted_result(method):
    values = motion(400, noise=5)
    one, other = (low_pass(v, 60, 6, method) for v in (values[:-50], values[50:]))
    assert_allclose(one[150:250], other[100:200], atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_there_is_no_lag(method):
    values = motion(600, noise=20)[:, 0]
    clean = motion(600)[:, 0]
    smooth = low_pass(values[:, None], 60, 6, method)[:, 0]
    lags = range(-10, 11)
    peaks = [np.dot(smooth[20:-20], np.roll(clean, lag)[20:-20]) for lag in lags]
    assert lags[int(np.argmax(peaks))] == 0


@pytest.mark.parametrize("method", METHODS)
def test_noise_gets_less_and_the_motion_stays(method):
    clean, values = motion(600), motion(600, noise=5)
    off = np.sqrt(np.mean((low_pass(values, 60, 6, method) - clean)[20:-20] ** 2))
    assert off < 0.55 * 5
    assert np.abs(low_pass(clean, 60, 6, method) - clean)[20:-20].max() < 1


@pytest.mark.parametrize("method", METHODS)
def test_the_gain_at_the_cutoff_is_about_one_half(method):
    t = np.arange(1200) / 60
    wave = np.sin(2 * np.pi * 6 * t)[:, None]
    gain = np.abs(low_pass(wave, 60, 6, method)[200:-200]).max()
    assert gain == pytest.approx(0.5, abs=0.03)
    slow, fast = (np.sin(2 * np.pi * hz * t)[:, None] for hz in (1.5, 20))
    assert np.abs(low_pass(slow, 60, 6, method)[200:-200]).max() > 0.97
    assert np.abs(low_pass(fast, 60, 6, method)[200:-200]).max() < 0.06


def test_the_point_of_minus_3_db_is_at_0_80_of_the_cutoff():
    t = np.arange(2400) / 60
    wave = np.sin(2 * np.pi * 0.80 * 6 * t)[:, None]
    assert np.abs(low_pass(wave, 60, 6)[300:-300]).max() == pytest.approx(0.707, abs=0.02)


def test_a_cutoff_near_the_rate_is_lowered():
    values = motion(60, fps=10, noise=5)
    assert_array_equal(low_pass(values, 10, 6), low_pass(values, 10, 4.5))
    for fps, cutoff_hz in ((0, 6), (30, 0), (30, -1)):
        with pytest.raises(ValueError, match="must be positive"):
            low_pass(values, fps, cutoff_hz)


@pytest.mark.parametrize("method", METHODS)
def test_stretches_between_gaps_do_not_touch(method):
    values = motion(100, noise=5)
    values[40:60] = np.nan
    values[:, 1] = np.nan
    smooth = low_pass(values, 60, 6, method)
    assert np.isnan(smooth[:, 1]).all()
    if method != "kalman":
        assert_array_equal(np.isnan(smooth), np.isnan(values))
        assert_array_equal(smooth[:40, 0], low_pass(values[:40, :1], 60, 6, method)[:, 0])


# --- outliers ---


def hampel(values, window=7):
    """The Hampel filter as a plain loop."""
    result = values.copy()
    n = len(values)
    for t in range(n):
        start = min(max(t - window // 2, 0), n - window)
        near = values[start : start + window]
        near = near[~np.isnan(near)]
        if not near.size or np.isnan(values[t]):
            continue
        median = np.median(near)
        deviation = np.median(np.abs(near - median))
        if deviation > 0 and 0.6745 * abs(values[t] - median) / deviation > 2:
            result[t] = median
    return result


@pytest.mark.parametrize("n_frames", [7, 8, 30, 2500])
def test_outliers_are_those_of_a_plain_loop(n_frames):
    values = motion(n_frames, noise=2)[:, :2]
    rng = np.random.default_rng(1)
    values[rng.random(values.shape) < 0.05] += 300
    values[rng.random(values.shape) < 0.1] = np.nan
    expected = np.stack([hampel(column) for column in values.T], axis=1)
    assert_array_equal(without_outliers(values), expected)


def test_one_bad_frame_is_replaced_and_flat_values_stay():
    values = motion(50)[:, :1]
    bad = values.copy()
    bad[25] += 300
    assert abs(without_outliers(bad)[25] - values[25]) < 20
    flat = np.zeros((20, 1))
    flat[7] = 1
    assert_array_equal(without_outliers(flat), flat)
    short = motion(6)
    assert_array_equal(without_outliers(short), short)
    assert without_outliers(np.full((9, 2), np.nan)).shape == (9, 2)


@pytest.mark.parametrize(("fps", "is_replaced"), [(60, True), (24, True), (15, False), (5, False)])
def test_fast_motion_at_low_rates_is_no_outlier(fps, is_replaced):
    sequence = sequence_of(*[(0,)] * 40, fps=fps, noise=0.01)
    landmarks = np.array(sequence.landmarks)
    landmarks[20] += 100
    high = Filtering(cutoff_hz=1000)
    found = filtered(replace(sequence, landmarks=landmarks), high).landmarks[20] - landmarks[20]
    assert (np.abs(found).min() > 50) == is_replaced
    slow = replace(high, slow_motion=8)
    found = filtered(replace(sequence, landmarks=landmarks), slow).landmarks[20] - landmarks[20]
    assert np.abs(found).min() > 50


# --- gaps ---


@pytest.mark.parametrize("n_known", [2, 3, 4, 30])
def test_interpolation_equals_scipy(n_known):
    interpolate = pytest.importorskip("scipy.interpolate", reason="needs vitruvian[analysis]")
    rng = np.random.default_rng(n_known)
    times_us = np.cumsum(rng.integers(5_000, 60_000, n_known))
    values = rng.normal(size=(n_known, 4))
    values[n_known // 2 :, 1] = values[n_known // 2, 1]  # flat
    new_us = np.sort(rng.integers(times_us[0], times_us[-1], 80))
    found = interpolated(times_us, values, new_us, 10.0)
    expected = interpolate.PchipInterpolator(times_us / 1e6, values)(new_us / 1e6)
    assert_allclose(found, expected, atol=1e-9)


def test_gaps_are_filled_up_to_their_length_in_seconds():
    values = motion(60)
    values[10:19] = np.nan  # from frame 9 to 19: a third of a second at 30 fps
    values[30:41] = np.nan
    values[:3] = values[57:] = np.nan
    filled = filled_gaps(values, 30)
    assert np.isfinite(filled[3:30]).all()
    assert np.isnan(filled[30:41]).all()
    assert np.isnan(filled[:3]).all()
    assert np.isnan(filled[57:]).all()
    assert_allclose(filled[10:19], motion(60)[10:19], atol=12)
    assert_array_equal(filled[20:30], values[20:30])


def test_a_filled_gap_stays_between_its_neighbours():
    values = np.array([0.0, 1, np.nan, np.nan, 3, 3])[:, None]
    filled = filled_gaps(values, 30)
    assert ((filled[2:4] >= 1) & (filled[2:4] <= 3)).all()


# --- whole sequences ---


@pytest.mark.parametrize("options", NO_OUTLIERS.values(), ids=METHODS)
def test_two_people_who_swap_slots_are_filtered_on_their_own(options):
    swapping = sequence_of(*[(0, 1) if t % 3 else (1, 0) for t in range(60)])
    smooth = filtered(swapping, options)
    assert_array_equal(smooth.slot_ids, np.tile([0.0, 1.0], (60, 1)))
    for number in (0, 1):
        person = filtered(swapping.person(number), options)
        assert_array_equal(smooth.person(number).landmarks, person.landmarks)
        x = person.landmarks[:, 0, 0]
        assert np.abs(np.diff(x)).max() < 5  # never the other, 500 px away


@pytest.mark.parametrize("options", NO_OUTLIERS.values(), ids=METHODS)
def test_all_quantities_are_filtered_and_the_others_stay(options):
    sequence = sequence_of(*[(0,)] * 60)
    smooth = filtered(sequence, options)
    assert_allclose(smooth.world * 1000, smooth.landmarks, atol=0.01)
    for name in ("visibility", "presence", "scores", "rois", "slot_ids", "wh"):
        assert_array_equal(getattr(smooth, name), getattr(sequence, name), err_msg=name)
    clean = sequence_of(*[(0,)] * 60, noise=0)
    before, after = (np.abs(s.landmarks - clean.landmarks).mean() for s in (sequence, smooth))
    assert after < 0.75 * before
    assert smooth.camera is None
    assert not smooth.landmarks.flags.writeable


@pytest.mark.parametrize("options", NO_OUTLIERS.values(), ids=METHODS)
@pytest.mark.parametrize("n_frames", [1, 2, 3, 9])
def test_short_clips_keep_their_frames(options, n_frames):
    sequence = sequence_of(*[(0,)] * n_frames)
    smooth = filtered(sequence, options)
    assert smooth.is_present.all()
    assert_allclose(smooth.landmarks, sequence.landmarks, atol=5)


@pytest.mark.parametrize("options", NO_OUTLIERS.values(), ids=METHODS)
def test_gaps_of_a_person_are_filled_or_stay(options):
    frames = [(0,)] * 20 + [()] * 5 + [(0,)] * 20 + [()] * 30 + [(0,)] * 20
    smooth = filtered(sequence_of(*frames), options)
    present = smooth.is_present[:, 0]
    assert present[:45].all()
    assert not present[45:75].any()
    assert present[75:].all()
    assert_array_equal(np.isfinite(smooth.landmarks[:, 0, 0, 0]), present)
    assert_array_equal(np.isnan(smooth.slot_ids[:, 0]), ~present)
    clean = sequence_of(*[(0,)] * 95, noise=0)
    assert_allclose(smooth.landmarks[present, 0], clean.landmarks[present, 0], atol=3)


@pytest.mark.parametrize("fps", [24, 29.97, 30, 59.94])
def test_a_gap_of_the_longest_length_is_filled_whole_or_not_at_all(fps):
    for n_absent in range(6, 22):
        frames = [(0,)] * 15 + [()] * n_absent + [(0,)] * 15
        smooth = filtered(sequence_of(*frames, fps=fps))
        finite = np.isfinite(smooth.landmarks[:, 0]).all(axis=(1, 2))
        assert_array_equal(finite, smooth.is_present[:, 0])
        assert finite[15 : 15 + n_absent].all() or not finite[15 : 15 + n_absent].any()


def test_a_person_seen_for_a_moment_between_long_gaps_is_left_out():
    frames = [(0,)] * 20 + [()] * 30 + [(0,)] * 3 + [()] * 30 + [(0,)] * 20
    present = filtered(sequence_of(*frames)).is_present[:, 0]
    assert present.sum() == 40
    assert filtered(sequence_of(*[(0,)] * 3, *[()] * 30)).is_present.sum() == 3


@pytest.mark.parametrize("options", NO_OUTLIERS.values(), ids=METHODS)
def test_a_variable_rate_keeps_every_frame_of_a_person(options):
    rng = np.random.default_rng(4)
    times_us = np.cumsum(rng.choice([30_000, 33_333, 60_000, 90_000], 80))
    frames = [(0, 1)] * 30 + [(0,)] * 30 + [(0, 1)] * 20
    sequence = sequence_of(*frames, times_us=times_us)
    smooth = filtered(sequence, options)
    assert_array_equal(smooth.timestamps_us, times_us)
    for number in (0, 1):
        person, found = sequence.person(number), smooth.person(number)
        assert_array_equal(found.is_present, person.is_present)
        clean = sequence_of(*frames, times_us=times_us, noise=0).person(number)
        rows = person.is_present
        assert_allclose(found.landmarks[rows], clean.landmarks[rows], atol=3)


@pytest.mark.parametrize("options", NO_OUTLIERS.values(), ids=METHODS)
def test_a_nearly_constant_rate_gives_nearly_the_same(options):
    times_us = np.rint(np.arange(90) * 1e6 / 30).astype(np.int64)
    moved_us = times_us + np.where(np.arange(90) > 45, 20_000, 0)  # more than half a frame
    one, other = (
        filtered(sequence_of(*[(0,)] * 90, times_us=t, noise=0), options)
        for t in (times_us, moved_us)
    )
    assert_allclose(one.landmarks[:40], other.landmarks[:40], atol=0.1)


def test_missing_landmarks_are_filled_on_their_own():
    sequence = sequence_of(*[(0,)] * 40)
    landmarks = np.array(sequence.landmarks)
    landmarks[10:15, 0, 3] = np.nan
    landmarks[:, 0, 4] = np.nan
    landmarks[20, 0, 5, 1] = np.inf
    smooth = filtered(replace(sequence, landmarks=landmarks))
    assert np.isfinite(smooth.landmarks[:, 0, [3, 5]]).all()
    assert np.isnan(smooth.landmarks[:, 0, 4]).all()
    assert np.isfinite(smooth.world).all()
    nothing = replace(sequence, landmarks=np.full_like(landmarks, np.nan))
    assert filtered(nothing).is_present.all()  # its world landmarks are known


def test_hidden_landmarks_may_count_as_missing():
    sequence = sequence_of(*[(0,)] * 40)
    visibility = np.array(sequence.visibility)
    visibility[:, 0, 7] = 0.1
    visibility[10:14, 0, 8] = 0.1
    visibility[:, 0, 9] = np.nan
    hidden = replace(sequence, visibility=visibility)
    smooth = filtered(hidden, Filtering(min_visibility=0.3))
    assert np.isnan(smooth.landmarks[:, 0, 7]).all()
    assert np.isfinite(smooth.landmarks[:, 0, [8, 9]]).all()
    assert np.isfinite(filtered(hidden).landmarks).all()


def test_nobody_and_no_frames_are_returned_as_they_are():
    empty = sequence_of((), (), ())
    assert filtered(empty) == empty
    assert len(filtered(PoseSequence.from_results([]))) == 0


def test_slow_motion_divides_the_cutoff():
    sequence = sequence_of(*[(0,)] * 60)
    slow = filtered(sequence, Filtering(cutoff_hz=8, slow_motion=4))
    assert slow == filtered(sequence, Filtering(cutoff_hz=2))


def test_wrong_options_and_sequences_are_errors():
    for wrong in (
        {"cutoff_hz": 0},
        {"cutoff_hz": float("nan")},
        {"method": "median"},
        {"max_gap_s": -1},
        {"min_visibility": 2},
        {"slow_motion": 0},
    ):
        with pytest.raises(ValueError, match="must"):
            Filtering(**wrong)
    sequence = sequence_of(*[(0,)] * 3)
    with pytest.raises(ValueError, match="every pose must have an id"):
        filtered(replace(sequence, slot_ids=np.full((3, 1), np.nan)))
    with pytest.raises(ValueError, match="must increase"):
        filtered(replace(sequence, timestamps_us=np.array([0, 40_000, 20_000])))


@pytest.mark.slow
def test_70_000_frames_are_filtered_in_seconds():
    one = sequence_of(*[(0,)] * 7)
    n = 70_000
    arrays = {
        name: np.resize(getattr(one, name), (n, *getattr(one, name).shape[1:]))
        for name in (
            *("wh", "landmarks", "visibility", "presence", "world", "scores", "rois", "slot_ids"),
        )
    }
    times_us = np.rint(np.arange(n) * 1e6 / 30).astype(np.int64)
    clip = PoseSequence(frame_indices=np.arange(n), timestamps_us=times_us, **arrays)
    for method in METHODS:
        assert filtered(clip, Filtering(method=method)).is_present.all()
