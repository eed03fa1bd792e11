"""`vitruvian.compat.tfjs` against the numbers of TF.js's own tests, in its tolerances.

The landmarks of the clip, which TF.js compares itself with, were recorded from an older MediaPipe.
MediaPipe 0.10.21 is as far from them as this package: 2.53 px and 2.30 cm on average over the
coordinates, 18.0 px and 0.160 m at most.
"""

from __future__ import annotations

import json
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
STEP_MS = 33.3333  # TF.js's test takes the clip for one of 30 frames a second

# Tolerances of TF.js, pose-detection/src/blazepose_tfjs/blazepose_test.ts; each is for one
# coordinate.
CLIP_PX, CLIP_M = 28, 0.19
PHOTO_PX, PHOTO_M, PHOTO_IOU = 15, 0.21, 0.94


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
def test_squats_are_those_of_tfjs(
    name: str,
    key: str,
    axes: int,
    most: float,
    mean: float,
    runtime: str,
    has_times: bool,
    testdata: Path,
) -> None:
    expected = np.array(json.loads((testdata / f"clips/squats.blazepose_{name}.json").read_text()))
    poses = _squats(testdata, runtime, has_times=has_times)
    assert len(poses) == len(expected)
    seen = np.array([_xyz(pose[key]) for pose in poses])
    error = np.abs(seen - expected)[..., :axes]
    assert error.max() < most
    assert error.mean() < mean


@pytest.mark.parametrize("model_type", ["lite", "full", "heavy"])
def test_the_photo_is_that_of_tfjs(model_type: str, testdata: Path) -> None:
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
    assert np.abs(_xyz(pose["keypoints"])[:, :2] - expected).max() < PHOTO_PX
    assert np.abs(_xyz(pose["keypoints3D"]) - world).max() < PHOTO_M
    person = cv2.imread(str(photo.with_suffix(".mask.png")))[..., 0] == 255
    found = pose["segmentation"]["mask"].toImageData()[..., 0] >= 128
    assert (found & person).sum() / (found | person).sum() > PHOTO_IOU


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_flip_mirrors_the_person(runtime: str, testdata: Path) -> None:
    image = read_image(testdata, "warrior.jpg")
    detector = pd.create_detector("BlazePose", {"runtime": runtime, "enableSmoothing": False})
    (plain,) = detector.estimate_poses(image)
    (flipped,) = detector.estimate_poses(image, {"flipHorizontal": True})
    detector.dispose()
    other = list(BLAZEPOSE.mirrored)  # in a mirror the left hand is the right one
    seen, world = (_xyz(flipped[key])[other] for key in ("keypoints", "keypoints3D"))
    assert np.abs([1000, 0] + [-1, 1] * seen[:, :2] - _xyz(plain["keypoints"])[:, :2]).max() < 15
    assert np.abs([-1, 1] * world[:, :2] - _xyz(plain["keypoints3D"])[:, :2]).max() < 0.1


def test_stills_do_not_depend_on_each_other(testdata: Path) -> None:
    folder = testdata / "images"
    detector = pd.create_detector("BlazePose", {"runtime": "tfjs"})
    (first,) = detector.estimate_poses(folder / "warrior.jpg")
    detector.estimate_poses(folder / "dancer.jpg")
    (again,) = detector.estimate_poses(folder / "warrior.jpg")
    np.testing.assert_allclose(_xyz(again["keypoints"]), _xyz(first["keypoints"]), atol=0.01)
    assert detector.estimate_poses(folder / "zebras_negative.jpg") == []
    detector.dispose()
