"""Files for other programs, of several people: COCO, OpenPose, NetCDF, DeepLabCut."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from vitruvian import (
    BLAZEPOSE,
    PoseResult,
    PoseSequence,
    Provenance,
    Roi,
    load_provenance,
    load_results,
    open_input,
    open_output,
    save_results,
)
from vitruvian.core.skeleton import BODY25, COCO17, COCO18
from vitruvian.errors import BackendUnavailableError, SinkError, SourceError
from vitruvian.runs.plan import planned_jobs
from vitruvian.runs.resume import has_files

from .conftest import HEIGHT, WIDTH, sample_pose

FILES = ("a.coco.json", "a.annotations.coco.json", "a.nc", "a.world.nc", "a.dlc.csv")
SERIES = tuple(
    f"{{frame:012d}}{suffix}"
    for suffix in ("_keypoints.json", ".coco_keypoints.json", ".blazepose_keypoints.json")
)


def results_of(*ids_of_frames, seed=0, step_us=33_333):
    """One result for each frame, with a pose for each of its IDs."""
    rng = np.random.default_rng(seed)
    return [
        PoseResult(t, t * step_us, WIDTH, HEIGHT, tuple(sample_pose(rng, n) for n in ids))
        for t, ids in enumerate(ids_of_frames)
    ]


def without(result, *landmarks):
    """A result whose poses lack some landmarks."""

    def lacking(pose):
        arrays = {name: np.array(getattr(pose, name)) for name in ("landmarks", "visibility")}
        for array in arrays.values():
            array[list(landmarks)] = np.nan
        return replace(pose, **arrays)

    return replace(result, poses=tuple(map(lacking, result)))


def write_and_fail(sink, results):
    for result in results:
        sink.write(result)
    raise ZeroDivisionError


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read_netcdf(path):
    netcdf_file = pytest.importorskip("scipy.io", reason="needs vitruvian[analysis]").netcdf_file
    with netcdf_file(path, "r", mmap=False) as file:
        arrays = {name: np.array(v[:]) for name, v in file.variables.items()}
        fps, source = float(file.fps), file.source_file
    for name in ("space", "keypoints", "individuals"):
        arrays[name] = [b"".join(row).decode() for row in arrays[name]]
    return arrays | {"fps": fps, "source": source.decode()}


# --- rules of all of them ---


CLIPS = {
    "nobody": [(), (), ()],
    "one frame": [(0,)],
    "two people swap slots": [(0, 1), (1, 0), (0, 1)],
    "a gap": [(0,), *[()] * 60, (0,)],
    "no ids": [(None, None), (None,), ()],
}


@pytest.mark.parametrize("name", FILES + SERIES)
@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS.keys())
def test_every_clip_gives_a_file_that_is_the_same_twice(tmp_path, name, clip):
    results = results_of(*clip)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        save_results(results, folder / name, provenance=Provenance(model="full"))
    assert content(folders[0]) == content(folders[1]) != {}
    assert load_provenance(folders[0] / name) == Provenance(model="full")
    for path in folders[0].iterdir():
        if path.suffix == ".json":
            json.loads(path.read_text())


@pytest.mark.parametrize("name", FILES + SERIES)
def test_a_file_from_stored_results_is_that_of_the_run(tmp_path, name):
    results = results_of((0, 1), (), (1,), seed=3)
    (tmp_path / "run").mkdir()
    with open_output(tmp_path / "a.jsonl", tmp_path / "run" / name) as sink:
        for result in results:
            sink.write(result)
    (tmp_path / "later").mkdir()
    save_results(load_results(tmp_path / "a.jsonl"), tmp_path / "later" / name)
    assert content(tmp_path / "run") == content(tmp_path / "later")


@pytest.mark.parametrize("name", FILES + SERIES)
def test_landmarks_that_are_missing_are_allowed(tmp_path, name):
    one, other = results_of((0,), (0,))
    save_results([without(one, 0, 11), without(other, *range(33))], tmp_path / name)
    for path in tmp_path.iterdir():
        assert b"NaN" not in path.read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_an_error_keeps_the_frames(tmp_path, name):
    results = results_of((0,), (0,))
    with pytest.raises(ZeroDivisionError) as info, open_output(tmp_path / name) as sink:
        write_and_fail(sink, results)
    kept = "a.partial.coco.json" if name == "a.coco.json" else "a.partial.jsonl"
    assert [path.name for path in tmp_path.iterdir()] == [kept]
    assert kept in info.value.__notes__[0]


@pytest.mark.parametrize("name", ["größe 人.coco.json", "größe 人.dlc.csv", "größe 人.nc"])
def test_names_are_unicode(tmp_path, name):
    provenance = Provenance(source="größe 人.mp4")
    save_results(results_of((0,)), tmp_path / name, provenance=provenance)
    assert load_provenance(tmp_path / name).source == "größe 人.mp4"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.coco.json", "a.dlc.csv"])
def test_70_000_frames_are_written(tmp_path, name):
    (result,) = results_of((0,))
    save_results((replace(result, frame_index=t) for t in range(70_000)), tmp_path / name)
    with (tmp_path / name).open() as file:
        assert sum('"image_id":' in line or line[0].isdigit() for line in file) == 70_000


@pytest.mark.parametrize("name", ["a.coco.json", "a.dlc.csv", "a.nc", SERIES[0]])
def test_they_are_not_read_back(tmp_path, name):
    save_results(results_of((0,)), tmp_path / name)
    with pytest.raises(ValueError, match="suffix must be one of"):
        load_results(tmp_path / name)


def test_a_plain_json_keeps_its_format(tmp_path):
    results = results_of((0,))
    for name in ("a.coco2.json", "squat_keypoints.json", "coco.json"):
        save_results(results, tmp_path / name)
        assert load_results(tmp_path / name) == results


# --- COCO ---


def test_coco_results_have_the_pixels_of_17_landmarks(tmp_path):
    results = results_of((4, 7), (), (7,))
    save_results(results, tmp_path / "a.coco.json")
    found = json.loads((tmp_path / "a.coco.json").read_text())
    assert [(one["image_id"], one["track_id"]) for one in found] == [(0, 4), (0, 7), (2, 7)]
    pose = results[0].poses[1]
    keypoints = np.reshape(found[1]["keypoints"], (17, 3))
    sources = [BLAZEPOSE.index(name) for name in COCO17.names]
    np.testing.assert_array_equal(keypoints[:, :2].astype(np.float32), pose.landmarks[sources, :2])
    np.testing.assert_array_equal(keypoints[:, 2].astype(np.float32), pose.visibility[sources])
    assert found[1]["score"] == pose.score
    assert {one["category_id"] for one in found} == {1}


def test_missing_landmarks_are_zeros_in_coco(tmp_path):
    save_results([without(results_of((0,))[0], 0)], tmp_path / "a.coco.json")
    (found,) = json.loads((tmp_path / "a.coco.json").read_text())
    assert found["keypoints"][:3] == [0, 0, 0]
    assert found["keypoints"][3] != 0


def test_coco_annotations_flag_what_is_visible_hidden_and_outside(tmp_path):
    (result,) = results_of((3,))
    landmarks = np.full((33, 3), 20.0)
    landmarks[BLAZEPOSE.index("left_ankle")] = -5, 20, 0
    landmarks[BLAZEPOSE.index("right_wrist")] = 50, 40, 0
    visibility = np.full(33, 0.9)
    visibility[BLAZEPOSE.index("right_wrist")] = 0.2
    pose = replace(result.poses[0], landmarks=landmarks, visibility=visibility)
    save_results([replace(result, poses=(pose,))], tmp_path / "a.annotations.coco.json")
    document = json.loads((tmp_path / "a.annotations.coco.json").read_text())
    (annotation,) = document["annotations"]
    flags = dict(zip(COCO17.names, annotation["keypoints"][2::3], strict=True))
    assert flags == {n: 2 for n in COCO17.names} | {"left_ankle": 0, "right_wrist": 1}
    assert annotation["keypoints"][3 * COCO17.index("left_ankle") :][:3] == [0, 0, 0]
    assert annotation["num_keypoints"] == 16
    assert annotation["bbox"] == [20, 20, 30, 20]
    assert annotation["area"] == 600
    assert document["images"] == [
        {"id": 0, "file_name": "000000.jpg", "width": WIDTH, "height": HEIGHT}
    ]
    (category,) = document["categories"]
    assert category["keypoints"] == list(COCO17.names)
    assert [min(pair) for pair in category["skeleton"]] == [
        min(a, b) + 1 for a, b in COCO17.connections
    ]


@pytest.fixture
def folder(tmp_path):
    """Three images, of which a COCO file lists two."""
    for name in ("b.png", "a.png", "c.png"):
        Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / name)
    images = [{"id": 77, "file_name": "val/c.png"}, {"id": 5, "file_name": "a.png"}]
    (tmp_path / "truth.json").write_text(json.dumps({"images": images}))
    return tmp_path


def test_images_get_the_ids_of_a_coco_file(folder, caplog):
    paths = [folder / "r.coco.json", folder / "r.annotations.coco.json"]
    with (
        open_input(folder) as source,
        open_output(*paths, source=source, coco_images=folder / "truth.json") as sink,
    ):
        for result in results_of((0,), (0,), (0,)):
            sink.write(result)
    results, annotations = (json.loads(path.read_text()) for path in paths)
    assert [one["image_id"] for one in results] == [5, 77]
    assert [(one["id"], one["file_name"]) for one in annotations["images"]] == [
        (5, "a.png"),
        (77, "c.png"),
    ]
    assert "1 of 3 images are not in" in caplog.text


def test_annotations_name_the_images_of_a_folder(folder):
    path = folder / "r.annotations.coco.json"
    with open_input(folder) as source, open_output(path, source=source) as sink:
        sink.write(results_of((0,), (0,))[1])
    document = json.loads((folder / "r.annotations.coco.json").read_text())
    assert document["images"][0]["file_name"] == "b.png"


def test_ids_of_images_need_images_and_a_coco_file(folder):
    with pytest.raises(ValueError, match="coco_images needs images as the source, got None"):
        open_output(folder / "r.coco.json", coco_images=folder / "truth.json")
    twice = [{"id": 1, "file_name": "x/a.png"}, {"id": 2, "file_name": "y/a.png"}]
    (folder / "twice.json").write_text(json.dumps({"images": twice}))
    (folder / "list.json").write_text("[]")
    with open_input(folder) as source:
        for name, problem in (
            ("absent.json", "No such file"),
            ("list.json", "not a COCO file"),
            ("twice.json", "two images have the same file name"),
        ):
            with pytest.raises(SourceError, match=problem):
                open_output(folder / "r.coco.json", source=source, coco_images=folder / name)
    assert not list(folder.glob("*.tmp"))


# --- OpenPose ---


def test_openpose_has_a_file_for_each_frame(tmp_path):
    save_results(results_of((4, None), ()), tmp_path / "cam1_{frame:012d}_keypoints.json")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["cam1_000000000000_keypoints.json", "cam1_000000000001_keypoints.json"]
    first, second = (json.loads((tmp_path / name).read_text()) for name in names)
    assert [person["person_id"] for person in first["people"]] == [[4], [-1]]
    assert second == {"version": 1.3, "people": []}
    assert set(first["people"][0]) == {
        "person_id",
        *(f"{part}_keypoints_{n}d" for part in ("pose", "face") for n in (2, 3)),
        *(f"hand_{side}_keypoints_{n}d" for side in ("left", "right") for n in (2, 3)),
    }


@pytest.mark.parametrize(
    ("name", "skeleton"), list(zip(SERIES, (BODY25, COCO18, BLAZEPOSE), strict=True)), ids=SERIES
)
def test_the_suffix_chooses_the_skeleton_of_openpose(tmp_path, name, skeleton):
    (result,) = results_of((0,))
    save_results([result], tmp_path / name)
    (path,) = tmp_path.iterdir()
    (person,) = json.loads(path.read_text())["people"]
    found = np.reshape(person["pose_keypoints_2d"], (len(skeleton), 3)).astype(np.float32)
    pose = result.poses[0]
    for index, landmark in enumerate(skeleton.names):
        if landmark in BLAZEPOSE.names:
            i = BLAZEPOSE.index(landmark)
            np.testing.assert_array_equal(found[index, :2], pose.landmarks[i, :2])
            assert found[index, 2] == pose.visibility[i]
    if skeleton is not BLAZEPOSE:
        neck = pose.landmarks[11:13, :2].mean(axis=0)
        np.testing.assert_array_equal(found[1], [*neck, pose.visibility[11:13].min()])
    if skeleton is BODY25:
        np.testing.assert_array_equal(found[20], 0)
        np.testing.assert_array_equal(found[19, :2], pose.landmarks[31, :2])


def test_a_mean_of_a_missing_landmark_is_missing(tmp_path):
    save_results([without(results_of((0,))[0], 11)], tmp_path / SERIES[0])
    (path,) = tmp_path.iterdir()
    found = np.reshape(
        json.loads(path.read_text())["people"][0]["pose_keypoints_2d"], (len(BODY25), 3)
    )
    missing = [name for name, row in zip(BODY25.names, found, strict=True) if not row.any()]
    assert missing == ["neck", "left_shoulder", "left_small_toe", "right_small_toe"]


def test_the_last_number_in_the_name_is_that_of_the_frame(tmp_path):
    """Pose2Sim takes the last digits of a name for the frame."""
    for name in SERIES:
        save_results(results_of((0,)), tmp_path / name)
    assert all("".join(filter(str.isdigit, path.name)) == "0" * 12 for path in tmp_path.iterdir())


def test_a_run_plans_a_series_of_openpose(tmp_path):
    (job,) = planned_jobs(["walk.mp4"], [tmp_path / "{name}_json" / SERIES[0]])
    assert job.folders == (tmp_path / "walk_json",)
    assert not has_files(job.outputs[0])
    (tmp_path / "walk_json").mkdir()
    save_results(results_of((0,)), job.outputs[0])
    assert has_files(job.outputs[0])
    with pytest.raises(ValueError, match="braces in an output"):
        planned_jobs(["walk.mp4"], ["{frame}.coco.json"])


def test_an_incomplete_series_has_no_provenance(tmp_path):
    pattern = tmp_path / SERIES[0]
    with pytest.raises(ZeroDivisionError), open_output(pattern, provenance=Provenance()) as sink:
        write_and_fail(sink, results_of((0,)))
    assert load_provenance(pattern) is None


# --- NetCDF and DeepLabCut ---


def test_netcdf_has_each_individual_through_all_slots(tmp_path):
    results = results_of((0, 1), (1, 0), (1,), step_us=20_000)
    save_results(results, tmp_path / "a.nc", provenance=Provenance(source="walk.mp4"))
    arrays = read_netcdf(tmp_path / "a.nc")
    sequence = PoseSequence.from_results(results)
    assert arrays["individuals"] == ["id_0", "id_1"]
    assert arrays["keypoints"] == list(BLAZEPOSE.names)
    assert arrays["space"] == ["x", "y"]
    assert (arrays["fps"], arrays["source"]) == (50.0, "walk.mp4")
    np.testing.assert_array_equal(arrays["time"], [0, 0.02, 0.04])
    for number in (0, 1):
        person = sequence.person(number)
        np.testing.assert_array_equal(
            arrays["position"][..., number].transpose(0, 2, 1), person.landmarks[..., :2]
        )
        np.testing.assert_array_equal(arrays["confidence"][..., number], person.visibility)


def test_netcdf_of_the_world_has_metres(tmp_path):
    results = results_of((0,), ())
    save_results(results, tmp_path / "a.world.nc")
    arrays = read_netcdf(tmp_path / "a.world.nc")
    assert arrays["space"] == ["x", "y", "z"]
    np.testing.assert_array_equal(arrays["position"][0, ..., 0].T, results[0].poses[0].world)
    assert np.isnan(arrays["position"][1]).all()


def test_netcdf_keeps_a_variable_rate(tmp_path):
    times = [0, 40_000, 100_000, 140_000]
    results = [
        replace(r, timestamp_us=t) for r, t in zip(results_of(*[(0,)] * 4), times, strict=True)
    ]
    save_results(results, tmp_path / "a.nc")
    arrays = read_netcdf(tmp_path / "a.nc")
    np.testing.assert_array_equal(arrays["time"], np.array(times) / 1e6)
    assert arrays["fps"] == 25


def test_netcdf_without_a_frame_is_an_error(tmp_path):
    with pytest.raises(SinkError, match="needs a frame, got none"):
        save_results([], tmp_path / "a.nc")
    assert list(tmp_path.iterdir()) == []


def test_netcdf_needs_its_extra(tmp_path, monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "vitruvian.export.netcdf_file", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "scipy.io", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'vitruvian\[analysis\]'"):
        save_results(results_of((0,)), tmp_path / "a.nc")


def test_deeplabcut_has_four_rows_of_header(tmp_path):
    results = [without(one, 2) for one in results_of((1, 0), (0, None), (1,))]
    save_results(results, tmp_path / "a.dlc.csv")
    with (tmp_path / "a.dlc.csv").open(newline="") as file:
        scorer, individuals, bodyparts, coords, *rows = csv.reader(file)
    assert [row[0] for row in (scorer, individuals, bodyparts, coords)] == [
        "scorer",
        "individuals",
        "bodyparts",
        "coords",
    ]
    assert set(scorer[1:]) == {"vitruvian"}
    assert list(dict.fromkeys(individuals[1:])) == ["id_0", "id_1", "person_1"]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    cells = np.array([[cell or "nan" for cell in row[1:]] for row in rows], np.float32)
    cells = cells.reshape(3, 3, 33, 3)
    sequence = PoseSequence.from_results(results)
    for number in (0, 1):
        person = sequence.person(number)
        np.testing.assert_array_equal(cells[:, number, :, :2], person.landmarks[..., :2])
        np.testing.assert_array_equal(cells[:, number, :, 2], person.visibility)
    np.testing.assert_array_equal(cells[1, 2, :, :2], results[1].poses[1].landmarks[:, :2])
    assert np.isnan(cells[0, 2]).all()


def test_the_region_of_a_pose_does_not_matter(tmp_path):
    (result,) = results_of((0,))
    moved = replace(result.poses[0], roi=Roi((0.0, 0.0), (1.0, 1.0), 0.0))
    for name, poses in (("a.dlc.csv", result.poses), ("b.dlc.csv", (moved,))):
        save_results([replace(result, poses=poses)], tmp_path / name)
    assert (tmp_path / "a.dlc.csv").read_bytes() == (tmp_path / "b.dlc.csv").read_bytes()
