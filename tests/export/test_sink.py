"""Rules of all output files: names, errors, and the frames that are kept after an error."""

from __future__ import annotations

import errno
import os
import re
import resource
import subprocess
from contextlib import ExitStack, contextmanager
from functools import partial

import numpy as np
import pytest

from vitruvian import (
    Frame,
    Provenance,
    load_provenance,
    load_results,
    open_output,
    save_results,
)
from vitruvian.errors import SinkError
from vitruvian.export import SUFFIXES
from vitruvian.export.sink import FileSink, SinkGroup
from vitruvian.export.spool import SpooledWriter

DATA = (".jsonl", ".json", ".csv", ".parquet", ".npz")
KEPT_SUFFIX = {".parquet": ".jsonl", ".npz": ".jsonl"}  # the others have their own tests


@pytest.fixture(params=DATA)
def suffix(request):
    if request.param == ".parquet":
        pytest.importorskip("pyarrow", reason="needs vitruvian[parquet]")
    return request.param


@contextmanager
def file_size_limit(size):
    """Limit files of this process to `size` bytes, as on a full disk.

    Use it within a test only: if the output of pytest is a file, it is limited too.
    """
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def write(results, *paths, then=lambda: None):
    with open_output(*paths) as sink:
        for result in results:
            sink.write(result)
        then()


def fail(error):
    raise error


def dicts(results):
    return [result.to_dict() for result in results]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def frame_of(result):
    image = np.full((result.height, result.width, 3), 128, np.uint8)
    return Frame(image, result.timestamp_us, result.frame_index)


def test_a_file_has_its_name_only_when_it_is_complete(tmp_path, suffix, make_results):
    path = tmp_path / f"walk{suffix}"
    with open_output(path) as sink:
        for result in make_results(1, 2):
            sink.write(result)
        assert not path.exists()
    assert names(tmp_path) == [f"walk{suffix}"]


def test_an_existing_file_stays_until_the_new_one_is_complete(tmp_path, make_results):
    path = tmp_path / "walk.csv"
    path.write_text("old")
    with open_output(path) as sink:
        sink.write(make_results(1)[0])
        assert path.read_text() == "old"
    assert len(load_results(path)) == 1


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    open_output(tmp_path / "walk.csv").close()
    assert (tmp_path / "walk.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_is_followed(tmp_path, make_results):
    (tmp_path / "disk").mkdir()
    (tmp_path / "walk.csv").symlink_to(tmp_path / "disk" / "real.csv")
    with open_output(tmp_path / "walk.csv") as sink:
        sink.write(make_results(1)[0])
    assert (tmp_path / "walk.csv").is_symlink()
    assert names(tmp_path / "disk") == ["real.csv"]


def write_and_fail(sink, results):
    for result in results:
        sink.write(result)
    raise ZeroDivisionError


LINES = pytest.mark.parametrize("suffix", [".csv", ".jsonl"])


@LINES
def test_a_file_of_lines_has_its_provenance_beside_it(tmp_path, suffix, make_results):
    provenance = Provenance(model="full", options={"num_poses": 2})
    with open_output(tmp_path / f"walk{suffix}", provenance=provenance) as sink:
        sink.write(make_results(1)[0])
        assert names(tmp_path)[0].endswith(".tmp")
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == [f"walk{suffix}", f"walk{suffix}.meta.json"]
    assert load_provenance(tmp_path / f"walk{suffix}") == provenance


@LINES
def test_the_provenance_of_a_link_is_beside_the_file(tmp_path, suffix, make_results):
    (tmp_path / "disk").mkdir()
    link = tmp_path / f"walk{suffix}"
    link.symlink_to(tmp_path / "disk" / f"real{suffix}")
    save_results(make_results(1), link, provenance=Provenance(model="full"))
    assert names(tmp_path / "disk") == [f"real{suffix}", f"real{suffix}.meta.json"]
    assert load_provenance(link) == Provenance(model="full")


@LINES
def test_the_provenance_of_an_earlier_file_does_not_stay(tmp_path, suffix, make_results):
    path = tmp_path / f"walk{suffix}"
    save_results(make_results(1), path, provenance=Provenance(model="lite"))
    save_results(make_results(1), path, provenance=Provenance(model="full"))
    assert load_provenance(path).model == "full"
    save_results(make_results(1), path)
    assert load_provenance(path) is None
    assert names(tmp_path) == [f"walk{suffix}"]


def test_a_partial_file_has_its_provenance(tmp_path, suffix, make_results):
    provenance = Provenance(model="lite")
    path = tmp_path / f"walk{suffix}"
    with pytest.raises(ZeroDivisionError), open_output(path, provenance=provenance) as sink:
        write_and_fail(sink, make_results(1))
    kept = tmp_path / f"walk.partial{KEPT_SUFFIX.get(suffix, suffix)}"
    beside = [f"{kept.name}.meta.json"] if kept.suffix in (".csv", ".jsonl") else []
    assert names(tmp_path) == [kept.name, *beside]
    assert load_provenance(kept) == provenance


def test_without_frames_an_error_leaves_no_provenance(tmp_path, suffix):
    with (
        pytest.raises(ZeroDivisionError),
        open_output(tmp_path / f"walk{suffix}", provenance=Provenance()),
    ):
        raise ZeroDivisionError
    assert names(tmp_path) == []


@LINES
def test_a_provenance_that_cannot_be_written_is_a_separate_error(tmp_path, suffix, make_results):
    path, beside = tmp_path / f"walk{suffix}", tmp_path / f"walk{suffix}.meta.json"
    beside.mkdir()
    message = rf"walk{suffix}.meta.json': it exists and is not a file; .*walk{suffix}' is complete"
    with pytest.raises(SinkError, match=message):
        save_results(make_results(1), path, provenance=Provenance())
    assert load_results(path) == make_results(1)
    with pytest.raises(SinkError, match=rf"walk{suffix}.meta.json': .*walk{suffix}' is complete"):
        save_results(make_results(1), path)


def test_the_suffix_may_be_in_capitals(tmp_path, make_results):
    results = make_results(1)
    with open_output(tmp_path / "WALK.CSV") as sink:
        sink.write(results[0])
    assert dicts(load_results(tmp_path / "WALK.CSV")) == dicts(results)


def test_several_paths_get_the_same_results(tmp_path, make_results):
    results = make_results(1, 0, 2)
    paths = [tmp_path / f"walk{suffix}" for suffix in (".csv", ".json", ".jsonl", ".npz")]
    with open_output(*paths) as sink:
        for result in results:
            sink.write(result)
    for path in paths:
        assert dicts(load_results(path)) == dicts(results)


def test_close_completes_without_a_with_block(tmp_path, make_results):
    sink = open_output(tmp_path / "a.csv", tmp_path / "b.jsonl")
    sink.write(make_results(1)[0])
    sink.close()
    sink.close()
    assert names(tmp_path) == ["a.csv", "b.jsonl"]


@pytest.mark.parametrize("name", ["walk.csv", "walk.png", "{frame}.png"])
def test_a_closed_sink_takes_no_more(tmp_path, make_results, name):
    (result,) = make_results(1)
    with open_output(tmp_path / name) as sink:
        sink.write(result, frame_of(result))
    with pytest.raises(ValueError, match=r"the sink of '.*' is closed"):
        sink.write(result, frame_of(result))


@pytest.mark.parametrize("name", ["walk", "walk.txt", "walk.csv.gz", ".csv"])
def test_an_unknown_suffix_lists_the_known_ones(tmp_path, name):
    listed = re.escape(", ".join(SUFFIXES))
    with pytest.raises(ValueError, match=f"suffix must be one of {listed}, got '.*{name}'"):
        open_output(tmp_path / "good.csv", tmp_path / name)
    with pytest.raises(ValueError, match=r"one of .csv, .json, .jsonl, .npz, .parquet, got"):
        load_results(tmp_path / name)
    assert names(tmp_path) == []


def test_no_path_or_one_path_twice_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="at least one"):
        open_output()
    with pytest.raises(ValueError, match="different"):
        open_output(tmp_path / "a.csv", f"{tmp_path}/./a.csv")


@pytest.mark.parametrize(
    "name", ["walk.csv", "walk.parquet", "walk.mp4", "walk.png", "{frame}.png"]
)
def test_a_missing_folder_is_an_error_at_once(tmp_path, name):
    with pytest.raises(SinkError, match=r"there is no folder '.*missing'"):
        open_output(tmp_path / "missing" / name)


@pytest.mark.parametrize("name", ["walk.csv", "{frame}.png"])
def test_a_folder_that_accepts_no_files_is_an_error_at_once(name):
    with pytest.raises(SinkError, match=r"can't write '/proc/.*'"):
        open_output(f"/proc/{name}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_an_error_at_once(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(SinkError, match="Permission denied"):
        open_output(tmp_path / "walk.csv")


def test_a_folder_or_a_device_is_never_replaced(tmp_path):
    (tmp_path / "walk.csv").mkdir()
    (tmp_path / "full.csv").symlink_to("/dev/full")
    for name in ("walk.csv", "full.csv"):
        with pytest.raises(SinkError, match="not a file"):
            open_output(tmp_path / name)


def test_when_one_sink_cannot_open_none_leaves_a_file(tmp_path):
    with pytest.raises(SinkError, match="no folder"):
        open_output(tmp_path / "a.csv", tmp_path / "b.json", tmp_path / "missing" / "c.csv")
    assert names(tmp_path) == []


def test_ctrl_c_completes_the_files(tmp_path, suffix, make_results):
    results = make_results(1, 0, 2)
    path = tmp_path / f"walk{suffix}"
    with pytest.raises(KeyboardInterrupt):
        write(results, path, tmp_path / "other.csv", then=lambda: fail(KeyboardInterrupt()))
    assert dicts(load_results(path)) == dicts(results)
    assert names(tmp_path) == ["other.csv", f"walk{suffix}"]


def test_ctrl_c_before_the_first_frame_changes_no_file(tmp_path, suffix):
    path = tmp_path / f"walk{suffix}"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write([], path, then=lambda: fail(KeyboardInterrupt()))
    assert names(tmp_path) == [path.name]
    assert path.read_text() == "old"


def test_ctrl_c_during_the_conversion_keeps_the_frames(tmp_path, make_results):
    results = make_results(1, 0, 2)

    def convert(*_):
        raise KeyboardInterrupt

    final = tmp_path / "walk.npz"
    sink = FileSink(final, lambda path: SpooledWriter(path, final, convert))
    for result in results:
        sink.write(result)
    with pytest.raises(KeyboardInterrupt) as info:
        sink.close()
    assert "kept in" in info.value.__notes__[0]
    assert names(tmp_path) == ["walk.partial.jsonl"]
    assert dicts(load_results(tmp_path / "walk.partial.jsonl")) == dicts(results)


def test_an_error_keeps_the_frames_so_far_under_another_name(tmp_path, suffix, make_results):
    results = make_results(1, 0, 2)
    path = tmp_path / f"walk{suffix}"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError) as info:
        write(results, path, then=lambda: fail(ZeroDivisionError()))
    kept = tmp_path / f"walk.partial{KEPT_SUFFIX.get(suffix, suffix)}"
    assert info.value.__notes__ == [f"'{path}': what was written so far is kept in '{kept}'"]
    assert dicts(load_results(kept)) == dicts(results)
    assert path.read_text() == "old"
    assert names(tmp_path) == sorted([path.name, kept.name])


def test_an_error_before_the_first_frame_leaves_nothing(tmp_path, suffix):
    with pytest.raises(ZeroDivisionError) as info:
        write([], tmp_path / f"walk{suffix}", then=lambda: fail(ZeroDivisionError()))
    assert names(tmp_path) == []
    assert not hasattr(info.value, "__notes__")


@pytest.mark.parametrize("spare", [0, 1, 100, 3000])
def test_a_full_disk_keeps_every_whole_frame(tmp_path, suffix, make_results, spare):
    results = make_results(*[1, 0, 2] * 20)
    path = tmp_path / f"walk{suffix}"
    path.write_text("old")
    with file_size_limit(60_000 + spare), pytest.raises(SinkError) as info:
        write(results, path)
    kept = tmp_path / f"walk.partial{KEPT_SUFFIX.get(suffix, suffix)}"
    n_kept = len(load_results(kept))
    assert n_kept > 10
    assert dicts(load_results(kept)) == dicts(results[:n_kept])
    assert str(info.value) == (
        f"can't write '{path}': {os.strerror(errno.EFBIG)}; "
        f"what was written so far is kept in '{kept}'"
    )
    assert path.read_text() == "old"
    assert names(tmp_path) == sorted([path.name, kept.name])


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_a_disk_that_is_full_at_the_end_keeps_every_frame(tmp_path, suffix, make_results):
    pytest.importorskip("pyarrow", reason="needs vitruvian[parquet]")
    results = make_results(1, 0, 2)
    message = r"what was written so far is kept in '.*partial.jsonl'"
    with ExitStack() as limited, pytest.raises(SinkError, match=message):
        write(
            results,
            tmp_path / f"walk{suffix}",
            then=lambda: limited.enter_context(file_size_limit(1000)),
        )
    assert dicts(load_results(tmp_path / "walk.partial.jsonl")) == dicts(results)
    assert names(tmp_path) == ["walk.partial.jsonl"]


def test_a_disk_that_is_full_from_the_start_is_an_error_at_once(tmp_path):
    with file_size_limit(10), pytest.raises(SinkError, match=os.strerror(errno.EFBIG)):
        open_output(tmp_path / "walk.csv")
    assert names(tmp_path) == []


def test_when_one_sink_fails_the_others_are_complete(tmp_path, make_results):
    results = make_results(*[1] * 20)
    long, short = tmp_path / "long.json", tmp_path / "short.csv"
    message = r"long.json.* is kept in '.*long.partial.json'; the other outputs are complete$"
    write(results, short)
    with file_size_limit(short.stat().st_size), pytest.raises(SinkError, match=message):
        write(results, long, short)
    n_kept = len(load_results(tmp_path / "long.partial.json"))
    assert 0 < n_kept < 20
    assert dicts(load_results(tmp_path / "long.partial.json")) == dicts(results[:n_kept])
    assert dicts(load_results(short)) == dicts(results)
    assert names(tmp_path) == ["long.partial.json", "short.csv"]


def write_all(sink, results, then=lambda: None):
    with sink:
        for result in results:
            sink.write(result, frame_of(result))
        then()


class FailingSink:
    """A sink with a bug: it can't be written to, or not be closed."""

    def __init__(self, *, at_write):
        self._at_write = at_write

    def write(self, result, frame=None):
        if self._at_write:
            raise KeyError("bug")

    def close(self):
        self.__exit__(None, None, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self._at_write:
            raise KeyError("bug")


@pytest.mark.parametrize("at_write", [True, False])
@pytest.mark.parametrize("position", [0, 1])
def test_any_exception_of_a_sink_leaves_the_others_complete(
    tmp_path, make_results, position, at_write
):
    results = make_results(1, 0, 2)
    sinks = [open_output(tmp_path / "walk.csv")]
    sinks.insert(position, FailingSink(at_write=at_write))
    with pytest.raises(SinkError, match=r"^KeyError: 'bug'; the other outputs are complete$"):
        write_all(SinkGroup(sinks), results)
    assert dicts(load_results(tmp_path / "walk.csv")) == dicts(results)


def test_when_the_last_sink_fails_the_error_is_raised_at_once(tmp_path, make_results):
    (result,) = make_results(1)
    group = SinkGroup([FailingSink(at_write=True), FailingSink(at_write=True)])
    with pytest.raises(SinkError, match=r"^KeyError: 'bug'; KeyError: 'bug'$"):
        group.write(result)


def test_a_failed_sink_is_reported_beside_the_error_that_ends_the_loop(tmp_path, make_results):
    (result,) = make_results(1)
    photo, table = tmp_path / "walk.png", tmp_path / "walk.csv"
    with pytest.raises(RuntimeError) as caught:  # an image holds one frame only
        write_all(open_output(photo, table), [result] * 2, then=partial(fail, RuntimeError("bug")))
    notes = sorted(caught.value.__notes__)
    assert len(notes) == 2
    assert f"'{photo}'" in notes[1]
    assert notes[0].startswith(f"'{table}': ")


def test_after_ctrl_c_a_failed_sink_is_an_error(tmp_path, make_results):
    (result,) = make_results(1)
    paths = tmp_path / "walk.png", tmp_path / "walk.csv"
    with pytest.raises(SinkError, match="holds one frame"):
        write_all(open_output(*paths), [result] * 2, then=partial(fail, KeyboardInterrupt()))
    assert len(load_results(paths[1])) == 2


def test_when_one_sink_cannot_be_completed_the_others_are(tmp_path, make_results):
    (result,) = make_results(1)
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    with pytest.raises(
        SinkError, match=r"b.csv.*what was written so far is kept in '.*b.partial.csv'"
    ):
        write([result], *paths, then=paths[1].mkdir)
    assert names(tmp_path) == ["a.csv", "b.csv", "b.partial.csv", "c.csv"]
    assert dicts(load_results(tmp_path / "c.csv")) == dicts([result])


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv"])
def test_a_real_full_disk_keeps_every_whole_frame(tmp_path, suffix, make_results):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        results = make_results(*[1] * 100)
        with pytest.raises(SinkError, match="No space left on device; what was written so far"):
            write(results, disk / f"walk{suffix}")
        kept = load_results(disk / f"walk.partial{suffix}")
        assert len(kept) > 10
        assert dicts(kept) == dicts(results[: len(kept)])
    finally:
        subprocess.run(["umount", str(disk)], check=True)
