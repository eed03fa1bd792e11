"""Several cameras: virtual ones around synthetic people who cross, and two real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.stage import WORLD_FROM_SCENE, camera_at, cameras_around, clip_of, true_points

import vitruvian as vt
from vitruvian.analysis.filtering import Filtering, filtered
from vitruvian.core.low_pass import low_pass
from vitruvian.core.sequence import PoseSequence
from vitruvian.lift.calibration import load_calibration
from vitruvian.lift.frame_size import fitted_cameras
from vitruvian.lift.multiview import Multiview, triangulate
from vitruvian.lift.sync import best_start
from vitruvian.synthetic import CROSSINGS, Person, motions

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.camera import Camera

FPS = 25.0
TIMES_S = np.arange(130) / FPS
CROSSING = CROSSINGS["crossing_close"]().scene.people
TRUTH = true_points(CROSSING, TIMES_S)
CAMERAS = cameras_around(3)
LIMBS = [0, *range(11, 17), *range(23, 33)]  # nose, then left and right of each joint


def clips_of(cameras=CAMERAS, truth=TRUTH, **options):
    return {
        name: clip_of(camera, truth, fps=FPS, seed=k, **options)
        for k, (name, camera) in enumerate(cameras.items())
    }


def errors_mm(found: Multiview, truth=TRUTH, *, smooth_hz: float = 6.0) -> np.ndarray:
    """Distances (N, T, 17) of each person, in the order of the truth, from the true one."""
    sequence = filtered(found.sequence, Filtering(cutoff_hz=smooth_hz))
    in_world = found.cameras[0].world_from_camera(sequence.camera)
    numbers = sequence.ids.tolist()
    first = in_world[sequence.slot_ids == numbers[0]][0]
    t = int((sequence.slot_ids == numbers[0]).any(axis=1).argmax())
    if np.nanmean(np.linalg.norm(truth[t] - first, axis=-1), axis=1).argmin() != 0:
        numbers.reverse()  # IDs say nothing about the order
    people = []
    for number, wanted in enumerate(numbers):
        is_person = sequence.slot_ids == wanted
        t = np.flatnonzero(is_person.any(axis=1))
        off = in_world[t, is_person[t].argmax(axis=1)] - truth[t, number]
        people.append(np.full((len(truth), 17), np.nan))
        people[-1][t] = 1000 * np.linalg.norm(off, axis=-1)[:, LIMBS]
    return np.array(people)


def crossed_ids(n_frames: int, first: int, last: int) -> np.ndarray:
    """IDs (T, 2) of a tracker that exchanges two people in some frames."""
    ids = np.tile([0, 1], (n_frames, 1))
    ids[first:last] = [1, 0]
    return ids


def test_people_who_cross_are_found_within_20_mm_with_the_right_ids() -> None:
    found = triangulate(clips_of(noise_px=4.0), CAMERAS)
    assert found.sequence.ids.tolist() == [0, 1]
    assert found.sequence.is_present.all()
    errors = errors_mm(found)
    assert np.isfinite(errors).all()
    assert errors.mean(axis=(1, 2)).max() < 20
    assert errors.max() < 100  # no frame with exchanged people
    assert max(found.median_errors_px.values()) < 5


def test_without_noise_the_result_is_exact() -> None:
    found = triangulate(clips_of(), CAMERAS, constant_bones=False)
    assert_allclose(found.points, TRUTH, atol=1e-3)
    assert found.n_swapped == (0, 0, 0)


def test_the_result_is_a_valid_file_of_the_first_camera(tmp_path: Path) -> None:
    clips = clips_of()
    found = triangulate(clips, CAMERAS)
    first = clips["cam1"]
    sequence = found.sequence
    assert_allclose(sequence.landmarks[..., :2], first.landmarks[..., :2], atol=0.5)
    assert_allclose(sequence.landmarks[..., 2], first.landmarks[..., 2], atol=2)
    assert_allclose(sequence.world, first.world, atol=1e-3)
    in_camera = CAMERAS["cam1"].camera_from_world(TRUTH)
    assert_allclose(sequence.camera, in_camera, atol=1e-3)
    assert np.array_equal(sequence.timestamps_us, first.timestamps_us)
    vt.save_results(sequence, tmp_path / "walk.jsonl")
    again = PoseSequence.from_results(vt.load_results(tmp_path / "walk.jsonl"))
    assert_allclose(again.camera, sequence.camera)


def test_slots_that_people_swap_do_not_matter() -> None:
    clips = clips_of()
    mixed = {}
    for k, (name, clip) in enumerate(clips.items()):
        turned = (np.arange(len(clip)) // (3 + k)) % 2 == 1
        order = np.where(turned[:, None], [1, 0], [0, 1])
        rows = np.arange(len(clip))[:, None]
        names = ("landmarks", "visibility", "presence", "world", "scores", "rois", "slot_ids")
        mixed[name] = replace(clip, **{n: getattr(clip, n)[rows, order] for n in names})
    found, expected = triangulate(mixed, CAMERAS), triangulate(clips, CAMERAS)
    assert np.array_equal(found.sequence.slot_ids, expected.sequence.slot_ids)
    assert_allclose(found.points, expected.points, atol=1e-9)


@pytest.mark.parametrize("exchanged", [["cam2"], ["cam1", "cam3"], ["cam1", "cam2", "cam3"]])
def test_ids_that_trackers_exchange_are_corrected(exchanged: list[str]) -> None:
    clips = {
        name: clip_of(camera, TRUTH, fps=FPS, noise_px=3.0, ids=ids)
        for name, camera in CAMERAS.items()
        for ids in [crossed_ids(130, 60, 130) if name in exchanged else crossed_ids(130, 0, 0)]
    }
    found = triangulate(clips, CAMERAS)
    assert found.sequence.ids.tolist() == [0, 1]
    errors = errors_mm(found)
    assert np.nanmax(errors) < 100
    assert np.isnan(errors).mean() < 0.02


def test_ids_of_trackers_that_count_differently_are_matched() -> None:
    counted = {"cam1": [5, 9], "cam2": [9, 5], "cam3": [0, 1]}
    clips = {
        name: clip_of(camera, TRUTH, fps=FPS, ids=np.tile(counted[name], (130, 1)))
        for name, camera in CAMERAS.items()
    }
    found = triangulate(clips, CAMERAS)
    assert found.sequence.ids.tolist() == [5, 9]
    assert_allclose(found.sequence.person(9).camera, triangulate(clips_of(), CAMERAS)
                    .sequence.person(1).camera, atol=1e-4)  # fmt: skip


def test_a_person_out_of_view_of_all_keeps_the_id() -> None:
    truth = TRUTH.copy()
    truth[40:90, 1] = np.nan
    found = triangulate(clips_of(truth=truth), CAMERAS)
    assert found.sequence.ids.tolist() == [0, 1]
    assert not (found.sequence.slot_ids[40:90] == 1).any()
    assert (found.sequence.slot_ids[90:] == 1).any(axis=1).all()


def test_a_person_whom_one_camera_does_not_see_is_found_by_the_others() -> None:
    clips = clips_of()
    hidden = TRUTH.copy()
    hidden[:, 0] = np.nan
    clips["cam1"] = clip_of(CAMERAS["cam1"], hidden, fps=FPS)
    found = triangulate(clips, CAMERAS)
    errors = errors_mm(found)
    assert np.nanmax(errors[1]) < 10  # of the low-pass filter
    assert_allclose(found.points[:, :2], TRUTH[:, [0, 1]], atol=1e-3)


def test_a_person_whom_only_one_camera_sees_is_left_out() -> None:
    truth = TRUTH.copy()
    truth[:, 1] = np.nan
    clips = clips_of(truth=truth)
    clips["cam1"] = clips_of()["cam1"]
    found = triangulate(clips, CAMERAS)
    assert found.sequence.ids.tolist() == [0]


def test_nobody_in_any_clip_gives_frames_without_poses() -> None:
    found = triangulate(clips_of(truth=np.full_like(TRUTH, np.nan)), CAMERAS)
    assert len(found.sequence) == 130
    assert not found.sequence.is_present.any()
    assert all(np.isnan(error) for error in found.median_errors_px.values())


def test_nan_landmarks_are_missing_and_no_error() -> None:
    clips = clips_of()
    for name in ("cam1", "cam2"):
        landmarks = clips[name].landmarks.copy()
        landmarks[:, :, 15] = np.nan  # seen by cam3 only
        landmarks[:, :, 16, 1] = np.nan if name == "cam1" else landmarks[:, :, 16, 1]
        clips[name] = replace(clips[name], landmarks=landmarks)
    found = triangulate(clips, CAMERAS)
    assert np.isnan(found.points[:, :, 15]).all()
    assert not found.sequence.visibility[:, :, 15].any()
    assert_allclose(found.points[:, :, 16], TRUTH[:, :, 16], atol=1e-3)


def test_clips_of_different_rates_and_lengths_are_joined() -> None:
    people = [Person(motion=motions.walk(1.2), position=(0.0, -1.5))]
    times = {"cam1": np.arange(50) / 25, "cam2": np.arange(80) / 30, "cam3": np.arange(20) / 15}
    clips = {
        name: clip_of(CAMERAS[name], true_points(people, t), fps=1 / (t[1] - t[0]))
        for name, t in times.items()
    }
    truth = true_points(people, times["cam1"])
    found = triangulate(clips, CAMERAS)
    assert len(found.sequence) == 50
    off = np.linalg.norm(found.points - truth, axis=-1)
    assert np.nanmax(off) < 0.03  # of a foot between two frames
    assert found.is_used[2, :31].any()
    assert not found.is_used[2, 33:].any()


def test_starts_of_clips_are_taken_into_account() -> None:
    late = {"cam2": 0.12, "cam3": -0.2}
    clips = {
        name: clip_of(camera, TRUTH, fps=FPS, start_s=late.get(name, 0.0))
        for name, camera in CAMERAS.items()
    }
    assert_allclose(triangulate(clips, CAMERAS, starts_s=late).points, TRUTH, atol=1e-3)


def test_poses_of_one_person_need_no_ids() -> None:
    truth = TRUTH[:, :1]
    clips = clips_of(truth=truth, ids=np.full((130, 1), np.nan))
    assert_allclose(triangulate(clips, CAMERAS).points, truth, atol=1e-3)
    several = clips_of(ids=np.full((130, 2), np.nan))
    with pytest.raises(ValueError, match="every pose must have an id"):
        triangulate(several, CAMERAS)


def test_left_and_right_that_one_camera_exchanges_are_corrected() -> None:
    clips = clips_of(truth=TRUTH[:, :1], noise_px=2.0)
    landmarks = clips["cam2"].landmarks.copy()
    landmarks[30:50] = landmarks[30:50][:, :, vt.BLAZEPOSE.mirrored]
    clips["cam2"] = replace(clips["cam2"], landmarks=landmarks)
    found = triangulate(clips, CAMERAS)
    assert found.n_swapped == (0, 20, 0)
    assert errors_mm(found, TRUTH[:, :1]).max() < 60


def test_one_camera_only_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"at least two cameras, got \['cam1'\]"):
        triangulate({"cam1": clips_of()["cam1"]}, CAMERAS)
    with pytest.raises(ValueError, match="at least two cameras, got"):
        triangulate({}, CAMERAS)


def test_a_camera_that_is_not_in_the_calibration_is_an_error() -> None:
    clips = clips_of()
    clips["cam9"] = clips.pop("cam2")
    with pytest.raises(ValueError, match="camera 'cam9' is not in the calibration, which has"):
        triangulate(clips, CAMERAS)
    with pytest.raises(ValueError, match="camera 'cam9' is not"):
        triangulate(clips_of(), CAMERAS, starts_s={"cam9": 1.0})


def test_a_calibration_of_another_size_is_an_error() -> None:
    cameras = {**CAMERAS, "cam2": CAMERAS["cam2"].scaled((1920, 1080))}
    with pytest.raises(ValueError, match="'cam2' is calibrated for images of 1920x1080 px, got"):
        triangulate(clips_of(), cameras)


def test_clips_without_common_time_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"do not overlap in time: .*'cam2': '60.00 to 65.16 s'"):
        triangulate(clips_of(), CAMERAS, starts_s={"cam2": 60.0, "cam3": 30.0})
    empty = {name: clip[:0] for name, clip in clips_of().items()}
    with pytest.raises(ValueError, match="do not overlap in time"):
        triangulate(empty, CAMERAS)


def test_cameras_without_places_are_an_error() -> None:
    cameras = {
        n: replace(c, rotation=np.eye(3), translation=np.zeros(3)) for n, c in CAMERAS.items()
    }
    with pytest.raises(ValueError, match="stand at the same place"):
        triangulate(clips_of(), cameras)


# --- pictures and networks ---


@pytest.mark.weights
@pytest.mark.slow
def test_rendered_people_who_cross_before_three_cameras_keep_their_ids() -> None:
    from vitruvian.synthetic import Camera as View

    scenario = CROSSINGS["crossing_fast"]()
    wh, fps, n_frames = (400, 300), 10.0, 36
    views = {
        "front": View((0.0, 1.3, 4.5), (0.0, 0.95, 0.0)),
        "left": View((-3.8, 1.6, 2.6), (0.0, 0.95, 0.0)),
        "right": View((4.0, 1.9, 2.0), (0.0, 0.95, 0.0)),
    }
    cameras, clips = {}, {}
    for name, view in views.items():
        position = WORLD_FROM_SCENE @ view.position
        cameras[name] = replace(
            camera_at(position, name=name, wh=wh, focal_px=view.focal_px(wh)),
            rotation=view.axes @ WORLD_FROM_SCENE.T,
            translation=-view.axes @ np.array(view.position),
        )
        tracker = vt.PoseTracker("heavy", num_poses=2, smoothing=0)
        frames = replace(scenario.scene, camera=view).frames(n_frames / fps, fps, wh)
        clips[name] = PoseSequence.from_results([tracker.update(frame) for frame, _ in frames])
    truth = true_points(scenario.scene.people, np.arange(n_frames) / fps)
    found = triangulate(clips, cameras)
    assert found.sequence.ids.tolist() == [0, 1]
    shown = found.points.copy()
    wrong = np.linalg.norm(shown[:, :, None] - truth[:, None], axis=-1)[..., LIMBS]
    nearest = np.nanmean(np.where(np.isnan(shown[:, :, None, LIMBS, 0]), 9, wrong), axis=-1)
    first = int(nearest[0, 0].argmin())
    assert (nearest[:, 0].argmin(axis=1) == first).all()
    errors = np.nanmean([wrong[:, 0, first], wrong[:, 1, 1 - first]], axis=(1, 2)) * 1000
    assert errors.max() < 30


@pytest.fixture(scope="module")
def balance_cameras(testdata: Path) -> dict[str, Camera]:
    cameras = load_calibration(testdata / "clips" / "balance_calibration.toml")
    return {**cameras, "cam_01": cameras["cam_01"].cropped(0, 0, (1080, 1920))}


@pytest.fixture(scope="module")
def balance_truth(testdata: Path) -> np.ndarray:
    """The 17 joints of `LIMBS` (T, 17, 3) in the world; row i is frame i + 1 of the clips."""
    lines = (testdata / "clips" / "balance.trc").read_text().splitlines()
    names = lines[3].split("\t")[2::3]
    cells = np.array([[float(cell) for cell in line.split("\t")[2:]] for line in lines[5:]])
    markers = ["Nose"]
    for part in ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle", "Heel", "BigToe"):
        markers += [f"L{part}", f"R{part}"]
    points = cells.reshape(len(cells), -1, 3)[..., [2, 0, 1]]
    return low_pass(points[:, [names.index(marker) for marker in markers]], 60.0, 6.0)


@pytest.mark.testdata
@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize(("model", "limit_mm"), [("lite", 54), ("full", 46), ("heavy", 41)])
def test_two_real_cameras_reach_the_accuracy_of_the_documentation(
    balance, balance_cameras, balance_truth, model: str, limit_mm: float
) -> None:
    found = triangulate(balance[model], balance_cameras)
    sequence = filtered(found.sequence, Filtering(cutoff_hz=6.0))
    in_world = balance_cameras["cam_01"].world_from_camera(sequence.camera[:, 0])
    off = np.linalg.norm(in_world[1:, LIMBS] - balance_truth[:-1], axis=-1)
    assert np.isnan(off).mean() < 0.03
    assert 1000 * np.nanmean(off) < limit_mm
    assert max(found.median_errors_px.values()) < 10


@pytest.mark.testdata
@pytest.mark.weights
@pytest.mark.slow
def test_the_crop_and_the_time_of_real_clips_are_found(balance, testdata: Path) -> None:
    clips = balance["heavy"]
    cameras = load_calibration(testdata / "clips" / "balance_calibration.toml")
    fitted = fitted_cameras(clips, cameras, {"cam_01": "auto"})
    assert fitted["cam_01"].matrix[0, 2] == cameras["cam_01"].matrix[0, 2]  # cut off on the right
    start_s, _, _ = best_start(clips, fitted)
    assert abs(start_s) < 0.6 / 60
    late = {**clips, "cam_04": clips["cam_04"].with_constant_rate(60)[4:]}  # clocks still agree
    shifted = replace(late["cam_04"], timestamps_us=late["cam_04"].timestamps_us - 66_667)
    found_s, before, after = best_start({**late, "cam_04": shifted}, fitted)
    assert abs(found_s - start_s - 4 / 60) < 0.5 / 60
    assert after < 0.8 * before
