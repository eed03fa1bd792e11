"""Small files that state or expand to very much data: a one-line error in bounded memory."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest

from vitruvian import load_results, save_results
from vitruvian.errors import SourceError

LIMIT_MB = 250  # of additional memory

LOAD = """
import resource, sys
import numpy, zipfile
import vitruvian
from vitruvian.errors import SourceError
suffix = sys.argv[1].rpartition(".")[2]
if suffix == "parquet":
    import pyarrow.parquet
def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak_mb()
try:
    vitruvian.load_results(sys.argv[1])
except SourceError as error:
    print(str(error))
print(peak_mb() - before)
"""


def error_and_memory(path):
    """Return the error of reading `path`, and the memory that it took, in MB."""
    command = [sys.executable, "-c", LOAD, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    error, memory_mb = done.stdout.splitlines()
    return error, float(memory_mb)


def packed_mask(n_bytes, hw):
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(2**20)) for _ in range(n_bytes // 2**20))
    return {"hw": hw, "zlib_float32": base64.b64encode(data + packed.flush()).decode()}


def result_with(make_results, mask):
    data = make_results(1)[0].to_dict()
    data["poses"][0]["mask"] = mask
    return data


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
@pytest.mark.parametrize("hw", [[48, 64], [1, 1]])
def test_a_mask_that_expands_beyond_its_size(tmp_path, make_results, suffix, hw):
    data = result_with(make_results, packed_mask(2**30, hw))
    path = tmp_path / f"bomb{suffix}"
    if suffix == ".json":
        save_results([], path)
        data = json.loads(path.read_text()) | {"frames": [data]}
    path.write_text(json.dumps(data) + "\n")
    assert path.stat().st_size < 2e6
    error, memory_mb = error_and_memory(path)
    assert f"a mask does not hold the {hw[1]} x {hw[0]} px that it states" in error
    assert memory_mb < LIMIT_MB


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hw": [48, 65]}, "a mask does not hold the 65 x 48 px"),
        ({"hw": [0, 0]}, "a mask must have 1 to 268435456 px, got 0 x 0"),
        ({"hw": [10**6, 10**6]}, "a mask must have 1 to"),
        ({"hw": [-48, -64]}, "a mask must have 1 to"),
        ({"hw": ["48", 64]}, "hw of a mask must be a whole number"),
        ({"hw": None}, "NoneType"),
        ({"zlib_float32": "AAAA"}, "a mask is damaged"),
        ({"zlib_float32": "é"}, "ASCII"),
        ({"zlib_float32": ""}, "a mask does not hold"),
    ],
)
def test_a_damaged_mask_is_an_error(tmp_path, make_results, change, message):
    (result,) = make_results(1)
    pose = replace(result.pose, mask=np.random.default_rng(0).random((48, 64), np.float32))
    data = replace(result, poses=(pose,)).to_dict()
    path = tmp_path / "walk.jsonl"
    path.write_text(json.dumps(data))
    np.testing.assert_array_equal(load_results(path)[0].pose.mask, pose.mask)
    data["poses"][0]["mask"] |= change
    path.write_text(json.dumps(data))
    with pytest.raises(SourceError, match=f"line 1 is not .* a frame: .*{message}"):
        load_results(path)


def header(shape, dtype="<f4"):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    return file.getvalue()


@pytest.mark.parametrize("shape", [(10**12, 1, 33, 3), (10**5, 20, 33, 3), (2, 2**62), (-1, 3)])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_array_that_states_more_than_it_has(tmp_path, make_results, shape, compression):
    path, bomb = tmp_path / "walk.npz", tmp_path / "bomb.npz"
    save_results(make_results(1, 1), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w", compression) as new:
        for name in old.namelist():
            content = header(shape) + bytes(792) if name == "landmarks.npy" else old.read(name)
            new.writestr(name, content)
    error, memory_mb = error_and_memory(bomb)
    assert "array 'landmarks' does not hold the" in error
    assert memory_mb < LIMIT_MB


def test_an_array_that_expands_a_thousandfold(tmp_path, make_results):
    path, bomb = tmp_path / "walk.npz", tmp_path / "bomb.npz"
    save_results(make_results(1, 1), path)
    n = 3_000_000
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "landmarks.npy":
                new.writestr(name, old.read(name))
        with new.open("landmarks.npy", "w") as member:
            member.write(header((n, 1, 33, 3)))
            for _ in range(n // 10_000):
                member.write(bytes(10_000 * 99 * 4))
    assert bomb.stat().st_size < 2e6
    error, memory_mb = error_and_memory(bomb)
    assert "it states more than 100 times its size: array 'landmarks'" in error
    assert memory_mb < LIMIT_MB


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_array_in_a_denser_compression_is_refused(tmp_path, make_results, compression):
    path, bomb = tmp_path / "walk.npz", tmp_path / "bomb.npz"
    save_results(make_results(1), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(SourceError, match="is compressed in an unknown way"):
        load_results(bomb)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_that_numpy_has_saved_are_read(tmp_path, make_results, save):
    path, results = tmp_path / "walk.npz", make_results(2, 0, 1)
    save_results(results, path)
    arrays = dict(np.load(path))
    fortran = {name: np.asfortranarray(array) for name, array in arrays.items()}
    for version in (arrays, fortran, {n: a for n, a in arrays.items() if n != "names"}):
        save(path, **version)
        assert load_results(path) == results
    save(path, **arrays | {"world": arrays["world"].astype(object)})
    with pytest.raises(SourceError, match="array 'world' does not hold"):
        load_results(path)


def test_a_column_that_states_more_than_its_rows(tmp_path, make_results):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "walk.parquet"
    save_results(make_results(1), path)
    table = pq.read_table(path)
    zeros = pa.array(np.zeros(10**8, np.float32))
    lists = pa.LargeListArray.from_arrays(pa.array([0, len(zeros)]), zeros)
    at = table.column_names.index("x")
    pq.write_table(table.set_column(at, "x", lists), path, compression="zstd")
    assert path.stat().st_size < 1e6
    error, memory_mb = error_and_memory(path)
    assert "column 'x' states 100000000 numbers in 1 rows" in error
    assert memory_mb < LIMIT_MB
    text = pa.array(["1" + "0" * 10**8])
    pq.write_table(table.set_column(0, "frame_index", text), path, compression="zstd")
    error, memory_mb = error_and_memory(path)
    assert "column 'frame_index' states 1 numbers" in error
    assert memory_mb < LIMIT_MB


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_a_deeply_nested_document_is_an_error(tmp_path, suffix):
    path = tmp_path / f"deep{suffix}"
    path.write_text("[" * 200_000 + "]" * 200_000)
    with pytest.raises(SourceError, match=r"recursion|nested|it is not a file of poses"):
        load_results(path)


def test_memory_that_there_is_not_is_an_error(tmp_path, make_results, monkeypatch):
    save_results(make_results(1), tmp_path / "walk.npz")

    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(np, "frombuffer", no_memory)
    with pytest.raises(SourceError, match=r"walk.npz': it needs too much memory"):
        load_results(tmp_path / "walk.npz")
