"""`vitruvian track` with OAK cameras: all modes on a virtual one, and wrong command lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vitruvian import load_results
from vitruvian.cli import jobs
from vitruvian.cli.oak_options import OPTIONS, oak_options
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.frame import Frame
from vitruvian.errors import DeviceError
from vitruvian.oak.edge import EDGE_CHOICES
from vitruvian.oak.options import OakOptions
from vitruvian.oak.virtual import Faults, VirtualOak
from vitruvian.runs.local import LocalExecutor
from vitruvian.runs.oak import needs_device
from vitruvian.runs.plan import planned_jobs
from vitruvian.runs.resume import run_record
from vitruvian.runs.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

    from vitruvian.runs.events import Event
    from vitruvian.runs.job import Job

    Program = Callable[..., Result]


@pytest.fixture
def clip(testdata: Path) -> Path:
    return testdata / "clips" / "dribble.mp4"


def given(monkeypatch: pytest.MonkeyPatch, device: VirtualOak | Exception) -> list[OakOptions]:
    """Let every camera be a virtual one; return the options with which it is opened."""
    seen: list[OakOptions] = []

    def connect(graph: Any, options: OakOptions) -> Any:
        seen.append(options)
        if isinstance(device, Exception):
            raise device
        return device.open(graph)

    monkeypatch.setattr("vitruvian.oak.connecting.connect", connect)
    return seen


def black(n: int = 4, **faults: Any) -> VirtualOak:
    return VirtualOak([np.zeros((360, 640, 3), np.uint8)] * n, faults=Faults(**faults))


# --- runs on the virtual camera ---


@pytest.mark.weights
@pytest.mark.parametrize("mode", ["camera", "host", "edge"])
def test_every_mode_tracks_the_person_of_a_video(vitruvian: Program, clip: Path, mode: str) -> None:
    words = ["--oak-mode", mode, "--model", "lite", "--limit", "6", "-o", "walk.jsonl", "--stats"]
    done = vitruvian("track", f"oak-virtual:{clip}", *words)
    assert done.exit_code == 0, done.output
    assert "OAK virtual dribble.mp4: 6 frames, people in" in done.stdout
    assert "frames seen" in done.stdout
    assert "sensor at" in done.stdout
    assert "dropped on the device" in done.stdout
    results = load_results("walk.jsonl")
    assert len(results) == 6
    assert sum(map(bool, results)) >= 5  # with mode "edge" the first frame is only searched


@pytest.mark.weights
def test_every_mode_with_depth_stores_the_calibrated_camera(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, depth = np.zeros((360, 640, 3), np.uint8), np.full((360, 640), 2000, np.uint16)
    seen = Frame(image, depth=DepthImage(depth, Camera.from_fov((640, 360), 68.8)))
    stored = []
    for mode in ("camera", "host", "edge"):
        given(monkeypatch, VirtualOak([seen] * 4))
        words = ["--oak-mode", mode, "--xyz", "--limit", "2", "-m", "lite", "-o", f"{mode}.jsonl"]
        done = vitruvian("track", "oak", *words)
        assert done.exit_code == 0, done.output
        meta = json.loads(Path(f"{mode}.jsonl.meta.json").read_text())
        stored.append(meta["provenance"]["camera"])
    assert stored[0]["origin"] == "depth"
    assert stored[0]["matrix"][0][0] == pytest.approx(1152 / 2 / np.tan(np.radians(34.4)), rel=1e-3)
    assert stored[1] == stored[0]
    assert stored[2] == stored[0]


@pytest.mark.weights
def test_images_and_videos_are_computed_on_the_device(vitruvian: Program, testdata: Path) -> None:
    photo = testdata / "images" / "standing_man.jpg"
    words = ["--oak-mode", "host", "--oak-device", "virtual", "--model", "lite", "-o"]
    done = vitruvian("track", photo, *words, "man.json")
    assert done.exit_code == 0, done.output
    (result,) = load_results("man.json")
    assert len(result.poses) == 1
    assert result.provenance is not None
    options = result.provenance.options
    assert (options["backend"], options["precision"]) == ("oak", "float16")


def test_outputs_are_named_after_the_camera() -> None:
    names = ["oak", "oak:192.168.1.44", "oak:192.168.1.45", "oak-virtual:/data/walk.mp4"]
    planned = planned_jobs(names)
    assert [job.name for job in planned] == [
        "OAK",
        "OAK 192.168.1.44",
        "OAK 192.168.1.45",
        "OAK virtual walk.mp4",
    ]
    assert [str(job.outputs[1]) for job in planned] == [
        "OAK.jsonl",
        "OAK-192.168.1.44.jsonl",
        "OAK-192.168.1.45.jsonl",
        "OAK-virtual-walk.jsonl",
    ]


# --- options ---


def values(**changed: Any) -> dict[str, Any]:
    engine = {"backend": "openvino", "device": "CPU", "precision": "exact", "crop": "letterbox"}
    tracking = {name: choices[0] for name, choices in EDGE_CHOICES.items()}
    return {
        **tracking,
        **engine,
        **{name: default for name, (_, default, _) in OPTIONS.items()},
        **changed,
    }


def test_every_option_reaches_its_field() -> None:
    wanted = {
        "oak_mode": "edge",
        "oak_device": "1.2",
        "xyz": True,
        "oak_fps": 12.0,
        "oak_height": 480,
        "oak_resolution": "ultra",
        "laconic": True,
        "trace": True,
        "shaves": 6,
        "detector_blob": "d.blob",
        "landmark_blob": "l.blob",
        "candidate_blob": "c.blob",
    }
    assert set(wanted) == set(OPTIONS)
    rest = values(**wanted)
    options = oak_options(rest, ["oak"])
    assert options is not None
    assert {name: getattr(options, OPTIONS[name][2]) for name in wanted} == wanted
    assert not set(rest) & set(OPTIONS)


def test_the_square_in_the_middle_is_cropped_on_the_camera() -> None:
    rest = values(crop="center")
    options = oak_options(rest, ["oak"])
    assert options is not None
    assert options.crop
    assert rest["crop"] == "letterbox"


def test_without_a_camera_and_options_there_is_no_device() -> None:
    assert oak_options(values(), ["walk.mp4"]) is None
    assert oak_options(values(), ["oak"]) == OakOptions()


def test_the_options_are_recorded_for_resume(clip: Path) -> None:
    host = Settings(oak=OakOptions(mode="host", shaves=6))
    assert json.loads(host.to_json())["oak"]["shaves"] == 6
    assert host.fingerprint != Settings().fingerprint
    record = run_record(str(clip), host)
    assert record is not None
    assert record["settings"]["oak_mode"] == "host"
    other = Settings(oak=OakOptions(mode="host", shaves=6, device="1.2"))
    assert run_record(str(clip), other) == record
    assert run_record("oak", host) is None
    assert record["settings"]["oak_shaves"] == 6
    assert not {name for name in run_record(str(clip), Settings())["settings"] if "oak" in name}


def test_jobs_with_a_device_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Settings(oak=OakOptions(mode="host"))
    assert needs_device("walk.mp4", host)
    assert needs_device("oak", Settings())
    assert not needs_device("walk.mp4", Settings())
    ran: list[list[Job]] = []

    def run(_: LocalExecutor, jobs: list[Job], *__: object) -> Iterator[Event]:
        ran.append(jobs)
        yield from ()

    monkeypatch.setattr(LocalExecutor, "run", run)
    wanted = planned_jobs(["a.mp4", "b.mp4"])
    with pytest.raises(KeyboardInterrupt, match="0 of 2"):
        jobs.run_jobs(wanted, host, quiet=True)
    assert ran == [wanted]


# --- wrong command lines ---


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("room.mp4 --xyz", "--xyz needs an OAK camera: give the input oak\n"),
        ("room.mp4 --shaves 6", "--shaves needs an OAK camera: give the input oak, or --oak-mode"),
        ("room.mp4 --oak-mode edge", "--oak-mode needs an OAK camera: give the input oak, or"),
        ("room.mp4 --oak-mode host --oak-fps 9", "--oak-fps needs an OAK camera: give the input"),
        ("oak --oak-mode both", "--oak-mode must be one of ['camera', 'host', 'edge'], got 'both'"),
        ("oak --oak-mode host --shaves 17", "--shaves must be from 1 to 16, got 17"),
        ("oak --oak-fps 0", "--oak-fps must be positive, got 0"),
        ("oak --oak-height 0", "--oak-height must be positive, got 0"),
        ("oak --oak-resolution 8k", "--oak-resolution must be one of ['full', 'ultra'], got '8k'"),
        ("oak --laconic", "--laconic needs --oak-mode edge, got camera"),
        ("oak --oak-mode host --trace", "--trace needs --oak-mode edge, got host"),
        ("oak --shaves 6", "--shaves needs --oak-mode host or edge, got camera"),
        ("oak --detector-blob d.blob", "--detector-blob needs --oak-mode host or edge"),
        ("oak:1.2 --oak-device 1.3", "--oak-device must not be given together with the input"),
        ("oak --oak-mode host --backend litert", "--backend has no effect with --oak-mode host"),
        ("oak --oak-mode edge --device GPU", "--device has no effect with --oak-mode edge"),
        ("oak --oak-mode edge -n 2", "--num-poses 2 needs --oak-mode camera or host, got edge"),
        ("oak --oak-mode edge --rotation 90", "--rotation 90 needs --oak-mode camera or host, got"),
        ("oak --oak-mode edge --segmentation", "--segmentation needs --oak-mode camera or host"),
        ("oak --oak-mode edge --follow 0.5,0.25", "--follow 0.5,0.25 needs --oak-mode camera or"),
        ("oak --smooth-after 6", "smoothing afterwards needs a recording, got a live input"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    given(monkeypatch, black())
    done = vitruvian("track", *words.split(), "-o", "out.jsonl")
    assert done.exit_code == 2, done.output
    assert f"error: {message}" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.weights
def test_a_rate_above_that_of_the_sensor_is_one_line(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, black())
    done = vitruvian("track", "oak", "--oak-fps", "100", "-m", "lite", "-o", "out.jsonl")
    assert done.exit_code == 1
    assert "at most 60 frames per second" in done.stderr
    assert done.stderr.endswith("got 100: choose a lower frame rate\n")
    assert done.stderr.count("\n") == 1


def test_no_device_is_one_line_that_says_what_to_do(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, DeviceError("no OAK camera found: check the cable and the power"))
    done = vitruvian("track", "oak", "-o", "out.jsonl")
    assert done.exit_code == 1
    assert done.stderr == "error: no OAK camera found: check the cable and the power\n"


@pytest.mark.weights
def test_a_camera_in_use_is_one_line(vitruvian: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, black(is_in_use=True))
    done = vitruvian("track", "oak", "-o", "out.jsonl")
    assert done.exit_code == 1
    assert "in use by another program" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.weights
def test_xyz_without_stereo_is_a_warning_and_goes_on(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = given(monkeypatch, VirtualOak([np.zeros((360, 640, 3), np.uint8)] * 4, stereo=None))
    done = vitruvian("track", "oak", "--xyz", "--limit", "2", "-m", "lite", "-o", "out.jsonl")
    assert done.exit_code == 0, done.output
    assert "does not measure depth: frames have no depth" in done.stderr
    assert [options.xyz for options in seen] == [True, False]


@pytest.mark.weights
def test_a_camera_that_vanishes_is_reconnected(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.oak.link.FIRST_DELAY_S", 0.0)
    given(monkeypatch, black(8, vanishes_after=2))
    words = ["--oak-mode", "host", "--limit", "4", "-m", "lite", "-o", "out.jsonl"]
    done = vitruvian("track", "oak", *words)
    assert done.exit_code == 0, done.output
    assert "reconnected once" in done.stdout
    assert ": reconnecting" in done.stderr
    assert len(load_results("out.jsonl")) == 4


@pytest.mark.weights
def test_trace_prints_the_steps_of_the_script_and_no_warning(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, black(8))
    words = ["--oak-mode", "edge", "--limit", "3", "-m", "lite", "-o", "out.jsonl"]
    assert "info: " not in vitruvian("track", "oak", *words).stderr
    done = vitruvian("track", "oak", "--trace", *words)
    assert done.exit_code == 0, done.output
    assert "info: virtual: the script starts\n" in done.stderr
    assert "info: virtual: frame 2: detection score" in done.stderr
    assert "warning" not in done.stderr


@pytest.mark.weights
def test_a_failed_script_ends_the_run_with_its_text(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, black(30, script_fails_after=6))
    done = vitruvian("track", "oak", "--oak-mode", "edge", "-m", "lite", "-o", "out.jsonl")
    assert done.exit_code == 1
    assert re.search("script of .* failed: .*unpack", done.stderr)


def test_a_virtual_camera_without_its_video_is_one_line(vitruvian: Program) -> None:
    done = vitruvian("track", "oak-virtual:absent.mp4", "-m", "lite", "-o", "out.jsonl")
    assert done.exit_code == 1
    assert "absent.mp4" in done.stderr
    assert done.stderr.count("\n") == 1
