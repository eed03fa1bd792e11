"""COCO keypoint files as they are found: other skeletons, missing fields, damage."""

from __future__ import annotations

import contextlib
import io
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation import ScoredPose, oks_ap
from vitruvian.evaluation.coco import read_images

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.evaluation import AnnotatedImage

LABELS = np.column_stack([np.arange(17.0), np.arange(17.0) + 100, [0, 1, *[2] * 15]])


def document(**annotation: Any) -> dict[str, Any]:
    return {
        "images": [
            {"id": 7, "file_name": "a.jpg", "width": 640, "height": 480},
            {"id": 8, "file_name": "val/b.jpg"},
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO17.names)}],
        "annotations": [
            {
                "image_id": 7,
                "category_id": 1,
                "keypoints": LABELS.ravel().tolist(),
                "bbox": [10, 20, 30, 40],
                "area": 700.0,
                "iscrowd": 0,
                **annotation,
            }
        ],
    }


def read(folder: Path, data: object) -> Any:
    path = folder / "truth.json"
    path.write_text(json.dumps(data))
    return read_images(path)


def test_people_are_read_with_their_image(tmp_path: Path) -> None:
    first, second = read(tmp_path, document())
    (person,) = first.people
    assert (first.name, first.wh) == ("a.jpg", (640, 480))
    assert (second.name, second.wh, second.people) == ("val/b.jpg", None, ())
    assert np.isnan(person.landmarks[0]).all()  # label 0: not labelled
    assert person.landmarks[1:].tolist() == LABELS[1:, :2].tolist()
    assert (person.area_px2, person.is_crowd) == (700.0, False)
    assert person.box_xyxy.tolist() == [10, 20, 40, 60]


def test_landmarks_of_other_skeletons_are_found_by_name(tmp_path: Path) -> None:
    """As in CrowdPose: no face, a head and a neck that COCO does not have."""
    data = document(keypoints=[5, 6, 2, 50, 60, 2, 70, 80, 1])
    data["categories"][0]["keypoints"] = ["head", "right_hip", "left_shoulder"]
    landmarks = read(tmp_path, data)[0].people[0].landmarks
    assert landmarks[COCO17.index("right_hip")].tolist() == [50, 60]
    assert landmarks[COCO17.index("left_shoulder")].tolist() == [70, 80]
    assert np.isfinite(landmarks).all(axis=1).sum() == 2


@pytest.mark.parametrize("n_landmarks", [26, 136])
def test_the_first_landmarks_of_halpe_are_those_of_coco(tmp_path: Path, n_landmarks: int) -> None:
    more = np.full((n_landmarks - 17, 3), 2.0)
    data = document(keypoints=[*LABELS.ravel().tolist(), *more.ravel().tolist()])
    data["categories"][0]["keypoints"] = []
    landmarks = read(tmp_path, data)[0].people[0].landmarks
    assert landmarks[1:].tolist() == LABELS[1:, :2].tolist()


def test_a_group_is_a_crowd_and_its_outline_may_be_run_lengths(tmp_path: Path) -> None:
    data = document(iscrowd=1, keypoints=[0] * 51, segmentation={"counts": [9], "size": [3, 3]})
    assert read(tmp_path, data)[0].people[0].is_crowd


def test_people_without_landmarks_are_read_and_other_objects_are_not(tmp_path: Path) -> None:
    """Files of detection data sets have no landmarks, and cars."""
    data = document()
    data["categories"] = [{"id": 1, "name": "person"}, {"id": 3, "name": "car"}]
    data["annotations"] = [
        {"image_id": 7, "category_id": i, "bbox": [0, 0, 10, 20]} for i in (1, 3)
    ]
    (person,) = read(tmp_path, data)[0].people
    assert np.isnan(person.landmarks).all()
    assert person.area_px2 == pytest.approx(0.53 * 200)


def test_a_person_without_area_and_box_is_measured_by_the_landmarks(tmp_path: Path) -> None:
    data = document()
    del data["annotations"][0]["bbox"], data["annotations"][0]["area"]
    assert read(tmp_path, data)[0].people[0].area_px2 == pytest.approx(0.53 * 15 * 15)


def changed(key: str, value: object) -> dict[str, Any]:
    """Return the document with another value of a key in its first image."""
    data = document()
    data["images"][0][key] = value
    return data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "the top level: must be an object, got a list"),
        ({"images": [], "annotations": []}, "the top level: 'categories' is missing"),
        (document() | {"images": None}, "'images': must be a list, got null"),
        (document() | {"annotations": {}}, "'annotations': must be a list, got an object"),
        (document() | {"images": ["a.jpg"]}, "images[0]: must be an object, got a string"),
        (document() | {"images": [{"id": 1}] * 2}, "images[1]: 'id' 1 is used twice"),
        (document() | {"annotations": [{}]}, "annotations[0]: 'category_id' is missing"),
        (
            document() | {"annotations": [{"category_id": 1}]},
            "annotations[0]: 'image_id' is missing",
        ),
        (changed("id", [7]), "images[0]: 'id' must be a number or a string, got a list"),
        (changed("file_name", None), "images[0]: 'file_name' must be the name of a file"),
        (changed("file_name", ""), "images[0]: 'file_name' must be the name of a file"),
        (changed("width", "wide"), "images[0]: 'width' must be 1 number, got a string"),
        (document(image_id=785), "annotations[0]: no image has its 'image_id' 785"),
        (document(keypoints=[1, 2]), "of image 7: 'keypoints' must be 51 numbers, got 2"),
        (document(keypoints="x"), "of image 7: 'keypoints' must be 51 numbers, got a string"),
        (document(keypoints=[1, "x", 2] * 17), "must be 51 numbers below 1e+12, got 'x'"),
        (document(keypoints=[10**400] * 51), "must be 51 numbers below 1e+12, got 1000"),
        (document(keypoints=[float("nan")] * 51), "must be 51 numbers below 1e+12, got nan"),
        (document(keypoints=[[1, 2, 2], [3]]), "51 numbers, got lists of different lengths"),
        (document(bbox=[1, 2, 3]), "annotations[0] of image 7: 'bbox' must be 4 numbers, got 3"),
        (document(bbox=None), "annotations[0] of image 7: 'bbox' must be 4 numbers, got null"),
        (document(area="large"), "of image 7: 'area' must be 1 number, got a string"),
        (document(area=10**400), "of image 7: 'area' must be 1 number below 1e+12"),
        (
            document() | {"annotations": [{"category_id": 1, "image_id": 7}]},
            "annotations[0] of image 7: it has neither labelled 'keypoints' nor a 'bbox'",
        ),
        (document() | {"categories": []}, "none is named 'person' or has 'keypoints'"),
        (
            document() | {"categories": [{"id": 1, "keypoints": 17}]},
            "categories[0]: 'keypoints' must be a list of names",
        ),
        (
            document() | {"categories": [{"id": 1, "keypoints": ["LHip", "RHip"]}]},
            "categories[0]: none of its landmarks is one of COCO's 17: LHip, RHip",
        ),
    ],
)
def test_an_error_names_what_is_wrong_in_the_file(
    tmp_path: Path, data: object, reason: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(reason)) as error:
        read(tmp_path, data)
    assert "truth.json': not a COCO keypoint file: " in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"{", "line 1 column 2"),
        (b"\x89PNG\r\n", "the file is not text"),
        (b"[" * 100_000, "the brackets are nested too deeply"),
        (b"9" * 5000, "a number has too many digits"),
    ],
)
def test_what_is_not_json_is_one_clear_error(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "truth.json").write_bytes(content)
    with pytest.raises(SourceError, match=f"not JSON: .*{reason}"):
        read_images(tmp_path / "truth.json")


def test_a_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Is a directory|Permission denied"):
        read_images(tmp_path)


def test_an_absent_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_images(tmp_path / "absent.json")


@pytest.mark.testdata
def test_scores_with_a_real_file_equal_those_of_pycocotools_which_reads_it_itself(
    testdata: Path,
) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="needs pycocotools")
    cocoeval = pytest.importorskip("pycocotools.cocoeval", reason="needs pycocotools")
    path = testdata / "coco_keypoints.json"
    images, rng = read_images(path), np.random.default_rng(0)
    found = [
        [ScoredPose(xy + rng.normal(0, 8, (17, 2)), rng.random()) for xy in _places(image, rng)]
        for image in images
    ]
    ours = oks_ap([image.people for image in images], found)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco.COCO(path)
        id_of = {image["file_name"]: image["id"] for image in truth.dataset["images"]}
        predicted = truth.loadRes([
            {
                "image_id": id_of[image.name], "category_id": 1, "score": pose.score,
                "keypoints": np.column_stack([pose.landmarks, np.ones(17)]).ravel().tolist(),
            }
            for image, poses in zip(images, found, strict=True) for pose in poses
        ])  # fmt: skip
        theirs = cocoeval.COCOeval(truth, predicted, "keypoints")
        theirs.evaluate()
        theirs.accumulate()
        theirs.summarize()
    ap, ap50, ap75, _, _, ar, ar50, ar75, _, _ = theirs.stats
    assert 0.1 < ap < 0.9
    assert (ours.ap, ours.ap50, ours.ap75) == pytest.approx((ap, ap50, ap75), abs=1e-12)
    assert (ours.ar, ours.ar50, ours.ar75) == pytest.approx((ar, ar50, ar75), abs=1e-12)


def _places(image: AnnotatedImage, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Return the landmarks of each person, complete, and some that are nobody's."""
    people = []
    for person in image.people:
        low, high = person.box_xyxy[:2], person.box_xyxy[2:]
        guess = rng.uniform(low, high, (17, 2))
        people.append(np.where(np.isnan(person.landmarks), guess, person.landmarks))
    return [*people, rng.uniform(0, 400, (17, 2))]
