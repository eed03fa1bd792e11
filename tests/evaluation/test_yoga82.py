"""Yoga-82: classes without landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.evaluation.miniatures import write_image

from vitruvian.errors import SourceError
from vitruvian.evaluation import (
    ScoredPose,
    data_set_scores,
    load_data_set,
    score_poses,
    score_table,
)
from vitruvian.evaluation.people import FoundCount

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    lines = ["Tree_Pose/1_2.jpg,0,3,79", "Boat, (half)/3.jpg,1,5,2", "Tree_Pose/9.jpg,0,3,79", ""]
    for line in lines[:2]:
        write_image(tmp_path / "images" / line.rsplit(",", 3)[0])
    path = tmp_path / "yoga_test.txt"
    path.write_text("\n".join(lines))
    return path


def test_the_label_is_the_folder(truth: Path) -> None:
    data = load_data_set("yoga82", truth)
    assert [image.label for image in data.images] == ["Tree_Pose", "Boat, (half)"]
    assert data.missing == ("Tree_Pose/9.jpg",)


def test_the_table_counts_the_images_with_a_pose(truth: Path) -> None:
    tree, boat = load_data_set("yoga82", truth).images
    done = [score_poses(tree, [ScoredPose(np.zeros((17, 2)), 1.0)]), score_poses(boat, [])]
    scores = data_set_scores(done)
    assert scores.labels == {"Boat, (half)": FoundCount(0, 1), "Tree_Pose": FoundCount(1, 1)}
    assert scores.people.n_poses == 0  # they are neither right nor false
    assert score_table({"x": scores})[1:] == [
        ("images with a pose", "1 of 2"),
        ("  Boat, (half)", "0 of 1"),
        ("  Tree_Pose", "1 of 1"),
    ]


def test_a_line_of_another_form_is_an_error(truth: Path) -> None:
    truth.write_text("Tree_Pose/1_2.jpg,0,3,79\nTree_Pose/2.jpg http://example.org\n")
    with pytest.raises(SourceError, match="line 2 must be NAME,CLASS6,CLASS20,CLASS82, got"):
        load_data_set("yoga82", truth)
    truth.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="can't read"):
        load_data_set("yoga82", truth)
