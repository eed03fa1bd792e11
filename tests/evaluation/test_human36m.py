"""Human3.6M: mmpose's arrays with images, VideoPose3D's with videos and cameras."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.evaluation.miniatures import BODY, LIMBS, by_name, camera, write_image, write_video

from vitruvian.core.rotations import matrix_from_vector
from vitruvian.core.skeleton import BLAZEPOSE, COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation import load_data_set
from vitruvian.evaluation.human36m import MOVING, NAMES

if TYPE_CHECKING:
    from pathlib import Path

IN_BLAZEPOSE = [BLAZEPOSE.index(name) for name in LIMBS]
IN_COCO = [COCO17.index(name) for name in LIMBS]
ROTATION, TRANSLATION = matrix_from_vector(np.array([0.2, -0.3, 0.1])), np.array([0.1, 0.2, 0.4])


def test_images_of_mmpose_have_joints_in_camera_space(tmp_path: Path) -> None:
    name = "S9/S9_Posing.54138969/S9_Posing.54138969_00000{}.jpg"
    pixels = camera().image_from_world(BODY)
    space = np.ones((2, 17, 4))
    space[..., :3] = by_name(NAMES)
    part = np.ones((2, 17, 3))
    part[..., :2] = by_name(NAMES, pixels)
    path = tmp_path / "annotation_body3d" / "fps10" / "h36m_test.npz"
    path.parent.mkdir(parents=True)
    np.savez(path, imgname=[name.format(1), name.format(6)], S=space, part=part)
    for number in (1, 6):
        write_image(tmp_path / "images" / name.format(number))
    data = load_data_set("h36m", path, tmp_path / "images")
    person = data.images[1].people[0]
    assert data.images[1].timestamp_us == 100_000
    np.testing.assert_allclose(person.camera[IN_BLAZEPOSE], BODY)
    np.testing.assert_allclose(person.landmarks[IN_COCO], pixels)
    assert data.images[1].camera is None
    write_videopose(tmp_path / "annotation_body3d")  # with cameras.pkl
    data = load_data_set("h36m", path, tmp_path / "images", every=2)
    assert len(data.images) == 1
    assert data.images[0].camera.focal_px == 100


def write_videopose(folder: Path, n_frames: int = 2) -> Path:
    """Write the truth of one action of S9, a video of 3 frames, and the cameras."""
    viewer = camera(rotation=ROTATION, translation=TRANSLATION)
    joints = np.zeros((n_frames, 32, 3))
    joints[:, MOVING] = by_name(NAMES, viewer.world_from_camera(BODY))
    path = folder / "data_3d_h36m.npz"
    np.savez(path, positions_3d={"S9": {"Posing 1": joints}, "S1": {"Posing": joints}})
    f, c = viewer.matrix[[0, 1], [0, 1], None], viewer.matrix[:2, 2:]
    lens = {"f": f, "c": c, "k": np.zeros((3, 1)), "p": np.zeros((2, 1)), "w": 64, "h": 96}
    place = {"R": ROTATION.T, "T": -ROTATION.T @ TRANSLATION[:, None]}
    (folder / "cameras.pkl").write_bytes(pickle.dumps({("S9", "54138969"): {**lens, **place}}))
    write_video(folder / "S9" / "Videos" / "Posing 1.54138969.mp4", 3)
    return path


def test_videos_of_videopose3d_are_seen_by_the_cameras_of_mmpose(tmp_path: Path) -> None:
    data = load_data_set("h36m", write_videopose(tmp_path))
    first, second = data.images
    assert (first.frame, second.frame, second.timestamp_us) == (0, 1, 20_000)
    person = second.people[0]
    np.testing.assert_allclose(person.camera[IN_BLAZEPOSE], BODY, atol=1e-9)
    np.testing.assert_allclose(person.landmarks[IN_COCO], camera().image_from_world(BODY))
    assert abs(data.pixels(second).mean() - 60) < 3
    assert abs(data.pixels(first).mean() - 40) < 3  # from the beginning again
    data.close()


def test_each_nth_frame_is_read_of_a_truth_of_the_right_length(tmp_path: Path) -> None:
    data = load_data_set("h36m", write_videopose(tmp_path, 3), every=2)
    assert [image.frame for image in data.images] == [0, 2]
    assert abs(data.pixels(data.images[1]).mean() - 80) < 3
    data.close()


def test_videopose3d_without_cameras_is_an_error(tmp_path: Path) -> None:
    path = write_videopose(tmp_path)
    (tmp_path / "cameras.pkl").unlink()
    with pytest.raises(SourceError, match=r"it needs the cameras: there is no 'cameras.pkl'"):
        load_data_set("h36m", path)


@pytest.mark.parametrize("n_frames", [4, 9])
def test_a_truth_longer_than_its_clip_is_an_error(tmp_path: Path, n_frames: int) -> None:
    data = load_data_set("h36m", write_videopose(tmp_path, n_frames))
    with pytest.raises(SourceError, match=rf"it has 3 frames, its truth {n_frames}"):
        data.pixels(data.images[-1])
    data.close()


class Code:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("code",)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x": 1}, r"it needs 'imgname', 'part' and 'S' .* it has \['x'\]"),
        ({"imgname": ["a"], "part": np.ones((1, 17)), "S": [1]}, r"'part' must have shape"),
        ({"positions_3d": 5}, "'positions_3d' must be a dictionary"),
        ({"positions_3d": {"S9": Code()}}, "it asks for (__builtin__|builtins).print, which may"),
    ],
)
def test_wrong_arrays_are_an_error(
    tmp_path: Path, arrays: dict[str, Any], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "h36m.npz"
    np.savez(path, **arrays)
    with pytest.raises(SourceError, match=reason):
        load_data_set("h36m", path)
    assert capsys.readouterr().out == ""


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "h36m.npz"
    path.write_bytes(b"PK nothing")
    with pytest.raises(SourceError, match=r"not a NumPy .npz file"):
        load_data_set("h36m", path)
    np.savez_compressed(path, imgname=np.arange(500), part=np.arange(500))
    content = path.read_bytes()
    path.write_bytes(content[:60] + bytes(40) + content[100:])
    with pytest.raises(SourceError, match=r"not a NumPy .npz file: Error -3 while decompressing"):
        load_data_set("h36m", path)
