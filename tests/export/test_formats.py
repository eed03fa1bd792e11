"""Writing and reading of each format; rules of all files are in `test_sink.py`."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from vitruvian import (
    BLAZEPOSE,
    PoseResult,
    PoseSequence,
    Provenance,
    iter_results,
    load_provenance,
    load_results,
    open_output,
    save_results,
)
from vitruvian.core.schema import QUANTITIES, REQUIRED, list_columns_of
from vitruvian.errors import BackendUnavailableError, SinkError, SourceError

READABLE = (".jsonl", ".json", ".csv", ".parquet", ".wide.parquet", ".npz")
PEOPLE = {
    "no frames": (),
    "one frame without people": (0,),
    "frames without people": (0, 0, 0),
    "one person": (1, 1, 1),
    "varying numbers": (0, 1, 2, 0, 3, 0),
}


@pytest.fixture(params=READABLE)
def suffix(request):
    if request.param.endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="needs vitruvian[parquet]")
    return request.param


def write(path, results):
    with open_output(path) as sink:
        for result in results:
            sink.write(result)
    return path


def with_optional(results):
    """Results whose poses have `spread_px`; the first ones also have `camera`."""
    rng = np.random.default_rng(1)
    changed = [
        tuple(
            replace(pose, spread_px=rng.random(33), camera=rng.random((33, 3)) if i == 0 else None)
            for i, pose in enumerate(result)
        )
        for result in results
    ]
    return [replace(r, poses=poses) for r, poses in zip(results, changed, strict=True)]


@pytest.mark.parametrize("people", PEOPLE.values(), ids=PEOPLE.keys())
def test_the_round_trip_of_results_is_exact(tmp_path, suffix, make_results, people):
    for results in (make_results(*people), with_optional(make_results(*people))):
        path = write(tmp_path / f"walk{suffix}", results)
        assert load_results(path) == results
        assert list(iter_results(path)) == results


def test_results_and_sequences_can_be_saved_in_one_call(tmp_path, suffix, make_results):
    results = make_results(2, 0, 2)
    path = tmp_path / f"walk{suffix}"
    save_results(iter(results), path)
    assert load_results(path) == results
    sequence = PoseSequence.from_results(results)
    save_results(sequence, path)
    assert load_results(path) == results
    save_results(sequence.person(1), path)
    assert [[pose.id for pose in result] for result in load_results(path)] == [[1], [], [1]]
    with pytest.raises(ValueError, match=r"suffix must be one of .*, got .*walk.mp4"):
        save_results(results, tmp_path / "walk.mp4")


def test_a_csv_is_read_while_it_is_iterated(tmp_path, make_results):
    for name in ("walk.csv", "walk.jsonl"):
        path = write(tmp_path / name, make_results(1, 1, 1))
        path.write_text(path.read_text() + "damage\n")
        results = iter_results(path)
        assert [next(results).frame_index for _ in range(2)] == [3, 4]
        with pytest.raises(SourceError, match="line"):
            list(results)


# --- provenance ---


def test_the_provenance_is_read_back(tmp_path, suffix, make_results):
    provenance = Provenance(
        model="full", model_sha256="12ab", profile="default", options={"num_poses": 2},
        source="walk.mp4", fps=29.97, wh=(640, 480),
    )  # fmt: skip
    save_results(make_results(1), tmp_path / f"walk{suffix}", provenance=provenance)
    assert load_provenance(tmp_path / f"walk{suffix}") == provenance
    save_results(make_results(1), tmp_path / f"plain{suffix}")
    has_a_place = suffix not in (".csv", ".jsonl")
    assert load_provenance(tmp_path / f"plain{suffix}") == (Provenance() if has_a_place else None)
    with pytest.raises(SourceError, match=f"can't read .*absent{suffix}"):
        load_provenance(tmp_path / f"absent{suffix}")


def test_the_provenance_of_a_file_comes_from_its_results(tmp_path, suffix, make_results):
    path, made = tmp_path / f"walk{suffix}", Provenance(model="full", options={"num_poses": 2})
    results = [replace(result, provenance=made) for result in make_results(0, 2)]
    save_results(results, path)
    assert load_provenance(path) == made
    assert [result.provenance for result in load_results(path)] == [made, made]
    assert [result.provenance for result in iter_results(path)] == [made, made]
    given = Provenance(model="lite")
    save_results(results, path, provenance=given)
    assert load_provenance(path) == given


@pytest.mark.parametrize("indent", [None, 2])
def test_the_provenance_of_a_reformatted_document_is_read(tmp_path, make_results, indent):
    path = tmp_path / "walk.json"
    save_results(make_results(1, 2), path, provenance=Provenance(model="full"))
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=indent))
    assert load_provenance(path) == Provenance(model="full")
    assert load_results(path) == make_results(1, 2)


def test_the_source_is_in_the_provenance_without_its_credentials(tmp_path, suffix, make_results):
    class Camera:
        name = "http://user:secret@127.0.0.1/video?pwd=secret"
        fps, wh, path = 25.0, (64, 48), None

    path = tmp_path / f"walk{suffix}"
    given = Provenance(model="lite")
    for provenance in (None, given):
        with open_output(path, source=Camera(), provenance=provenance) as sink:
            sink.write(make_results(1)[0])
        found = load_provenance(path)
        assert (found.source, found.fps, found.wh) == ("http://127.0.0.1/video", 25.0, (64, 48))
        assert found.model == (provenance and "lite")
    assert given.source is None


def test_a_provenance_of_a_newer_version_can_be_read(tmp_path, make_results):
    path = tmp_path / "walk.csv"
    save_results(make_results(1), path, provenance=Provenance(model="full"))
    beside = tmp_path / "walk.csv.meta.json"
    document = json.loads(beside.read_text())
    document["provenance"]["lens"] = "wide"
    beside.write_text(json.dumps(document | {"cameras": []}))
    assert load_provenance(path) == Provenance(model="full")


# --- tables that a user has edited ---


@pytest.fixture(params=[".csv", ".parquet", ".wide.parquet"])
def edited(request, tmp_path, make_results):
    """Write results of three frames, edit the table with pandas, and load it."""
    pandas = pytest.importorskip("pandas")
    if request.param.endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="needs vitruvian[parquet]")
    path = tmp_path / f"walk{request.param}"

    def edit(results, change, load=load_results):
        save_results(results, path)
        if path.suffix == ".parquet":
            pandas.read_parquet(path).pipe(change).to_parquet(path)
        else:
            change(pandas.read_csv(path)).to_csv(path, index=False)
        return list(load(path))

    return edit


def assert_alike(results, others):
    """Assert equal frames and people, with numbers to the precision that pandas keeps in a CSV."""
    assert len(results) == len(others)
    for one, other in zip(results, others, strict=True):
        assert replace(one, poses=()) == replace(other, poses=())
        assert [pose.id for pose in one] == [pose.id for pose in other]
        for pose, twin in zip(one, other, strict=True):
            assert pose.score == pytest.approx(twin.score)
            assert pose.roi.corners == pytest.approx(twin.roi.corners)
            for q in QUANTITIES:
                values = getattr(pose, q.name), getattr(twin, q.name)
                assert (values[0] is None) == (values[1] is None)
                if values[0] is not None:
                    np.testing.assert_allclose(*values, rtol=1e-6)


def only(results, number):
    """The results with this person, without other people."""
    alone = [replace(r, poses=tuple(p for p in r if p.id == number)) for r in results]
    return [result for result in alone if result.poses]


def test_the_rows_of_one_id_give_its_frames(edited, make_results):
    results = make_results(2, 3, 0, 1, 2)
    for load in (load_results, iter_results):
        assert_alike(edited(results, lambda t: t[t["id"] == 1], load), only(results, 1))


def test_rows_sorted_by_id_give_every_frame_with_its_people_in_order(edited, make_results):
    results = make_results(2, 3, 0, 1, 3)
    assert_alike(edited(results, lambda t: t.sort_values(["id", "frame_index"])), results)
    assert_alike(edited(results, lambda t: t.sort_values("score")), results)
    assert_alike(edited(results, lambda t: t[::-1]), results)
    with pytest.raises(SourceError, match="rows must be in the order of frame_index"):
        edited(results, lambda t: t.sort_values(["id", "frame_index"]), iter_results)


def test_a_table_of_every_second_frame_gives_these_frames(edited, make_results):
    results = make_results(2, 0, 3, 1, 2, 1)
    for load in (load_results, iter_results):
        kept = edited(results, lambda t: t[t["frame_index"] % 2 == 1], load)
        assert_alike(kept, results[::2])


def test_without_the_rows_of_empty_frames_the_other_frames_remain(edited, make_results):
    results = make_results(0, 2, 0, 1)
    kept = edited(results, lambda t: t.dropna(subset=["person"]))
    assert_alike(kept, [results[1], results[3]])


def test_columns_may_be_added_moved_and_left_out_if_they_are_optional(edited, make_results):
    results = with_optional(make_results(2, 0, 3))
    plain = [replace(r, poses=tuple(replace(p, camera=None) for p in r.poses)) for r in results]

    def change(table):
        table = table[[name for name in reversed(table.columns) if "camera" not in name]].copy()
        return table.assign(speed=1.5, nose_colour="red", ankle_camera_x=3)

    assert_alike(edited(results, change), plain)
    with pytest.raises(SourceError, match=r"it has no column '(nose_)?world_x'"):
        edited(results, lambda t: t.drop(columns=["nose_world_x", "world_x"], errors="ignore"))
    with pytest.raises(SourceError, match=r"person must be a whole number, got 0\.5"):
        edited(results, lambda t: t.assign(person=0.5))
    with pytest.raises(SourceError, match="a row has no timestamp_us"):
        edited(results, lambda t: t.assign(timestamp_us=None))


def test_a_csv_gets_columns_for_a_quantity_that_comes_later(tmp_path, make_results):
    plain = make_results(0, 2, 1, 1, 2)
    results = with_optional(plain)
    spread = [replace(r, poses=tuple(replace(p, camera=None) for p in r)) for r in results]
    mixed = [*plain[:2], spread[2], results[3], spread[4]]
    path = write(tmp_path / "walk.csv", mixed)
    assert load_results(path) == mixed
    assert path.read_text() == write(tmp_path / "b.csv", [results[3], *mixed]).read_text().replace(
        "\n" + (tmp_path / "b.csv").read_text().splitlines()[1], "", 1
    )
    assert not [name for name in tmp_path.iterdir() if name.name.startswith(".")]


def test_a_csv_that_cannot_get_more_columns_keeps_its_frames(tmp_path, make_results, monkeypatch):
    plain = make_results(1, 2)
    later = with_optional(make_results(1, 1))[1]

    def no_draft(path):
        raise OSError(28, "No space left on device")

    sink = open_output(tmp_path / "a.csv")
    for result in plain:
        sink.write(result)
    monkeypatch.setattr("vitruvian.export.csv_file.Draft", no_draft)
    with pytest.raises(SinkError, match="No space left"):
        sink.write(later)
    assert load_results(tmp_path / "a.partial.csv") == plain
    assert [path.name for path in tmp_path.iterdir()] == ["a.partial.csv"]


def test_a_csv_that_begins_with_empty_frames_keeps_them(tmp_path, make_results):
    results = with_optional(make_results(0, 0, 0, 2, 0))
    for end in (2, 3, 4, 5):
        path = write(tmp_path / "walk.csv", results[:end])
        assert load_results(path) == results[:end]
        cut = [*results[:end], None]
        with pytest.raises((AttributeError, TypeError)):
            write(tmp_path / "cut.csv", cut)
        assert load_results(tmp_path / "cut.partial.csv") == results[:end]


def test_an_npz_may_have_other_arrays(tmp_path, make_results):
    results = with_optional(make_results(2, 0))
    path = write(tmp_path / "walk.npz", results)
    arrays = dict(np.load(path))
    np.savez(path, **arrays, heat=np.zeros(3))
    assert load_results(path) == results
    del arrays["world"]
    np.savez(path, **arrays)
    with pytest.raises(SourceError, match="it has no array 'world'"):
        load_results(path)


# --- content of each format ---


def test_the_round_trip_of_extreme_floats_is_exact(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    info = np.finfo(np.float32)
    values = [info.tiny, info.smallest_subnormal, info.max, -0.0, 1 / 3, 16_777_217, 0.1]
    landmarks = np.resize(np.array(values, np.float32), (33, 3))
    pose = replace(result.pose, landmarks=landmarks, score=0.1 + 0.2)
    path = write(tmp_path / f"walk{suffix}", [replace(result, poses=(pose,))])
    loaded = load_results(path)[0].pose
    assert loaded.landmarks.tobytes() == landmarks.tobytes()
    assert loaded.score == 0.1 + 0.2


def test_missing_values_are_read_as_nan(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    landmarks = result.pose.landmarks.copy()
    landmarks[3] = np.nan
    pose = replace(result.pose, landmarks=landmarks, world=np.full((33, 3), np.nan))
    path = write(tmp_path / f"walk{suffix}", [replace(result, poses=(pose,))])
    loaded = load_results(path)[0].pose
    np.testing.assert_array_equal(loaded.landmarks, landmarks)
    assert np.isnan(loaded.world).all()


def test_a_score_that_is_nan_comes_back(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    result = replace(result, poses=(replace(result.poses[0], score=np.nan),))
    save_results([result], tmp_path / f"poses{suffix}")
    assert load_results(tmp_path / f"poses{suffix}") == [result]
    if suffix in (".json", ".jsonl"):
        assert '"score":null' in (tmp_path / f"poses{suffix}").read_text()


def test_numbers_of_numpy_are_written_as_numbers(tmp_path, suffix, make_results):
    (result,) = make_results(1)
    expected = replace(result, poses=(replace(result.poses[0], id=7),))
    of_numpy = PoseResult(
        np.int64(result.frame_index),
        np.int64(result.timestamp_us),
        np.int32(result.width),
        np.int32(result.height),
        (replace(result.poses[0], id=np.int64(7)),),
    )
    save_results([of_numpy], tmp_path / f"poses{suffix}")
    assert load_results(tmp_path / f"poses{suffix}") == [expected]


def test_frames_with_equal_numbers_stay_apart(tmp_path, suffix, make_results):
    (result,) = make_results(2)
    path = write(tmp_path / f"photos{suffix}", [result, result])
    assert load_results(path) == [result, result]


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
    assert list(first) == ["frame_index", "timestamp_us", "width", "height", "poses"]
    quantities = ["landmarks", "visibility", "presence", "world"]
    assert list(first["poses"][0]) == ["id", "score", *quantities, "roi"]
    assert list(first["poses"][0]["roi"]) == ["center", "wh", "rotation"]
    for name in ("landmarks", "world"):
        assert [len(landmark) for landmark in first["poses"][0][name]] == [3] * 33
    assert len(first["poses"][0]["visibility"]) == len(first["poses"][0]["presence"]) == 33
    assert second["poses"] == []
    assert not any(" " in line for line in lines)


def test_json_is_one_document_with_the_skeleton(tmp_path, make_results):
    results = make_results(1, 0, 2)
    document = json.loads(write(tmp_path / "walk.json", results).read_bytes())
    assert list(document) == ["format", "version", "provenance", "skeleton", "frames"]
    assert document["skeleton"]["names"] == list(BLAZEPOSE.names)
    assert list(map(tuple, document["skeleton"]["connections"])) == list(BLAZEPOSE.connections)
    assert document["frames"] == [r.to_dict(extras=False) for r in results]


def test_csv_has_one_row_for_each_person_of_each_frame(tmp_path, make_results):
    results = make_results(2, 0)
    with write(tmp_path / "walk.csv", results).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["frame_index"], row["person"], row["id"]) for row in rows] == [
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
    assert load_results(path) == results


def test_a_wide_parquet_is_the_table_of_the_csv_with_types(tmp_path, make_results):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs vitruvian[parquet]")
    results = make_results(2, 0)
    table = pq.read_table(write(tmp_path / "walk.wide.parquet", results))
    with write(tmp_path / "walk.csv", results).open(newline="") as lines:
        assert table.column_names == next(csv.reader(lines))
    assert str(table.schema.field("timestamp_us").type) == "int64"
    assert str(table.schema.field("nose_x").type) == "float"
    assert table["person"].to_pylist() == [0, 1, None]
    assert table["nose_x"].to_pylist() == [*(float(p["nose"].x) for p in results[0]), None]


def test_a_parquet_has_a_list_for_each_component_of_the_landmarks(tmp_path, make_results):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs vitruvian[parquet]")
    results = make_results(2, 0)
    table = pq.read_table(write(tmp_path / "walk.parquet", results))
    assert table.column_names[-8:] == list(list_columns_of(REQUIRED)) == [
        *("x", "y", "z", "visibility", "presence"), *("world_x", "world_y", "world_z"),
    ]  # fmt: skip
    assert str(table.schema.field("world_x").type).startswith("list<")
    assert table["world_y"].to_pylist() == [*(p.world[:, 1].tolist() for p in results[0]), None]
    assert pq.read_metadata(tmp_path / "walk.parquet").serialized_size < 10_000


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


def test_an_invalid_npz_is_an_error_without_advice_on_pickles(tmp_path):
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


def test_a_pyarrow_that_needs_another_numpy_is_a_one_line_error(tmp_path, monkeypatch):
    text = "pyarrow requires NumPy 2.0 or newer, found 1.26.4"

    def import_module(name):
        raise ImportError(text)

    monkeypatch.setattr("vitruvian.export.import_module", import_module)
    with pytest.raises(BackendUnavailableError, match=f"parquet can't be used: {text}"):
        open_output(tmp_path / "walk.parquet")


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
    path.write_text('{"format": "vitruvian", "version": 3}')
    with pytest.raises(SourceError, match="version must be 2, got 3"):
        load_results(path)
