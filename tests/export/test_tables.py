"""Tables that another program has changed and saved again: right frames, or a clear error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vitruvian import PoseSequence, iter_results, load_provenance, load_results, save_results
from vitruvian.errors import SourceError

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

PEOPLE = (2, 3, 0, 1, 3, 2)


@pytest.fixture
def results(make_results):
    return make_results(*PEOPLE)


@pytest.fixture
def table(tmp_path, results):
    """The table of the results, which are also in ``walk.csv``."""
    save_results(results, tmp_path / "walk.csv")
    return PoseSequence.from_results(results).to_dataframe("pandas")


CSV = {
    "an index": {"index": True},
    "a word for a missing cell": {"na_rep": "NA"},
    "pandas' own word": {"na_rep": "<NA>"},
    "a word of SQL": {"na_rep": "NULL"},
    "semicolons and decimal commas": {"sep": ";", "decimal": ","},
    "semicolons": {"sep": ";"},
    "tabs": {"sep": "\t"},
    "quotes": {"quoting": 1},
    "quotes and decimal commas": {"quoting": 1, "decimal": ","},
    "a byte order mark and line ends of Windows": {
        "encoding": "utf-8-sig",
        "lineterminator": "\r\n",
    },
    "UTF-16": {"encoding": "utf-16", "sep": "\t"},
}


@pytest.mark.parametrize("options", CSV.values(), ids=CSV.keys())
@pytest.mark.parametrize("load", [load_results, lambda path: list(iter_results(path))])
def test_a_csv_of_another_dialect_has_the_same_results(tmp_path, results, table, options, load):
    table.to_csv(tmp_path / "b.csv", **({"index": False} | options))
    assert load(tmp_path / "b.csv") == results


def test_whole_numbers_may_be_floats_and_words(tmp_path, results, table):
    path = tmp_path / "b.csv"
    table.astype(float).to_csv(path, index=False)
    assert load_results(path) == results
    words = table.assign(person=table["person"].map({0: "False", 1: "True", 2: 2}))
    words.to_csv(path, index=False)
    assert load_results(path) == results
    polars.read_csv(tmp_path / "walk.csv", infer_schema=False).write_csv(path, null_value="null")
    assert load_results(path) == results


def test_a_spreadsheet_may_add_a_line_blanks_and_empty_rows(tmp_path, results, table):
    path = tmp_path / "b.csv"
    named = table.rename(columns=lambda name: f" {name} ").assign(größe="groß")
    named.to_csv(path, index=False, sep=";", encoding="cp1252")
    content = path.read_bytes()
    path.write_bytes(b"sep=;\r\n" + content + b";" * len(table.columns) + b"\r\n")
    assert load_results(path) == results


def sequence_of(path):
    return PoseSequence.from_results(load_results(path))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".wide.parquet"])
def test_a_thinned_table_of_one_person_has_its_frames_times_and_id(tmp_path, make_results, suffix):
    results = make_results(*[2, 3, 0] * 20)
    path, changed = tmp_path / f"walk{suffix}", tmp_path / f"b{suffix}"
    save_results(results, path)
    frame = polars.read_csv(path) if suffix == ".csv" else polars.read_parquet(path)
    frame = frame.sort("id", "score").filter(
        (polars.col("id") == 1) & (polars.col("frame_index") % 2 == 1)
    )
    frame.write_csv(changed) if suffix == ".csv" else frame.write_parquet(changed)
    wanted = [r for r in results if len(r) > 1 and r.frame_index % 2 == 1]
    sequence = sequence_of(changed)
    assert sequence.frame_indices.tolist() == [r.frame_index for r in wanted]
    assert sequence.timestamps_us.tolist() == [r.timestamp_us for r in wanted]
    assert sequence.ids.tolist() == [1]
    np.testing.assert_array_equal(
        sequence.person(1).landmarks, [r.poses[1].landmarks for r in wanted]
    )


@pytest.mark.parametrize("suffix", [".parquet", ".wide.parquet"])
@pytest.mark.parametrize("load", [load_results, lambda path: list(iter_results(path))])
def test_a_parquet_of_another_program_has_the_same_results(tmp_path, results, suffix, load):
    path, changed = tmp_path / f"walk{suffix}", tmp_path / f"b{suffix}"
    save_results(results, path)
    frame = pandas.read_parquet(path)
    whole = ["frame_index", "timestamp_us", "person", "id"]
    for version in (
        frame,
        frame.iloc[:, ::-1].assign(speed=1.0),
        frame.set_index(["frame_index", "person"]),
        frame.convert_dtypes(),
        frame.astype(dict.fromkeys(whole, "float64")),
        frame.astype(dict.fromkeys(whole, "category")),
        frame.astype(dict.fromkeys(whole, "str")),
    ):
        version.to_parquet(changed)
        assert load(changed) == results
    frame = polars.read_parquet(path)
    for version in (frame, frame.with_columns(polars.col("id", "person").cast(polars.UInt8))):
        version.write_parquet(changed)
        assert load(changed) == results
    table = pq.read_table(path).replace_schema_metadata(None)
    pq.write_table(table, changed)
    assert load(changed) == results
    assert load_provenance(changed) is None


def test_lists_may_be_of_any_kind(tmp_path, results):
    path, changed = tmp_path / "walk.parquet", tmp_path / "b.parquet"
    save_results(results, path)
    table = pq.read_table(path)
    for kind in (pa.list_(pa.float64()), pa.large_list(pa.float32()), pa.list_(pa.string())):
        cells = table["x"].cast(kind)
        at = table.column_names.index("x")
        pq.write_table(table.set_column(at, "x", cells), changed)
        assert load_results(changed) == results
    frame = polars.read_parquet(path)
    frame.with_columns(polars.col("y").cast(polars.Array(polars.Float64, 33))).write_parquet(
        changed
    )
    assert load_results(changed) == results


def test_lists_of_another_length_are_an_error(tmp_path, results):
    path = tmp_path / "walk.parquet"
    save_results(results, path)
    frame = pandas.read_parquet(path)
    frame.assign(x=frame["x"].map(lambda v: None if v is None else v[:5])).to_parquet(path)
    with pytest.raises(SourceError, match=r"'x' must hold lists of 33 numbers, got lists of \[5\]"):
        load_results(path)
    frame.assign(x=frame["score"]).to_parquet(path)
    with pytest.raises(SourceError, match="'x' must hold lists of 33 numbers, got double"):
        load_results(path)
    frame.drop(columns="x").to_parquet(path)
    with pytest.raises(SourceError, match="it has no column 'x'"):
        load_results(path)


def test_a_table_without_any_pose_keeps_its_frames(tmp_path, make_results):
    path, changed = tmp_path / "walk.parquet", tmp_path / "b.parquet"
    results = make_results(0, 1, 0)
    save_results(results, path)
    frame = pandas.read_parquet(path)
    frame[frame["person"].isna()].to_parquet(changed)
    assert load_results(changed) == [results[0], results[2]]
    frame[:0].to_parquet(changed)
    assert load_results(changed) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nose_x": "left"}, r"line 2: nose_x must be a number, got 'left'"),
        ({"frame_index": "3.5"}, r"line 2: frame_index must be a whole number, got 3\.5"),
        ({"frame_index": "inf"}, r"line 2: frame_index must be a whole number, got inf"),
        ({"timestamp_us": "1e30"}, r"line 2: timestamp_us must be a whole number, got 1e\+30"),
        ({"roi_width": ""}, r"line 2: a row with a person has no roi_width"),
        ({"roi_width": "0"}, r"line 2: roi width and height must be positive"),
        ({"width": ""}, r"line 2: a row has no width"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(tmp_path, table, change, message):
    table.astype(str).replace(["nan", "<NA>"], "").assign(**change).to_csv(
        tmp_path / "b.csv", index=False
    )
    with pytest.raises(SourceError, match=message):
        load_results(tmp_path / "b.csv")


def test_a_column_that_occurs_twice_is_an_error(tmp_path, table):
    path = tmp_path / "b.csv"
    pandas.concat([table, table["id"]], axis=1).to_csv(path, index=False)
    with pytest.raises(SourceError, match="it has several columns 'id'"):
        load_results(path)


def test_times_in_another_type_are_an_error(tmp_path, results):
    path = tmp_path / "walk.parquet"
    save_results(results, path)
    frame = pandas.read_parquet(path)
    frame["timestamp_us"] = pandas.to_timedelta(frame["timestamp_us"], unit="us")
    frame.to_parquet(path)
    with pytest.raises(SourceError, match="'timestamp_us' must hold numbers, got duration"):
        load_results(path)


def test_frames_of_two_videos_are_not_mixed(tmp_path, make_results):
    one = make_results(2, 2)
    other = [replace(result, timestamp_us=5 + result.timestamp_us) for result in one]
    ones = [replace(r, poses=r.poses[:1]) for r in one]
    others = [replace(r, poses=r.poses[1:]) for r in other]
    path = tmp_path / "walk.csv"
    save_results([ones[0], others[0], ones[1], others[1]], path)
    assert load_results(path) == [ones[0], others[0], ones[1], others[1]]


def test_repeated_frames_with_rows_apart_are_an_error(tmp_path, table):
    path = tmp_path / "b.csv"
    pandas.concat([table, table[:1]]).sort_values("id").to_csv(path, index=False)
    with pytest.raises(SourceError, match="a frame_index is repeated: the rows of each frame must"):
        load_results(path)
    pandas.concat([table, table]).to_csv(path, index=False)
    assert [r.frame_index for r in load_results(path)] == [3, 4, 5, 6, 7, 8] * 2


def test_lines_that_another_program_has_saved_are_read(tmp_path, results):
    path = tmp_path / "walk.jsonl"
    save_results(results, path)
    frame = pandas.read_json(path, lines=True, precise_float=True)
    path.write_text(frame.astype({"frame_index": float}).to_json(orient="records", lines=True))
    loaded = load_results(path)
    assert [(r.frame_index, r.timestamp_us, len(r)) for r in loaded] == [
        (r.frame_index, r.timestamp_us, len(r)) for r in results
    ]
    assert [[p.id for p in r] for r in loaded] == [[p.id for p in r] for r in results]
    save_results(results, path)
    polars.read_ndjson(path).reverse().write_ndjson(path)
    assert load_results(path) == results
    save_results(results, path)
    text = path.read_text()
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode())
    assert load_results(path) == results


@pytest.mark.parametrize("suffix", [".parquet", ".wide.parquet"])
@pytest.mark.parametrize("step", [1, 2])
def test_an_index_that_pandas_stores_as_a_range_is_a_column(tmp_path, make_results, suffix, step):
    results = make_results(1, 1, 1, 1, 1)
    path = tmp_path / f"b{suffix}"
    save_results(results, path)
    frame = pandas.read_parquet(path)[::step]
    frame.index = pandas.RangeIndex(3, 8, step, name="frame_index")
    frame.drop(columns="frame_index").to_parquet(path)
    assert "frame_index" not in pq.read_schema(path).names
    assert load_results(path) == results[::step]
    pq.write_table(pq.read_table(path).slice(1), path)  # the range is not that of these rows
    with pytest.raises(SourceError, match="it has no column 'frame_index'"):
        load_results(path)
