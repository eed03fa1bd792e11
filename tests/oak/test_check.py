"""`vitruvian oak check`, on a virtual OAK camera."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from vitruvian.cli.main import app
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.frame import Frame
from vitruvian.oak.checks import check
from vitruvian.oak.checks.check import (
    CHECKS,
    VERDICTS,
    Check,
    CheckResult,
    CheckSetup,
    Report,
    run_checks,
)
from vitruvian.oak.virtual import Faults, VirtualOak
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions

if TYPE_CHECKING:
    from pathlib import Path

NEEDS_HANDS = {"huge-roi", "unplug"}
DISTANCE_M = 3.0
WH = (480, 270)


def frames(distance_m: float, n: int = 8) -> list[Frame]:
    """A person who squats, with the depth image of each frame."""
    eye = SceneCamera((0.0, 1.2, distance_m), (0.0, 1.2, 0.0), fov_deg=68.8)
    scene = Scene([Person(Figure(height_m=1.7), motions.squat(1.5))], eye)
    views = [scene.render(i / 20, WH) for i in range(n)]
    camera = Camera.from_fov(WH, 68.8)
    return [
        Frame(v.image, depth=DepthImage(np.nan_to_num(1000 * v.depth_m).astype(np.uint16), camera))
        for v in views
    ]


@pytest.fixture(scope="module")
def person() -> list[Frame]:
    forth = frames(DISTANCE_M)
    return [*forth, *forth[::-1]] * 20


def setup(person: list[Frame], **options: Any) -> CheckSetup:
    values = {"seconds": 0.05, "device": VirtualOak(person)} | options
    return CheckSetup(**values)


@pytest.mark.weights
def test_all_checks_run_and_none_fails_on_a_virtual_camera(person: list[Frame]) -> None:
    told: list[str] = []
    started: list[Check] = []
    report = run_checks(
        setup(person, distance_m=DISTANCE_M, say=told.append),
        on_start=started.append,
        on_result=lambda one, result: told.append(one.name),
    )
    assert [one.name for one in started] == list(report.results) == list(CHECKS)
    verdicts = {name: result.verdict for name, result in report.results.items()}
    assert [name for name, verdict in verdicts.items() if verdict == "fail"] == [], str(report)
    assert {name for name, verdict in verdicts.items() if verdict == "skipped"} == NEEDS_HANDS
    passes = {"device", "calibration", "sizes", "in-use", "script", "laconic", "pairing", "memory"}
    passes |= {f"arithmetic-{name}" for name in ("detector", "lite", "full", "heavy")}
    passes |= {"agreement", "depth-sign", "depth-scale", "depth-modes"}
    assert {name for name, verdict in verdicts.items() if verdict == "pass"} == passes
    assert report.is_complete
    assert not report.has_failed
    assert "Stand still" in "".join(told)
    fps = report.results["fps-edge-full-xyz"].values
    assert fps["wanted_fps"] == 18
    assert fps["fps"] > 0
    scale = report.results["depth-scale"].values
    assert abs(scale["error_part"]) < 0.05
    assert report.results["arithmetic-lite"].values["mean_px"] < 0.2
    assert json.loads(report.to_json())["checks"][0]["name"] == "device"


@pytest.mark.weights
def test_a_camera_without_depth_skips_the_checks_of_depth(person: list[Frame]) -> None:
    flat = VirtualOak([frame.image for frame in person])
    names = [name for name in CHECKS if "depth" in name or name in ("focus", "fps-edge-lite-xyz")]
    report = run_checks(setup(person, device=flat), names)
    assert len(names) == 6
    assert {result.verdict for result in report.results.values()} == {"skipped"}


@pytest.mark.weights
def test_nobody_in_view_is_not_a_failure() -> None:
    blank = VirtualOak([np.full((270, 480, 3), 90, np.uint8)] * 60)
    names = ["script", "agreement", "fps-edge-lite", "huge-roi"]
    report = run_checks(CheckSetup(seconds=0.05, device=blank), names)
    for result in report.results.values():
        assert result.verdict == "measured"
        assert "nobody" in result.text


@pytest.mark.weights
def test_a_wrong_distance_fails(person: list[Frame]) -> None:
    report = run_checks(setup(person, distance_m=2.0), ["depth-scale"])
    assert report.results["depth-scale"].verdict == "fail"
    assert "instead of 2.00 m" in report.results["depth-scale"].text
    assert report.has_failed


@pytest.mark.weights
def test_an_error_of_the_script_is_the_result_of_its_check(person: list[Frame]) -> None:
    device = VirtualOak(person, faults=Faults(script_fails_after=2))
    report = run_checks(setup(person, device=device), ["script", "device"])
    assert report.results["script"].verdict == "fail"
    assert "script" in report.results["script"].text
    assert report.results["device"].verdict == "pass"


def test_without_a_device_nothing_else_is_checked() -> None:
    report = run_checks(CheckSetup(device=VirtualOak(faults=Faults(is_in_use=True))))
    assert report.results["device"].verdict == "fail"
    assert "in use" in report.results["device"].text
    others = [result for name, result in report.results.items() if name != "device"]
    assert {result.verdict for result in others} == {"skipped"}
    assert [one["name"] for one in json.loads(report.to_json())["checks"]] == list(CHECKS)
    lines = str(report).splitlines()[4:]
    assert [line[:18].split() for line in lines if line] == [
        ["fail", "device"],
        [str(len(CHECKS) - 1), "checks", "skipped"],
    ]


def test_the_command_tells_a_missing_device_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> CheckResult:
        return CheckResult("fail", "no OAK camera was found")

    monkeypatch.setattr(check.Check, "run", fail)
    code, told = invoked()
    assert code == 1
    assert told.count("no OAK camera was found") == 1
    assert told.splitlines()[-1] == f"{len(CHECKS) - 1} checks skipped"
    assert len(told.splitlines()) == 9
    assert invoked("--only", "device", "--only", "focus")[1].endswith("\n1 check skipped\n")


@pytest.mark.weights
def test_unplugging_is_found_and_waited_for(
    person: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.oak.link.FIRST_DELAY_S", 0.01)
    device = VirtualOak(person, faults=Faults(vanishes_after=4))
    told: list[str] = []
    report = run_checks(setup(person, device=device, say=told.append), ["unplug"])
    assert report.results["unplug"].verdict == "pass", report
    assert "Unplug the camera" in told[0]


@pytest.mark.weights
def test_a_person_close_to_the_lens_gives_a_huge_region() -> None:
    close = frames(1.0)
    far = frames(2.5, 4)
    device = VirtualOak([*far, *far[::-1], *frames(1.6, 3), *[*close, *close[::-1]] * 10])
    report = run_checks(CheckSetup(seconds=0.02, device=device), ["huge-roi"])
    result = report.results["huge-roi"]
    assert result.verdict in ("pass", "measured")
    assert result.values["max_side_part"] > 0.3


def test_a_check_that_crashes_is_a_failure_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crash = Check("focus", "", "check:line_of")  # a function of other parameters
    monkeypatch.setitem(CHECKS, "focus", crash)
    report = run_checks(CheckSetup(device=VirtualOak()), ["focus", "device"])
    assert report.results["focus"].verdict == "fail"
    assert "TypeError" in report.results["focus"].text
    assert report.results["device"].verdict == "pass"


def test_ctrl_c_keeps_what_is_done() -> None:
    def on_start(one: Check) -> None:
        if one.name == "calibration":
            raise KeyboardInterrupt

    report = run_checks(CheckSetup(device=VirtualOak()), on_start=on_start)
    assert list(report.results) == ["device"]
    assert not report.is_complete
    assert "stopped before the end" in str(report)
    assert report.to_dict()["is_complete"] is False


def test_an_unknown_check_and_a_wrong_setting_are_errors() -> None:
    with pytest.raises(ValueError, match=r"only must be one of \['device',.*got 'fast'"):
        run_checks(CheckSetup(), ["fast"])
    with pytest.raises(ValueError, match="seconds must be positive"):
        CheckSetup(seconds=0)
    with pytest.raises(ValueError, match="distance_m must be positive"):
        CheckSetup(distance_m=-1)


def test_the_report_states_versions_and_counts() -> None:
    results = {"device": CheckResult("pass", "OAK"), "focus": CheckResult("fail", "blurred")}
    lines = str(Report(results)).splitlines()
    assert lines[0].startswith("vitruvian: ")
    assert lines[-1] == "1 pass, 1 fail"
    assert "fail      focus                 blurred" in lines
    assert set(VERDICTS) >= {result.verdict for result in results.values()}


# --- the command ---


def test_the_command_prints_each_verdict_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check.Check, "run", lambda one, _: CheckResult("pass", f"as {one.name}"))
    result = CliRunner().invoke(app, ["oak", "check"])
    assert not set(result.stdout.splitlines()) & set(result.stderr.splitlines())
    assert [result.output.count(f"as {name}\n") for name in ("device", "focus")] == [1, 1]
    assert f"{len(CHECKS) - 2} pass, 2 skipped" in result.stdout


def invoked(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["oak", "check", *words])
    return result.exit_code, result.output


def test_the_command_lists_the_checks() -> None:
    code, told = invoked("--list")
    assert code == 0
    assert [line.split()[0] for line in told.splitlines()] == list(CHECKS)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["report.json", "report.txt"])
def test_the_command_prints_and_writes_a_report(tmp_path: Path, name: str) -> None:
    words = ["--only", "device", "--only", "round-trip", "--oak-device", "virtual"]
    result = CliRunner().invoke(app, ["oak", "check", *words, "-o", str(tmp_path / name)])
    assert result.exit_code == 0
    assert "pass      device                virtual OAK-D virtual, depth\n" in result.stdout
    written = (tmp_path / name).read_text()
    if name.endswith(".json"):
        (first, second) = json.loads(written)["checks"]
        assert first["values"]["has_depth"] is True
        assert second["values"]["lite_ms"] > 0
    else:
        assert written == result.stdout


def test_the_exit_code_says_whether_a_check_failed_or_was_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> CheckResult:
        return CheckResult("fail", "no")

    monkeypatch.setattr(check.Check, "run", fail)
    assert invoked("--only", "device")[0] == 1

    def stop(self: Check, _: object) -> CheckResult:
        if self.name == "calibration":
            raise KeyboardInterrupt
        return CheckResult("pass", "yes")

    monkeypatch.setattr(check.Check, "run", stop)
    code, told = invoked("-o", str(tmp_path / "report.txt"))
    assert code == 130
    assert "1 pass; stopped before the end" in told
    assert "pass      device" in (tmp_path / "report.txt").read_text()


def test_the_command_refuses_an_unknown_check_wrong_shaves_and_a_missing_folder(
    tmp_path: Path,
) -> None:
    assert invoked("--shaves", "17")[0] == 2
    code, told = invoked("--only", "fast")
    assert (code, "error: --only must be one of" in told) == (2, True)
    code, told = invoked("-o", str(tmp_path / "none" / "report.txt"))
    assert (code, "there is no folder" in told) == (2, True)


@pytest.mark.weights
@pytest.mark.slow
def test_the_command_runs_all_checks_on_the_virtual_camera(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    code, told = invoked("--oak-device", "virtual", "--seconds", "0.2", "-o", str(report))
    assert code == 0, told
    assert [one["name"] for one in json.loads(report.read_text())["checks"]] == list(CHECKS)
