"""Files for other programs, read by the readers of those programs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vitruvian import BLAZEPOSE, PoseSequence, Provenance, save_results

from .test_exchange import results_of

pytestmark = pytest.mark.interop
CLIP = [(0, 1), (1, 0), (), (1,), (0, 1)]


def people_in_a_row(n_frames):
    """Results with two people whose landmarks are inside the image and apart."""
    results = results_of(*[(0, 1)] * n_frames)
    rng = np.random.default_rng(5)
    for result in results:
        for pose, left in zip(result, (0, 320), strict=True):
            points = rng.uniform((left, 0, 0), (left + 300, 470, 1), (33, 3)).astype(np.float32)
            object.__setattr__(pose, "landmarks", points)
        object.__setattr__(result, "width", 640)
        object.__setattr__(result, "height", 480)
    return results


def test_pycocotools_gives_ap_1_for_results_against_annotations_from_them(tmp_path, capsys):
    pytest.importorskip("pycocotools", reason="needs the group interop")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    results = people_in_a_row(6)
    save_results(results, tmp_path / "a.coco.json")
    save_results(results, tmp_path / "a.annotations.coco.json", provenance=Provenance(model="full"))
    truth = COCO(str(tmp_path / "a.annotations.coco.json"))
    scores = COCOeval(truth, truth.loadRes(str(tmp_path / "a.coco.json")), "keypoints")
    scores.evaluate()
    scores.accumulate()
    scores.summarize()
    assert scores.stats[0] == scores.stats[5] == pytest.approx(1, abs=1e-9)
    assert len(truth.getImgIds()) == 6
    assert truth.loadCats(1)[0]["keypoints"][0] == "nose"
    capsys.readouterr()


def test_our_own_evaluation_reads_the_annotations(tmp_path):
    from vitruvian.evaluation.coco import read_images

    results = people_in_a_row(2)
    save_results(results, tmp_path / "a.annotations.coco.json")
    images = read_images(tmp_path / "a.annotations.coco.json")
    assert [(image.name, len(image.people), image.wh) for image in images] == [
        ("000000.jpg", 2, (640, 480)),
        ("000001.jpg", 2, (640, 480)),
    ]


@pytest.mark.parametrize("name", ["a.nc", "a.world.nc"])
def test_xarray_reads_the_numbers_bit_for_bit_and_the_names_as_texts(tmp_path, name):
    xarray = pytest.importorskip("xarray", reason="needs the group interop")
    results = results_of(*CLIP)
    save_results(results, tmp_path / name, provenance=Provenance(source="walk.mp4"))
    sequence = PoseSequence.from_results(results)
    with xarray.open_dataset(tmp_path / name, engine="scipy") as data:
        assert data.position.dims == ("time", "space", "keypoints", "individuals")
        assert data.confidence.dims == ("time", "keypoints", "individuals")
        assert data.individuals.values.tolist() == ["id_0", "id_1"]
        assert data.keypoints.values.tolist() == list(BLAZEPOSE.names)
        assert data.attrs["ds_type"] == "poses"
        assert data.attrs["source_file"] == "walk.mp4"
        assert data.attrs["fps"] == 30
        np.testing.assert_array_equal(data.time.values, sequence.timestamps_us / 1e6)
        for number in (0, 1):
            person = sequence.person(number)
            points = person.world if "world" in name else person.landmarks[..., :2]
            found = data.position.sel(individuals=f"id_{number}").transpose(
                "time", "keypoints", "space"
            )
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found.values, points)
        wrist = data.confidence.sel(keypoints="left_wrist", individuals="id_1")
        np.testing.assert_array_equal(wrist.values, sequence.person(1).visibility[:, 15])


def test_pandas_reads_the_four_header_rows_of_deeplabcut(tmp_path):
    pandas = pytest.importorskip("pandas", reason="needs the group interop")
    results = results_of(*CLIP)
    save_results(results, tmp_path / "a.dlc.csv")
    table = pandas.read_csv(tmp_path / "a.dlc.csv", header=[0, 1, 2, 3], index_col=0)
    assert table.columns.names == ["scorer", "individuals", "bodyparts", "coords"]
    assert table.index.tolist() == [0, 1, 2, 3, 4]
    person = PoseSequence.from_results(results).person(1)
    found = table["vitruvian"]["id_1"]["left_wrist"][["x", "y"]].to_numpy(np.float32)
    np.testing.assert_array_equal(found, person.landmarks[:, 15, :2])


def test_openpose_files_are_sorted_and_read_as_pose2sim_does(tmp_path):
    results = results_of(*CLIP)
    save_results(results, tmp_path / "{frame:012d}.blazepose_keypoints.json")
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == len(CLIP)
    for path, result in zip(paths, results, strict=True):
        people = json.loads(path.read_text())["people"]
        found = [person["pose_keypoints_2d"] for person in people]
        assert [values[0::3][15] for values in found] == [
            pytest.approx(float(pose.landmarks[15, 0]), abs=1e-4) for pose in result
        ]
