"""MPII in the JSON of mmpose: several people an image, 1-based px, lengths of heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.io import savemat
from tests.evaluation.miniatures import write_image, write_json

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation import load_data_set

if TYPE_CHECKING:
    from pathlib import Path


def person(image: str, **values: Any) -> dict[str, Any]:
    joints = [[10.0 * i + 1, 5.0 * i + 1] for i in range(16)]
    labels = [1] * 15 + [0]
    return {"image": image, "joints": joints, "joints_vis": labels, "center": [51.0, 41.0],
            "scale": 0.5, **values}  # fmt: skip


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.jpg"):
        write_image(tmp_path / "images" / name)
    items = [person("a.jpg"), person("b.jpg"), person("a.jpg")]
    return write_json(tmp_path / "annotations" / "mpii_val.json", items)


def test_the_people_of_an_image_are_together_and_pixels_count_from_0(truth: Path) -> None:
    first, second = load_data_set("mpii", truth).images
    assert (first.name, len(first.people), second.name) == ("a.jpg", 2, "b.jpg")
    landmarks = first.people[0].landmarks
    assert landmarks[COCO17.index("right_ankle")].tolist() == [0, 0]
    assert landmarks[COCO17.index("left_shoulder")].tolist() == [130, 65]
    assert np.isnan(landmarks[COCO17.index("left_wrist")]).all()  # not labelled
    assert np.isfinite(landmarks).all(axis=1).sum() == 11
    assert first.people[0].head_px is None


def test_the_length_of_the_head_is_that_of_pckh(truth: Path) -> None:
    boxes = np.zeros((2, 2, 3))
    boxes[1, :, 1] = 30, 40
    savemat(truth.with_name("mpii_gt_val.mat"), {"headboxes_src": boxes})
    _, second = load_data_set("mpii", truth).images
    assert second.people[0].head_px == pytest.approx(0.6 * 50)


def test_someone_without_labels_has_the_box_of_the_scale(truth: Path) -> None:
    write_json(truth, [person("a.jpg", joints_vis=[0] * 16)])
    (image,) = load_data_set("mpii", truth).images
    assert image.people[0].box_xyxy.tolist() == [0, -10, 100, 90]


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ({}, "the top level must be a list of objects"),
        ([{"joints": []}], r"\[0\]: 'image' must be the name of a file"),
        ([person("a.jpg", joints=[[1, 2]])], r"\[0\]: 'joints' must have shape \(16, 2\), got"),
        ([person("a.jpg", center="x")], r"'center' must be numbers of shape \(2\)"),
    ],
)
def test_a_damaged_file_is_an_error(truth: Path, items: Any, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        load_data_set("mpii", write_json(truth, items))


def test_heads_of_other_people_are_an_error(truth: Path) -> None:
    savemat(truth.with_name("mpii_gt_val.mat"), {"headboxes_src": np.zeros((2, 2, 7))})
    with pytest.raises(SourceError, match=r"it has 7 heads, 'mpii_val.json' 3 people"):
        load_data_set("mpii", truth)
