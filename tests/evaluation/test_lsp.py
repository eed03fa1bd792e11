"""LSP and LSPET: two orders of the axes, two meanings of the third value."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.io import savemat
from tests.evaluation.miniatures import write_image

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.evaluation import load_data_set

if TYPE_CHECKING:
    from pathlib import Path

JOINTS = np.arange(2 * 14 * 3, dtype=float).reshape(2, 14, 3)  # image, joint, x y and flag
JOINTS[..., 2] = 0
JOINTS[0, 0, 2] = 1  # the right ankle of the first image
RIGHT_ANKLE, LEFT_WRIST = COCO17.index("right_ankle"), COCO17.index("left_wrist")


def test_an_occluded_joint_of_lsp_is_labelled(tmp_path: Path) -> None:
    savemat(tmp_path / "joints.mat", {"joints": JOINTS.transpose(2, 1, 0)})
    for name in ("im0001.jpg", "im0002.jpg"):
        write_image(tmp_path / "images" / name)
    first, second = load_data_set("lsp", tmp_path / "joints.mat").images
    assert first.people[0].landmarks[RIGHT_ANKLE].tolist() == [0, 1]
    assert second.people[0].landmarks[LEFT_WRIST].tolist() == JOINTS[1, 11, :2].tolist()
    assert (first.name, second.name) == ("im0001.jpg", "im0002.jpg")


def test_a_joint_of_lspet_with_0_is_not_labelled(tmp_path: Path) -> None:
    savemat(tmp_path / "joints.mat", {"joints": JOINTS.transpose(1, 2, 0)})
    write_image(tmp_path / "images" / "im00001.jpg")
    (image,) = load_data_set("lsp", tmp_path).images  # the second has no label at all
    landmarks = image.people[0].landmarks
    assert landmarks[RIGHT_ANKLE].tolist() == [0, 1]
    assert np.isfinite(landmarks).all(axis=1).sum() == 1


def test_of_2000_images_those_of_the_test_are_used(tmp_path: Path) -> None:
    savemat(tmp_path / "joints.mat", {"joints": np.ones((3, 14, 2000))})
    write_image(tmp_path / "images" / "im1001.jpg")
    data = load_data_set("lsp", tmp_path)
    assert data.images[0].name == "im1001.jpg"
    assert len(data.missing) == 999


def test_damage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "joints.mat"
    path.write_bytes(b"nothing of MATLAB's")
    with pytest.raises(SourceError, match="not a MATLAB file"):
        load_data_set("lsp", path)
    savemat(path, {"joints": np.ones((3, 14, 2))}, do_compression=True)
    path.write_bytes(path.read_bytes()[:-8] + bytes(8))
    with pytest.raises(SourceError, match="not a MATLAB file"):
        load_data_set("lsp", path)
    savemat(path, {"joints": np.ones((5, 14, 2))})
    with pytest.raises(SourceError, match=r"must have shape \(3, 14, N\) or \(14, 3, N\), got"):
        load_data_set("lsp", path)
    savemat(path, {"other": 1})
    with pytest.raises(SourceError, match="it has no variable 'joints'"):
        load_data_set("lsp", path)


def test_without_scipy_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "joints.mat").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'vitruvian\[analysis\]'"):
        load_data_set("lsp", tmp_path)
