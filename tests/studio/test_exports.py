"""Exports of the studio: every format of the registry, as files that a browser saves."""

from __future__ import annotations

import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.studio.clips import short_clip
from tests.studio.live_parts import wait_until
from vitruvian.cli.main import app
from vitruvian.engine.options import TrackerOptions
from vitruvian.export import load_results
from vitruvian.export.formats import FORMATS, READABLE_SUFFIXES
from vitruvian.media import open_input
from vitruvian.media.image import load_image
from vitruvian.studio import disk, export_formats, export_query
from vitruvian.studio.export_formats import TITLES, format_info
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.problems import ApiError
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian.runs.stop import Stop

pytestmark = pytest.mark.weights

N_FRAMES = 16


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, testdata: Path) -> Path:
    """A clip of several people."""
    path = tmp_path_factory.mktemp("people") / "Our seniors é.mp4"
    return short_clip(testdata / "clips" / "seniors.mp4", path, N_FRAMES)


@pytest.fixture(scope="module")
def server(people: Path) -> Iterator[StudioServer]:
    """A studio that tracks the clip."""
    tracker = TrackerOptions(model="lite", num_poses=3, segmentation=True)
    options = StudioOptions(inputs=(str(people),), tracker=tracker)
    with StudioServer(Studio(options)) as running:
        yield running


@pytest.fixture
def job(client: httpx.Client, server: StudioServer) -> Iterator[str]:
    """The job, when it has ended; an export must leave nothing in the folder of the studio."""
    job = client.get("/api/info").json()["inputs"][0]["job"]
    client.get(f"/api/jobs/{job}/results")
    yield job
    n_files = len(server.studio.shelf._files)
    for _ in range(200):  # they are removed when they have been sent
        if len(list(server.studio.folder.iterdir())) == n_files:
            return
        time.sleep(0.01)
    pytest.fail(f"left: {list(server.studio.folder.iterdir())}")


@pytest.fixture(scope="module")
def made(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same results from the command line."""
    path = tmp_path_factory.mktemp("made") / "made.jsonl"
    words = ["track", people, "-o", path, "-m", "lite", "--num-poses", "3", "-q"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return path


def export(client: httpx.Client, job: str, suffix: str, **options: object) -> httpx.Response:
    answer = client.get(f"/api/jobs/{job}/export", params={"format": suffix, **options})
    assert answer.status_code == 200, answer.text
    return answer


def names_in(answer: httpx.Response) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_written(
    client: httpx.Client, job: str, tmp_path: Path, suffix: str
) -> None:
    told = {each["suffix"]: each for each in client.get("/api/info").json()["formats"]}[
        suffix.replace(".jpeg", ".jpg")
    ]
    answer = client.get(f"/api/jobs/{job}/export", params={"format": suffix})
    if not told["is_available"]:
        assert answer.status_code == 422
        assert "pip install" in answer.json()["error"]["message"]
        return
    assert answer.status_code == 200, answer.text
    disposition = answer.headers["content-disposition"]
    is_zip = FORMATS[suffix].series is not None
    assert disposition.startswith("attachment; ")
    assert disposition.endswith(f"Our%20seniors%20%C3%A9{suffix}{'.zip' * is_zip}")
    if is_zip:
        assert len(names_in(answer)) == N_FRAMES
    elif suffix in READABLE_SUFFIXES:
        path = tmp_path / f"a{suffix}"
        path.write_bytes(answer.content)
        lines = client.get(f"/api/jobs/{job}/results").text.splitlines()
        exported = [result.to_dict(extras=False) for result in load_results(path)]
        assert exported == [json.loads(line) for line in lines]
    else:
        assert len(answer.content) > 1000


def test_every_format_is_listed_once_and_has_a_title() -> None:
    listed = [each["suffix"] for each in format_info()]
    assert set(TITLES) == set(listed) == set(FORMATS) - {".jpeg"}  # .jpg is the same
    assert len(set(TITLES.values())) == len(TITLES)
    assert {"suffix", "title", "draws", "is_motion", "is_available"} <= set(format_info()[0])


def test_format_whose_extra_is_missing_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    named = ['absent-package>=1; extra == "c3d"', 'numpy>=1; extra == "parquet"']
    monkeypatch.setattr(export_formats.metadata, "requires", lambda _: named)
    export_formats._is_installed.cache_clear()
    available = {each["suffix"]: each["is_available"] for each in format_info()}
    export_formats._is_installed.cache_clear()
    assert (available[".c3d"], available[".parquet"], available[".csv"]) == (False, True, True)


def test_motion_is_of_the_wanted_person_or_of_everyone(client: httpx.Client, job: str) -> None:
    one = export(client, job, ".trc", person=1)
    assert one.headers["content-disposition"].endswith(".person1.trc")
    everyone = export(client, job, ".trc", person="all")
    assert names_in(everyone) == ["person0.trc", "person1.trc", "person2.trc"]
    archive = zipfile.ZipFile(io.BytesIO(everyone.content))
    rows = [text.splitlines()[4:] for text in (archive.read("person1.trc").decode(), one.text)]
    assert rows[0] == rows[1]
    assert rows[0] != archive.read("person0.trc").decode().splitlines()[4:]


@pytest.mark.parametrize(
    ("suffix", "options", "words"),
    [
        (".csv", {"smooth": 4}, ["--smooth", "4"]),
        (".trc", {"person": 1, "smooth": 4}, ["--person", "1", "--smooth", "4"]),
        (".trc", {"height": 1.7, "markers": "blazepose"},
         ["--height", "1.7", "--markers", "blazepose"]),
    ],
)  # fmt: skip
def test_options_mean_the_same_as_for_the_command(
    client: httpx.Client,
    job: str,
    made: Path,
    tmp_path: Path,
    kept_logging: None,
    suffix: str,
    options: dict[str, object],
    words: list[str],
) -> None:
    path = tmp_path / f"export{suffix}"
    result = CliRunner().invoke(app, ["convert", str(made), str(path), "-q", *words])
    assert result.exit_code == 0, result.output
    assert export(client, job, suffix, **options).content == path.read_bytes()


def test_video_shows_the_poses_and_masks(client: httpx.Client, job: str, tmp_path: Path) -> None:
    drawn, plain = tmp_path / "drawn.mp4", tmp_path / "plain.mp4"
    drawn.write_bytes(export(client, job, ".mp4").content)
    plain.write_bytes(export(client, job, ".mp4", skeleton=0, landmarks=0, mask=0).content)
    with open_input(drawn) as video, open_input(plain) as without:
        pairs = [(a.image.astype(int), b.image) for a, b in zip(video, without, strict=True)]
    assert len(pairs) == N_FRAMES
    mask_png = client.get(f"/api/jobs/{job}/masks/9.png").content
    index = np.asarray(Image.open(io.BytesIO(mask_png)).resize((640, 360), 0))
    changed = np.abs(pairs[9][0] - pairs[9][1]).max(axis=2) > 12
    assert changed[index > 0].mean() > 0.8
    assert changed[index == 0].mean() < 0.1


def test_image_is_one_picture(client: httpx.Client, job: str, testdata: Path) -> None:
    image = sorted((testdata / "images").glob("*.jpg"))[0]
    answer = client.put("/api/files?name=photo.jpg", content=image.read_bytes())
    file = answer.json()["id"]
    of_image = client.post("/api/jobs", json={"file": file, "options": {}}).json()["id"]
    client.get(f"/api/jobs/{of_image}/results")
    png = export(client, of_image, ".png")
    assert png.headers["content-disposition"] == 'attachment; filename="photo.png"'
    assert Image.open(io.BytesIO(png.content)).size == load_image(image).shape[1::-1]
    client.delete(f"/api/files/{file}")


def test_results_without_a_picture_are_written_and_not_drawn(
    client: httpx.Client, job: str, made: Path
) -> None:
    file = client.put("/api/files?name=walk.jsonl", content=made.read_bytes()).json()
    assert export(client, file["job"], ".jsonl").content == made.read_bytes()
    answer = client.get(f"/api/jobs/{file['job']}/export?format=.mp4")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_picture")
    client.delete(f"/api/files/{file['id']}")


def test_running_job_is_exported_as_far_as_it_is(
    client: httpx.Client, job: str, testdata: Path
) -> None:
    clip = testdata / "clips" / "one_by_one.mp4"
    file = client.put("/api/files?name=long.mp4", content=clip.read_bytes()).json()["id"]
    running = client.post("/api/jobs", json={"file": file, "options": {"num_poses": 1}}).json()[
        "id"
    ]
    assert client.get(f"/api/jobs/{running}/export?format=.csv").status_code in (200, 409)
    with client.stream("GET", f"/api/jobs/{running}/results") as lines:
        next(lines.iter_lines())
    exported = export(client, running, ".jsonl").text.splitlines()
    assert client.get(f"/api/jobs/{running}").json()["state"] == "running"
    assert 0 < len(exported) < 1394
    client.delete(f"/api/files/{file}")


def test_exports_end_with_their_file_or_client_and_leave_threads_to_quick_requests(
    server: StudioServer, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Stop] = []
    n_ended = 0

    def endless(*_: object, stop: Stop, **__: object) -> Path:
        nonlocal n_ended
        begun.append(stop)
        while not stop.is_requested:
            time.sleep(0.01)
        n_ended += 1
        raise ApiError(409, "closing", "ended")

    headers = {"Authorization": f"Bearer {server.studio.token}"}
    with (
        httpx.Client(base_url=server.url, headers=headers) as client,
        ThreadPoolExecutor(40) as threads,
    ):
        file = client.put("/api/files?name=a.mp4", content=people.read_bytes()).json()["id"]
        job = client.post("/api/jobs", json={"file": file}).json()["id"]
        client.get(f"/api/jobs/{job}/results")
        before = sorted(server.studio.folder.iterdir())
        monkeypatch.setattr(export_query, "written_export", endless)
        url = f"/api/jobs/{job}/export?format=.csv"
        running = [threads.submit(client.get, url) for _ in range(40)]
        wait_until(lambda: len(begun) == 2)
        with pytest.raises(httpx.ReadTimeout):
            client.get(url, timeout=0.1)
        assert client.get(f"/api/jobs/{job}").json()["state"] == "done"
        assert len(begun) == 2
        client.delete(f"/api/files/{file}")
        assert {run.result().status_code for run in running} == {409}
        wait_until(lambda: n_ended == len(begun))
    wait_until(lambda: set(server.studio.folder.iterdir()) < set(before))


def test_export_that_would_fill_the_disk_is_refused(
    client: httpx.Client, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "FREE_BYTES", 2**62)
    answer = client.get(f"/api/jobs/{job}/export?format=.mp4")
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("format=.exe", "format must be one of"),
        ("", "format must be one of"),
        ("format=../../x.csv", "format must be one of"),
        ("format=.csv&smoth=3", "got 'smoth'"),
        ("format=.csv&smooth=x", "smooth must be a number"),
        ("format=.mp4&box=2", "box must be 0 or 1"),
        ("format=.trc&person=inf", "person must be an ID or all, got 'inf'"),
        ("format=.trc&person=1.5", "person must be an ID or all"),
        ("format=.trc&person=77", "person must be one of [0, 1, 2], got 77"),
        ("format=.trc&up=down", "up must be one of"),
        ("format=.trc&height=9", "height_m must be 0.3 to 3"),
    ],
)
def test_wrong_options_are_refused(
    client: httpx.Client, job: str, query: str, message: str
) -> None:
    answer = client.get(f"/api/jobs/{job}/export?{query}")
    assert answer.status_code == 422
    told = answer.json()["error"]["message"]
    assert message in told
    assert "vitruvian-studio-" not in told
