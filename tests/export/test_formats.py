"""What one format writes and reads; `test_sink.py` has what all files share."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from vitruvian import BLAZEPOSE, PoseSequence, load_results, open_output
from vitruvian.errors import BackendUnavailableError, SourceError

READABLE = (".jsonl", ".json", ".csv", ".parquet", ".npz")
PEOPLE = {
    "no frames": (),
    "one frame, nobody": (0,),
    "nobody at all": (0, 0, 0),
    "one person": (1, 1, 1),
    "coming and going": (0, 1, 2, 0, 3, 0),
}


@pytest.fixture(params=READABLE)
def suffix(request):
    if request.param == ".parquet":
        pytest.importorskip("pyarrow", reason="needs vitruvian[parquet]")
    return request.param


def write(path, results):
    with open_output(path) as sink:
        for result in results:
            sink.write(result)
    return path


def dicts(results):
    return [result.to_dict() for result in results]


@pytest.mark.parametrize("people", PEOPLE.values(), ids=PEOPLE.keys())
def test_results_come_back_exactly(tmp_path, suffix, make_results, people):
    results = make_results(*people)
    path = write(tmp_path / f"walk{suffix}", results)
    assert dicts(load_results(path)) == dicts(results)


def test_extreme_floats_come_back_exactly(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    info = np.finfo(np.float32)
    values = [info.tiny, info.smallest_subnormal, info.max, -0.0, 1 / 3, 16_777_217, 0.1]
    landmarks = np.resize(np.array(values, np.float32), (33, 3))
    pose = replace(result.pose, landmarks=landmarks, score=0.1 + 0.2)
    path = write(tmp_path / f"walk{suffix}", [replace(result, poses=(pose,))])
    loaded = load_results(path)[0].pose
    assert loaded.landmarks.tobytes() == landmarks.tobytes()
    assert loaded.score == 0.1 + 0.2


def test_missing_values_come_back_as_nan(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    landmarks = result.pose.landmarks.copy()
    landmarks[3] = np.nan
    pose = replace(result.pose, landmarks=landmarks, world=np.full((33, 3), np.nan))
    path = write(tmp_path / f"walk{suffix}", [replace(result, poses=(pose,))])
    loaded = load_results(path)[0].pose
    np.testing.assert_array_equal(loaded.landmarks, landmarks)
    assert np.isnan(loaded.world).all()


def test_frames_with_equal_numbers_stay_apart(tmp_path, suffix, make_results):
    (result,) = make_results(2)
    path = write(tmp_path / f"photos{suffix}", [result, result])
    assert dicts(load_results(path)) == dicts([result, result])


def test_masks_and_detections_are_left_out(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    pose = replace(result.pose, mask=np.ones((48, 64), np.float32))
    path = write(tmp_path / f"walk{suffix}", [replace(result, poses=(pose,))])
    assert load_results(path)[0].pose.mask is None


def test_jsonl_has_the_fixed_form(tmp_path, make_results):
    results = make_results(1, 0)
    lines = write(tmp_path / "walk.jsonl", results).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [r.to_dict(extras=False) for r in results]
    first, second = map(json.loads, lines)
    assert list(first) == ["frame", "timestamp_us", "width", "height", "poses"]
    assert list(first["poses"][0]) == ["id", "score", "landmarks", "world", "roi"]
    assert list(first["poses"][0]["roi"]) == ["center", "size", "rotation"]
    assert [len(landmark) for landmark in first["poses"][0]["landmarks"]] == [5] * 33
    assert [len(landmark) for landmark in first["poses"][0]["world"]] == [3] * 33
    assert second["poses"] == []
    assert not any(" " in line for line in lines)


def test_json_is_one_document_with_the_skeleton(tmp_path, make_results):
    results = make_results(1, 0, 2)
    document = json.loads(write(tmp_path / "walk.json", results).read_bytes())
    assert list(document) == ["format", "version", "skeleton", "frames"]
    assert document["skeleton"]["names"] == list(BLAZEPOSE.names)
    assert list(map(tuple, document["skeleton"]["connections"])) == list(BLAZEPOSE.connections)
    assert document["frames"] == [r.to_dict(extras=False) for r in results]


def test_csv_has_one_row_for_each_person_of_each_frame(tmp_path, make_results):
    results = make_results(2, 0)
    with write(tmp_path / "walk.csv", results).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["frame"], row["person"], row["id"]) for row in rows] == [
        ("3", "0", ""),
        ("3", "1", "1"),
        ("4", "", ""),
    ]
    pose = results[0].poses[1]
    assert np.float32(rows[1]["left_wrist_y"]) == pose.landmarks[15, 1]
    assert np.float32(rows[1]["right_foot_index_world_z"]) == pose.world[32, 2]
    assert np.float32(rows[1]["nose_presence"]) == pose.presence[0]
    assert float(rows[1]["roi_rotation"]) == pose.roi.rotation
    assert set(list(rows[2].values())[4:]) == {""}


def test_csv_may_have_a_byte_order_mark_and_blank_lines(tmp_path, make_results):
    results = make_results(2, 0)
    path = write(tmp_path / "walk.csv", results)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\n\n")
    assert [r.to_dict() for r in load_results(path)] == [r.to_dict() for r in results]


def test_parquet_is_the_same_table_with_types(tmp_path, make_results):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs vitruvian[parquet]")
    results = make_results(2, 0)
    table = pq.read_table(write(tmp_path / "walk.parquet", results))
    with write(tmp_path / "walk.csv", results).open(newline="") as lines:
        assert table.column_names == next(csv.reader(lines))
    assert str(table.schema.field("timestamp_us").type) == "int64"
    assert str(table.schema.field("nose_x").type) == "float"
    assert table["person"].to_pylist() == [0, 1, None]
    assert table["nose_x"].to_pylist() == [*(float(p["nose"].x) for p in results[0]), None]


def test_parquet_of_many_rows_has_several_groups(tmp_path, make_results):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs vitruvian[parquet]")
    results = make_results(1) * 5000
    path = write(tmp_path / "walk.parquet", results)
    assert pq.ParquetFile(path).num_row_groups == 2
    assert len(load_results(path)) == 5000


def test_npz_holds_the_arrays_of_a_sequence(tmp_path, make_results):
    results = make_results(2, 0)
    with np.load(write(tmp_path / "walk.npz", results)) as arrays:
        sequence = PoseSequence.from_results(results)
        np.testing.assert_array_equal(arrays["landmarks"], sequence.landmarks)
        np.testing.assert_array_equal(arrays["timestamps_us"], sequence.timestamps_us)
        assert tuple(arrays["names"]) == BLAZEPOSE.names


def test_an_npz_that_is_none_is_named_without_advice_on_pickles(tmp_path):
    (tmp_path / "walk.npz").write_bytes(b"frame,person\n")
    with pytest.raises(SourceError, match=r"walk.npz': it is not an .npz file") as caught:
        load_results(tmp_path / "walk.npz")
    assert "pickle" not in str(caught.value)


def test_parquet_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("pyarrow")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "vitruvian.export.parquet_file", raising=False)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'vitruvian\[parquet\]'"):
        open_output(tmp_path / "walk.csv", tmp_path / "walk.parquet")
    with pytest.raises(BackendUnavailableError, match=r"pip install 'vitruvian\[parquet\]'"):
        load_results(tmp_path / "walk.parquet")
    assert not list(tmp_path.iterdir())


def test_a_missing_file_cannot_be_read(tmp_path, suffix):
    with pytest.raises(SourceError, match=f"can't read .*walk{suffix}"):
        load_results(tmp_path / f"walk{suffix}")


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"[1, 2]\n", b"a,b\n1,2\n"])
def test_other_content_cannot_be_read(tmp_path, suffix, content):
    path = tmp_path / f"walk{suffix}"
    path.write_bytes(content)
    if suffix == ".jsonl" and not content:
        assert load_results(path) == []  # no frames
        return
    with pytest.raises(SourceError, match=f"can't read .*walk{suffix}"):
        load_results(path)


def test_a_damaged_file_cannot_be_read(tmp_path, suffix, make_results):
    path = write(tmp_path / f"walk{suffix}", make_results(1, 2))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SourceError, match=f"can't read .*walk{suffix}"):
        load_results(path)


def test_a_damaged_line_is_named(tmp_path, make_results):
    path = write(tmp_path / "walk.jsonl", make_results(1, 1))
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(SourceError, match="line 3"):
        load_results(path)


def test_a_json_document_of_another_version_cannot_be_read(tmp_path):
    path = tmp_path / "walk.json"
    path.write_text('{"format": "vitruvian", "version": 2}')
    with pytest.raises(SourceError, match="version must be 1, got 2"):
        load_results(path)
