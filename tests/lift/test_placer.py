"""Camera space frame by frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.people import HIPS, WH, exact

from vitruvian import Pose, PoseResult, PoseSequence, Provenance
from vitruvian.core.camera import Camera
from vitruvian.core.depth import MeasuredPosition
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.lift.placer import Placer, placed_results
from vitruvian.synthetic import Figure, Person, motions

OPTIONS = CameraOptions(fov_deg=60.0)
WAVING = Person(Figure(height_m=1.7), motions.wave(), position=(1.0, 0.0))


def results(person: Person | None = None, n_frames: int = 60, number: int = 0) -> list[PoseResult]:
    return exact(person, n_frames=n_frames, number=number).person.to_results()


def hips_of(result: PoseResult, place: int = 0) -> np.ndarray:
    camera = result.poses[place].camera
    assert camera is not None
    return camera[HIPS].mean(axis=0)


def test_people_are_where_they_are() -> None:
    seen, placer = exact(), Placer(OPTIONS)
    got = [placer.update(result) for result in seen.person.to_results()]
    hips = np.stack([hips_of(result) for result in got])
    assert_allclose(hips[:, :2], seen.hips[:, :2], atol=0.03)
    assert_allclose(hips[:, 2], seen.hips[:, 2], atol=0.06)
    assert_allclose(got[5].poses[0].world, seen.person.world[5])


def test_a_person_at_rest_stays_at_rest_in_noise() -> None:
    seen = exact(WAVING, n_frames=120)
    noise = np.random.default_rng(0).normal(1, 0.03, (120, 1, 1)).astype(np.float32)
    noisy = replace(seen.person, world=seen.person.world * noise).to_results()
    placer = Placer(OPTIONS)
    smooth = np.stack([hips_of(placer.update(r)) for r in noisy])
    raw = np.stack([hips_of(Placer(OPTIONS).update(r)) for r in noisy])
    assert smooth[30:, 2].std() < 0.6 * raw[30:, 2].std()


def test_several_people_do_not_touch_each_other() -> None:
    one, two = results(number=4), results(WAVING, number=9)
    both = [replace(a, poses=a.poses + b.poses) for a, b in zip(one, two, strict=True)]
    placer, alone = Placer(OPTIONS), Placer(OPTIONS)
    for pair, single in zip(both, one, strict=True):
        got = placer.update(pair)
        assert_allclose(hips_of(got, 0), hips_of(alone.update(single)), atol=1e-6)
    assert [pose.id for pose in got.poses] == [4, 9]


def test_reset_equals_new_and_instances_share_nothing() -> None:
    clip, placer, other = results(), Placer(OPTIONS), Placer(OPTIONS)
    first = [placer.update(r) for r in clip]
    placer.reset()
    assert [placer.update(r) for r in clip] == first == [other.update(r) for r in clip]


def test_a_clip_that_starts_again_is_a_new_one() -> None:
    clip, placer = results(), Placer(OPTIONS)
    first = [placer.update(r) for r in clip]
    assert [placer.update(r) for r in clip] == first


@pytest.mark.parametrize("pause_s", [2, 20])
def test_after_a_gap_the_depth_is_not_smoothed_with_the_old_one(pause_s: int) -> None:
    placer = Placer(OPTIONS)
    for result in results(WAVING):
        placer.update(result)
    near = exact(Person(Figure(height_m=1.7), motions.wave(), position=(1.0, 2.0)), n_frames=1)
    later = replace(near.person.to_results()[0], timestamp_us=(2 + pause_s) * 1_000_000)
    assert_allclose(hips_of(placer.update(later)), near.hips[0], atol=1e-3)


def test_photos_are_placed_each_on_its_own() -> None:
    placer = Placer(replace(OPTIONS, height_m=1.7))
    for person in (WAVING, Person(Figure(height_m=1.7), motions.stand(), position=(-1.0, 2.0))):
        seen = exact(person, n_frames=1)
        (result,) = seen.person.to_results()
        photo = replace(result, poses=tuple(replace(pose, id=None) for pose in result.poses))
        assert_allclose(hips_of(placer.update(photo)), seen.hips[0], atol=0.06)


@pytest.mark.parametrize("has_reference", [True, False])
def test_what_a_depth_camera_measured_stays_as_it_is(*, has_reference: bool) -> None:
    (result,) = results(n_frames=1)
    joints = np.full((33, 3), 2.5, np.float32)
    measured = MeasuredPosition(xyz_m=(0.1, 0.2, 2.5), reference="mid_hips", zone_xyxy=(1, 2, 3, 4))
    pose = replace(result.poses[0], camera=joints, measured=measured if has_reference else None)
    seen = replace(
        result, poses=(pose,), provenance=Provenance(camera={"origin": "depth", "focal_px": 500.0})
    )
    (again,) = placed_results([seen], OPTIONS)
    for found in (Placer(OPTIONS).update(seen), again):
        assert found == seen
        assert found.provenance == seen.provenance


def test_nobody_in_view() -> None:
    result = Placer().update(PoseResult(0, 0, 640, 480))
    assert result.poses == ()
    assert result.provenance is not None
    assert result.provenance.camera is not None


def test_landmarks_without_a_position_are_nan() -> None:
    (result,) = results(n_frames=1)
    (pose,) = result.poses
    lost = replace(pose, landmarks=np.full((33, 3), np.nan))
    camera = Placer(OPTIONS).update(replace(result, poses=(lost,))).poses[0].camera
    assert camera is not None
    assert np.isnan(camera).all()


def test_the_provenance_says_how_the_camera_is_known() -> None:
    (result,) = results(n_frames=1)
    result = replace(result, provenance=Provenance(model="full"))

    def told(options: CameraOptions | None, focal_35mm: float | None = None) -> tuple[object, ...]:
        provenance = Placer(options).update(result, focal_35mm=focal_35mm).provenance
        assert provenance is not None
        assert provenance.camera is not None
        assert provenance.model == "full"
        keys = ("origin", "is_assumed", "height_m")
        return (*(provenance.camera[key] for key in keys), round(provenance.camera["focal_px"]))

    assert told(None) == ("assumed", True, None, 1109)
    assert told(None, 26.0) == ("metadata", False, None, 882)
    assert told(CameraOptions(fov_deg=90, height_m=1.8), 26.0) == ("fov", False, 1.8, 640)
    assert told(CameraOptions(focal_px=900)) == ("focal", False, None, 900)
    calibrated = CameraOptions(camera=Camera.from_focal(WH, 1000.0))
    assert told(calibrated) == ("calibration", False, None, 1000)


def test_frames_of_another_size_than_the_calibration_are_refused() -> None:
    placer = Placer(CameraOptions(camera=Camera.from_focal((640, 480), 500.0)))
    with pytest.raises(ValueError, match="calibrated for images of 640x480 px, got 1280x720"):
        placer.update(results(n_frames=1)[0])


def test_photos_of_several_sizes_have_cameras_of_their_own() -> None:
    placer = Placer(OPTIONS)
    (pose,) = results(n_frames=1)[0].poses
    sizes = [
        PoseResult(0, 0, w, h, (replace(pose, id=None),)) for w, h in ((1280, 720), (720, 1280))
    ]
    depths = [hips_of(placer.update(result))[2] for result in sizes]
    assert depths[0] == pytest.approx(depths[1], rel=0.1)


def test_a_result_keeps_everything_else() -> None:
    (result,) = results(n_frames=1)
    (pose,) = result.poses
    mask = np.ones((720, 1280), np.float32)
    result = replace(result, poses=(replace(pose, mask=mask),))
    (placed,) = Placer(OPTIONS).update(result).poses
    assert isinstance(placed, Pose)
    assert replace(placed, camera=None) == result.poses[0]
    assert PoseSequence.from_results([Placer(OPTIONS).update(result)]).camera is not None
