"""`vitruvian.compat.tfjs` against the expected values and tolerances of TF.js's own tests.

The expected landmarks of the clip were recorded from an older MediaPipe.
MediaPipe 0.10.21 is as far from them as this package: 2.53 px and 2.30 cm on average over the
coordinates, 18.0 px and 0.160 m at most.

``pytest tests/parity/test_compat_tfjs.py -rP`` shows the distances.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

import vitruvian.compat.tfjs as pd
from tests.parity.reference import SOLUTIONS, TASKS, read_clip, read_image, recorded
from vitruvian import BLAZEPOSE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = [pytest.mark.weights, pytest.mark.testdata, pytest.mark.slow]

RUNTIMES = ("tfjs", "mediapipe")
STEP_MS = 33.3333  # TF.js's test assumes 30 fps

# Tolerances of TF.js, pose-detection/src/blazepose_tfjs/blazepose_test.ts; each is for one
# coordinate.
CLIP_PX, CLIP_M = 28, 0.19
PHOTO_PX, PHOTO_M, PHOTO_IOU = 15, 0.21, 0.94


def _clip_answers(testdata: Path, name: str) -> NDArray[np.float64]:
    """Expected values of TF.js's test, "px" or "world"."""
    return np.array(json.loads((testdata / f"clips/squats.blazepose_{name}.json").read_text()))


def _xyz(points: list[dict[str, Any]]) -> NDArray[np.float64]:
    return np.array([[point["x"], point["y"], point["z"]] for point in points])


@cache
def _squats(testdata: Path, runtime: str, *, has_times: bool) -> list[dict[str, Any]]:
    """The pose of each frame of the clip, with TF.js's defaults."""
    detector = pd.create_detector(pd.SupportedModels.BlazePose, {"runtime": runtime})
    poses = []
    for i, image in enumerate(read_clip(testdata, "squats", TASKS)):
        poses += detector.estimate_poses(image, None, STEP_MS * i if has_times else None)
    detector.dispose()
    return poses


@pytest.mark.parametrize("has_times", [True, False])
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("name", "key", "axes", "most", "mean"),
    [("px", "keypoints", 2, CLIP_PX, 3.0), ("world", "keypoints3D", 3, CLIP_M, 0.025)],
)
def test_squats_equal_those_of_tfjs(
    name: str,
    key: str,
    axes: int,
    most: float,
    mean: float,
    runtime: str,
    has_times: bool,
    testdata: Path,
) -> None:
    expected = _clip_answers(testdata, name)
    poses = _squats(testdata, runtime, has_times=has_times)
    assert len(poses) == len(expected)
    seen = np.array([_xyz(pose[key]) for pose in poses])
    error = np.abs(seen - expected)[..., :axes]
    sys.stdout.write(f"{name}: {error.max():.3f} at most, {error.mean():.4f} on average\n")
    assert error.max() < most
    assert error.mean() < mean


def test_mediapipe_differs_from_tfjs_as_much_as_this_package(testdata: Path) -> None:
    poses = _squats(testdata, "tfjs", has_times=True)
    answers = recorded(testdata, SOLUTIONS, "squats")
    image = _clip_answers(testdata, "px")[..., :2]
    world = _clip_answers(testdata, "world")
    its_px = answers["full:smooth"][..., :2] * [720, 1280] - image
    its_m = answers["full:smooth_world"][..., :3] - world
    our_px = np.array([_xyz(pose["keypoints"])[:, :2] for pose in poses]) - image
    our_m = np.array([_xyz(pose["keypoints3D"]) for pose in poses]) - world
    assert np.abs(its_px).mean() == pytest.approx(2.53, abs=0.005)
    assert np.abs(its_m).mean() == pytest.approx(0.0230, abs=0.00005)
    assert (np.abs(its_px).max(), np.abs(its_m).max()) == pytest.approx((18.0, 0.160), rel=0.005)
    alike_px, alike_m = (
        np.corrcoef(its.ravel(), ours.ravel())[0, 1]
        for its, ours in ((its_px, our_px), (its_m, our_m))
    )
    sys.stdout.write(f"correlation: {alike_px:.3f} in the image, {alike_m:.3f} in the world\n")
    assert alike_px > 0.9
    assert alike_m > 0.98


@pytest.mark.parametrize("model_type", ["lite", "full", "heavy"])
def test_the_photo_equals_that_of_tfjs(model_type: str, testdata: Path) -> None:
    photo = testdata / "images" / "warrior.jpg"  # the picture of TF.js's tests
    detector = pd.create_detector(
        pd.SupportedModels.BlazePose,
        {
            "runtime": "tfjs",
            "modelType": model_type,
            "enableSmoothing": False,
            "enableSegmentation": True,
            "smoothSegmentation": False,
        },
    )
    (pose,) = detector.estimate_poses(photo, {"maxPoses": 1, "flipHorizontal": False})
    detector.dispose()
    answers = recorded(testdata, SOLUTIONS, "images")
    expected = answers["warrior.jpg:full:landmarks"][:, :2] * [1000, 667]
    world = answers["warrior.jpg:full:world"][:, :3]
    error_px = np.abs(_xyz(pose["keypoints"])[:, :2] - expected).max()
    error_m = np.abs(_xyz(pose["keypoints3D"]) - world).max()
    person = cv2.imread(str(photo.with_suffix(".mask.png")))[..., 0] == 255
    found = pose["segmentation"]["mask"].toImageData()[..., 0] >= 128
    iou = (found & person).sum() / (found | person).sum()
    sys.stdout.write(f"{error_px:.1f} px, {error_m:.2f} m, mask {iou:.3f}\n")
    assert error_px < PHOTO_PX
    assert error_m < PHOTO_M
    assert iou > PHOTO_IOU


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_flip_mirrors_the_person(runtime: str, testdata: Path) -> None:
    image = read_image(testdata, "warrior.jpg")
    detector = pd.create_detector("BlazePose", {"runtime": runtime, "enableSmoothing": False})
    (plain,) = detector.estimate_poses(image)
    (flipped,) = detector.estimate_poses(image, {"flipHorizontal": True})
    detector.dispose()
    other = list(BLAZEPOSE.mirrored)  # mirrored, the left hand is the right one
    seen, world = (_xyz(flipped[key])[other] for key in ("keypoints", "keypoints3D"))
    assert np.abs([1000, 0] + [-1, 1] * seen[:, :2] - _xyz(plain["keypoints"])[:, :2]).max() < 15
    assert np.abs([-1, 1] * world[:, :2] - _xyz(plain["keypoints3D"])[:, :2]).max() < 0.1


def test_static_images_are_independent(testdata: Path) -> None:
    folder = testdata / "images"
    detector = pd.create_detector("BlazePose", {"runtime": "tfjs"})
    (first,) = detector.estimate_poses(folder / "warrior.jpg")
    detector.estimate_poses(folder / "dancer.jpg")
    (again,) = detector.estimate_poses(folder / "warrior.jpg")
    np.testing.assert_allclose(_xyz(again["keypoints"]), _xyz(first["keypoints"]), atol=0.01)
    assert detector.estimate_poses(folder / "zebras_negative.jpg") == []
    detector.dispose()
