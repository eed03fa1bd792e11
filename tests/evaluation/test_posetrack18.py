"""PoseTrack18: a file for each sequence, track IDs, heads, frames and regions to ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.evaluation.miniatures import write_image, write_json

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation import (
    ScoredPose,
    data_set_scores,
    load_data_set,
    score_poses,
    score_table,
)

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["nose", "head_bottom", "head_top", *COCO17.names[3:]]
KEYPOINTS = np.column_stack([5.0 * np.arange(17) ** 1.2, 90 - 5.0 * np.arange(17), np.ones(17)])
KEYPOINTS[3:5] = 0  # ears are never labelled


def document(number: int, **image: Any) -> dict[str, Any]:
    images = [
        {"id": 10 * number + k, "file_name": f"images/val/{number}/00000{k}.jpg", **image}
        for k in range(2)
    ]
    person = {"category_id": 1, "keypoints": KEYPOINTS.ravel().tolist(), "track_id": 3}
    return {
        "images": images,
        "categories": [{"id": 1, "name": "person", "keypoints": NAMES}],
        "annotations": [
            {**person, "image_id": one["id"], "bbox": [0, 0, 90, 90], "bbox_head": [0, 0, 6, 8]}
            for one in images
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (1, 2):
        write_json(tmp_path / "annotations" / "val" / f"{number}.json", document(number))
        for k in range(2):
            write_image(tmp_path / f"images/val/{number}/00000{k}.jpg")
    return tmp_path / "annotations" / "val"


def test_the_sequences_have_times_ids_and_heads(folder: Path) -> None:
    images = load_data_set("posetrack18", folder).images
    assert [image.sequence for image in images] == ["1", "1", "2", "2"]
    assert [image.timestamp_us for image in images] == [0, 40_000, 0, 40_000]
    (person,) = images[0].people
    assert (person.id, person.head_px) == (3, pytest.approx(6.0))
    assert np.isfinite(person.landmarks).all(axis=1).sum() == 13  # nose and limbs


def test_frames_without_labels_are_left_out_and_regions_are_crowds(folder: Path) -> None:
    write_json(folder / "1.json", document(1, is_labeled=False))
    regions = {"ignore_regions_x": [[1, 9, 5]], "ignore_regions_y": [[2, 3, 8]]}
    write_json(folder / "2.json", document(2, is_labeled=True, **regions))
    images = load_data_set("posetrack18", folder).images
    assert [image.sequence for image in images] == ["2", "2"]
    crowd = images[0].people[1]
    assert (crowd.is_crowd, crowd.box_xyxy.tolist()) == (True, [1, 2, 9, 8])
    write_json(folder / "2.json", document(2, is_labeled=False))
    with pytest.raises(SourceError, match="no frame is labelled"):
        load_data_set("posetrack18", folder)


def test_the_table_has_the_scores_of_ids(folder: Path) -> None:
    images = load_data_set("posetrack18", folder).images
    right = np.where(KEYPOINTS[:, 2:] > 0, KEYPOINTS[:, :2], 50.0)
    ids = (7, 7, 8, 9)
    done = [
        score_poses(image, [ScoredPose(right, 1.0, id=id_)])
        for image, id_ in zip(images, ids, strict=True)
    ]
    scores = data_set_scores(done)
    assert scores.identity.id_switches == 1
    assert scores.identity.idf1 == pytest.approx(0.75)
    assert scores.people.pckh50 == 1.0
    rows = dict(score_table({"x": scores})[1:])
    assert (rows["IDF1"], rows["ID switches"], rows["PCKh@0.5, missed = wrong"]) == (
        *("0.750", "1", "1.000"),
    )


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"it has no \*.json"):
        load_data_set("posetrack18", tmp_path)
    with pytest.raises(SourceError, match="no such file or folder"):
        load_data_set("posetrack18", tmp_path / "absent")
