"""3DPW: joints in space from pickles that can't run code."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.evaluation.miniatures import BODY, LIMBS, by_name, camera, write_image

from vitruvian.core.rotations import matrix_from_vector
from vitruvian.core.skeleton import BLAZEPOSE, COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation import load_data_set
from vitruvian.evaluation.threedpw import NAMES

if TYPE_CHECKING:
    from pathlib import Path

ROTATION, TRANSLATION = matrix_from_vector(np.array([0.1, 0.4, -0.2])), np.array([0.3, 0.1, 0.5])
N_FRAMES = 2


def sequence(**values: Any) -> dict[str, Any]:
    """A sequence of two people: the second is 0.5 m to the right of the first."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = ROTATION, TRANSLATION
    viewer = camera(rotation=ROTATION, translation=TRANSLATION)
    people = [viewer.world_from_camera(np.add(BODY, [x, 0, 0])) for x in (0.0, 0.5)]
    return {
        "sequence": "walk_00",
        "jointPositions": [np.tile(by_name(NAMES, p).ravel(), (N_FRAMES, 1)) for p in people],
        "cam_poses": np.tile(pose, (N_FRAMES, 1, 1)),
        "cam_intrinsics": viewer.matrix,
        "campose_valid": [np.ones(N_FRAMES, bool)] * 2,
        **values,
    }


def write(folder: Path, data: object) -> Path:
    path = folder / "sequenceFiles" / "test" / "walk_00.pkl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(data, protocol=2))
    for frame in range(N_FRAMES):
        write_image(folder / "imageFiles" / "walk_00" / f"image_{frame:05d}.jpg")
    return path


def test_the_joints_are_in_camera_space_and_in_the_image(tmp_path: Path) -> None:
    data = load_data_set("3dpw", write(tmp_path, sequence()).parent)
    assert [image.timestamp_us for image in data.images] == [0, 33_333]
    assert data.pixels(data.images[1]).shape == (96, 64, 3)
    second = data.images[0].people[1]
    assert second.id == 1
    limbs = [BLAZEPOSE.index(name) for name in LIMBS]
    np.testing.assert_allclose(second.camera[limbs], np.add(BODY, [0.5, 0, 0]), atol=1e-9)
    assert np.isfinite(second.camera).all(axis=1).sum() == 12
    expected = camera().image_from_world(np.add(BODY, [0.5, 0, 0]))
    in_image = second.landmarks[[COCO17.index(name) for name in LIMBS]]
    np.testing.assert_allclose(in_image, expected, atol=1e-9)


def test_a_frame_without_a_valid_camera_is_left_out(tmp_path: Path) -> None:
    valid = [np.array([True, True]), np.array([False, True])]
    data = load_data_set("3dpw", write(tmp_path, sequence(campose_valid=valid)))
    assert [image.name for image in data.images] == ["walk_00/image_00001.jpg"]


class Malicious:
    """Creates a file when it is unpickled by a loader that trusts it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.target), "w")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_any_protocol_are_read(tmp_path: Path, protocol: int) -> None:
    path = write(tmp_path, {})
    path.write_bytes(pickle.dumps(sequence(), protocol))
    assert len(load_data_set("3dpw", path).images) == N_FRAMES


@pytest.mark.parametrize("core", [b"numpy.core", b"numpy._core"])
def test_pickles_of_numpy_1_and_2_are_read(tmp_path: Path, core: bytes) -> None:
    path = write(tmp_path, {})
    content = pickle.dumps(sequence(), 2)
    old = b"numpy._core" if b"numpy._core" in content else b"numpy.core"
    path.write_bytes(content.replace(old, core))
    assert len(load_data_set("3dpw", path).images) == N_FRAMES


def test_a_pickle_with_code_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "created"
    path = write(tmp_path, sequence(cam_poses=Malicious(target)))
    with pytest.raises(SourceError, match=r"it asks for (io|_io|__builtin__).open, which may run"):
        load_data_set("3dpw", path)
    assert not target.exists()
    pickle.loads(path.read_bytes())["cam_poses"].close()
    assert target.exists()


@pytest.mark.parametrize(
    "code",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.testing._private.utils\nrunstring\n(S'1'\n}tR.",
        b"cbuiltins\ngetattr\n.",
    ],
)
def test_functions_outside_the_list_are_refused(tmp_path: Path, code: bytes) -> None:
    path = write(tmp_path, {})
    path.write_bytes(code)
    with pytest.raises(SourceError, match="which may run code"):
        load_data_set("3dpw", path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "the top level must be a dictionary"),
        ({"sequence": "x"}, "'jointPositions' is missing"),
        (sequence(cam_poses=np.eye(4)), r"'cam_poses' must have shape \(N, 4, 4\), got \(4, 4\)"),
        (sequence(jointPositions=[np.ones((5, 72))] * 2), r"must have shape \(2, 72\), got"),
        (sequence(campose_valid=[np.ones(2)]), "2 people, but 1 in 'campose_valid'"),
        (sequence(jointPositions=3), "its values have another structure"),
        (sequence(cam_intrinsics=np.full((3, 3), np.inf)), "its values have another structure"),
    ],
)
def test_wrong_content_is_an_error(tmp_path: Path, data: Any, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        load_data_set("3dpw", write(tmp_path, data))


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps(sequence())[:-100]])
def test_a_damaged_pickle_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, {})
    path.write_bytes(content)
    with pytest.raises(SourceError, match="not a pickle of arrays"):
        load_data_set("3dpw", path)


F8, OBJECT = b"cnumpy\ndtype\n(S'f8'\ntR", b"cnumpy\ndtype\n(S'O'\ntR"
EMPTY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(b"cnumpy\nndarray\n((I1\nt" + OBJECT + b"C\x08AAAAAAAAtR.", id="address"),
        pytest.param(
            b"cnumpy\nndarray\n((I9\nt" + F8 + b"C\x08AAAAAAAAI0\n(I8\nttR.", id="strides"
        ),
        pytest.param(b"cnumpy\nndarray\n((I9999999999\nttR.", id="memory"),
        pytest.param(EMPTY + b"(I1\n(I9\nt" + OBJECT + b"I00\n(I1\nltb.", id="short-list"),
        pytest.param(EMPTY + b"(I1\n(I1\nt" + OBJECT + b"I00\nC\x08AAAAAAAAtb.", id="object-bytes"),
        pytest.param(
            b"cnumpy.core.multiarray\nscalar\n(" + OBJECT + b"C\x08AAAAAAAAtR.", id="scalar"
        ),
        pytest.param(b"cnumpy\ndtype\n(S'V8'\ntR.", id="structure"),
        pytest.param(b"cnumpy\ndtype\nS'f8'\n\x85\x81.", id="constructor"),
        pytest.param(b"c_codecs\nencode\nN}S'__name__'\nS'x'\ns\x86b.", id="attribute"),
        pytest.param(b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x0f.", id="bytes"),
    ],
)
def test_arrays_that_reach_outside_their_bytes_are_refused(tmp_path: Path, code: bytes) -> None:
    path = write(tmp_path, {})
    path.write_bytes(code)
    with pytest.raises(SourceError, match="not a pickle of arrays"):
        load_data_set("3dpw", path)


def test_a_pickle_does_not_change_the_dtypes_of_numpy(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    path.write_bytes(F8 + b"(I3\nS'>'\nNNNI-1\nI-1\nI0\ntb.")
    with pytest.raises(SourceError, match="must be a dictionary"):
        load_data_set("3dpw", path)
    assert np.dtype("f8").isnative


def test_an_index_of_the_memo_takes_no_memory(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    path.write_bytes(b"Nr\xff\xff\xff\xff.")
    with pytest.raises(SourceError, match="must be a dictionary"):
        load_data_set("3dpw", path)
