"""Fit3D: exercises before several cameras, with repetitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.evaluation.miniatures import BODY, LIMBS, by_name, camera, write_json, write_video

from vitruvian.core.rotations import matrix_from_vector
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import SourceError
from vitruvian.evaluation import load_data_set
from vitruvian.evaluation.fit3d import NAMES, repetitions

if TYPE_CHECKING:
    from pathlib import Path

ROTATION, POSITION = matrix_from_vector(np.array([0.2, 0.3, 0.1])), np.array([0.5, -0.2, 0.3])


@pytest.fixture
def train(tmp_path: Path) -> Path:
    subject = tmp_path / "train" / "s03"
    viewer = camera(rotation=ROTATION, translation=-ROTATION @ POSITION)
    joints = np.tile(by_name(NAMES, viewer.world_from_camera(BODY)), (2, 1, 1))
    write_json(subject / "joints3d_25" / "squat.json", {"joints3d_25": joints.tolist()})
    lens = {"f": [[100, 100]], "c": [[32, 48]], "k": [[0, 0, 0]], "p": [[0, 0]]}
    place = {"R": ROTATION.tolist(), "T": [POSITION.tolist()]}
    for name in ("50591643", "58860488"):
        write_json(
            subject / "camera_parameters" / name / "squat.json",
            {"extrinsics": place, "intrinsics_w_distortion": lens},
        )
        write_video(subject / "videos" / name / "squat.mp4", 3)
    write_json(subject / "rep_ann.json", {"squat": [0, 40, 90]})
    return tmp_path / "train"


@pytest.mark.parametrize("where", [".", "s03", "s03/joints3d_25/squat.json"])
def test_each_camera_is_a_sequence(train: Path, where: str) -> None:
    data = load_data_set("fit3d", train / where)
    assert [image.frame for image in data.images] == [0, 1, 0, 1]
    assert data.images[2].name == "s03/videos/58860488/squat.mp4"
    person = data.images[3].people[0]
    limbs = [BLAZEPOSE.index(name) for name in LIMBS]
    np.testing.assert_allclose(person.camera[limbs], BODY, atol=1e-9)
    assert abs(data.pixels(data.images[3]).mean() - 60) < 3
    data.close()


def test_the_repetitions_lie_between_the_marks(train: Path) -> None:
    assert repetitions(train / "s03") == {"squat": [(0, 40), (40, 90)]}


def test_damage_is_an_error(train: Path) -> None:
    joints = train / "s03" / "joints3d_25" / "squat.json"
    lens = train / "s03" / "camera_parameters" / "50591643" / "squat.json"
    write_json(lens, {"extrinsics": {}})
    with pytest.raises(SourceError, match="not a camera of Fit3D: 'intrinsics_w_distortion' is"):
        load_data_set("fit3d", train)
    write_json(joints, {"joints3d_25": [[[1, 2, 3]]]})
    with pytest.raises(SourceError, match=r"'joints3d_25' must have shape \(N, 25, 3\), got"):
        load_data_set("fit3d", train)
    with pytest.raises(SourceError, match=r"it has no joints3d_25/\*.json"):
        load_data_set("fit3d", train / "s03" / "videos")
