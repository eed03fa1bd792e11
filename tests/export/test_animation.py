"""Animated figures: .glb, .vrma and .bvh, read back here, and made of bad input."""

from __future__ import annotations

import json
import logging
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.analysis.rig_figure import figure, results_of

from vitruvian import PoseSequence, Provenance, load_provenance, open_output
from vitruvian.analysis.rig import BONES, PARENTS
from vitruvian.analysis.rig_bones import joints_from_offsets
from vitruvian.core.rotations import matrix_from_quaternion
from vitruvian.errors import SinkError, SourceError
from vitruvian.export.bvh_file import write_bvh
from vitruvian.export.figure_motion import figure_motion
from vitruvian.export.glb_file import write_glb
from vitruvian.export.mannequin import mannequin
from vitruvian.export.motion import MotionOptions, motion_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian import PoseResult

    Floats = NDArray[np.float64]

SUFFIXES = (".glb", ".vrma", ".bvh")
FPS = 30.0


@pytest.fixture(params=SUFFIXES)
def suffix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def times_of(n_frames: int, fps: float = FPS) -> NDArray[np.int64]:
    return np.rint(np.arange(n_frames) * 1e6 / fps).astype(np.int64)


def dance(n_frames: int = 60, number: int = 1) -> list[PoseResult]:
    return results_of(figure(n_frames, FPS, number).landmarks, times_of(n_frames), number)


def write(path: Path, results: list[PoseResult], **options: Any) -> Path:
    with open_output(path, motion=MotionOptions(**options)) as sink:
        for result in results:
            sink.write(result)
    return path


def rig_of(results: list[PoseResult], **options: Any) -> Any:
    motion = motion_of(PoseSequence.from_results(results), MotionOptions(**options))
    return figure_motion(motion)


def read_glb(path: Path) -> tuple[dict[str, Any], Floats, Floats, Floats]:
    """Return the JSON, times (T,), positions of the hips (T, 3) and joints (T, 21, 3)."""
    data = path.read_bytes()
    magic, version, size, length, kind = struct.unpack("<4sIII4s", data[:20])
    assert (magic, version, size, kind) == (b"glTF", 2, len(data), b"JSON")
    head = json.loads(data[20 : 20 + length])
    binary = data[28 + length :]
    assert len(binary) == head["buffers"][0]["byteLength"]

    def array(index: int) -> Floats:
        accessor = head["accessors"][index]
        start = head["bufferViews"][accessor["bufferView"]]["byteOffset"]
        start += accessor.get("byteOffset", 0)
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        values = np.frombuffer(binary, "<f4", accessor["count"] * width, start)
        return values.reshape(accessor["count"], -1).astype(np.float64)

    animation = head["animations"][0]
    outputs = [array(sampler["output"]) for sampler in animation["samplers"]]
    times = array(animation["samplers"][0]["input"])[:, 0]
    offsets = np.array([node["translation"] for node in head["nodes"][:21]])
    rotations = matrix_from_quaternion(np.stack(outputs[1:], axis=1))
    return head, times, outputs[0], joints_of(offsets, rotations, outputs[0])


def joints_of(offsets: Floats, rotations: Floats, root: Floats) -> Floats:
    joints, frames = np.empty((len(root), 21, 3)), rotations.copy()
    joints[:, 0] = root
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            joints[:, bone] = joints[:, parent] + frames[:, parent] @ offsets[bone]
            frames[:, bone] = frames[:, parent] @ rotations[:, bone]
    return joints


def read_bvh(path: Path) -> tuple[float, Floats, Floats]:
    """Return the time of a frame, its numbers (T, 66), and joints (T, 21, 3) in m."""
    text = path.read_text()
    rows = np.array([line.split() for line in text.splitlines() if line[:1] in "-0123456789"])
    values = rows.astype(np.float64)
    words = text.split()
    offsets, names = [], []
    for i, word in enumerate(words):
        if word in ("ROOT", "JOINT"):
            names.append(words[i + 1])
            at = words.index("OFFSET", i) + 1
            offsets.append([float(w) / 100 for w in words[at : at + 3]])
    assert names == [name[0].upper() + name[1:] for name in BONES]
    z, x, y = np.moveaxis(np.radians(values[:, 3:].reshape(len(values), 21, 3)), -1, 0)
    rotations = about(2, z) @ about(0, x) @ about(1, y)
    frame_s = float(text.split("Frame Time:")[1].split()[0])
    return frame_s, values, joints_of(np.array(offsets), rotations, values[:, :3] / 100)


def about(axis: int, angles: Floats) -> Floats:
    quaternions = np.zeros((*angles.shape, 4))
    quaternions[..., axis], quaternions[..., 3] = np.sin(angles / 2), np.cos(angles / 2)
    return matrix_from_quaternion(quaternions)


# --- content ---


def test_the_files_hold_the_joints_of_the_rig(tmp_path: Path, suffix: str) -> None:
    results = dance()
    path = write(tmp_path / f"dance{suffix}", results)
    rig = rig_of(results)
    joints = read_bvh(path)[2] if suffix == ".bvh" else read_glb(path)[3]
    assert np.abs(joints - rig.forward_kinematics()).max() < 1e-5


def test_a_bvh_is_continuous_and_says_its_rate(tmp_path: Path) -> None:
    frame_s, values, _ = read_bvh(write(tmp_path / "dance.bvh", dance()))
    assert frame_s == pytest.approx(1 / FPS, abs=1e-8)
    assert np.abs(np.diff(values[:, 3:], axis=0)).max() < 90


def test_a_glb_says_how_it_was_made(tmp_path: Path) -> None:
    made = Provenance(model="heavy", source="dance.mp4", options={"num_poses": 1})
    path = tmp_path / "dance.glb"
    with open_output(path, provenance=made, motion=MotionOptions(height_m=1.8)) as sink:
        for result in dance():
            sink.write(result)
    head, times, *_ = read_glb(path)
    assert np.allclose(times, np.arange(60) / FPS)
    assert load_provenance(path) == made
    extras = head["extras"]
    assert (extras["person"], extras["fps"], extras["root"], extras["gaps"]) == (
        1,
        FPS,
        "stand",
        [],
    )
    assert extras["scale"] != 1
    assert head["asset"]["generator"].startswith("vitruvian ")
    (tmp_path / "other.glb").write_bytes(b"something else than a binary glTF file")
    with pytest.raises(SourceError, match="not a binary glTF file"):
        load_provenance(tmp_path / "other.glb")


def test_files_are_small_and_equal_each_time(tmp_path: Path, suffix: str) -> None:
    results = dance(100)
    paths = [write(tmp_path / f"{folder}{suffix}", results) for folder in ("one", "two")]
    one, two = (path.read_bytes().replace(b'"two"', b'"one"') for path in paths)
    assert one == two
    assert len(one) < {".glb": 200_000, ".vrma": 45_000, ".bvh": 80_000}[suffix]


def test_the_figure_is_closed_and_its_weights_sum_to_one() -> None:
    offsets = rig_of(dance()).offsets
    mesh = mannequin(offsets, joints_from_offsets(offsets), foot_height_m=0.02)
    assert (mesh.weights.sum(axis=1, dtype=int) == 255).all()
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
    corners = np.concatenate([mesh.positions[t] for t in mesh.triangles.values()])
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (corners[:, 0] * flat).sum() > 0  # the volume: triangles face outward
    normals = np.concatenate([mesh.normals[t].sum(axis=1) for t in mesh.triangles.values()])
    assert ((flat * normals).sum(axis=1) > 0).mean() > 0.99


def test_the_soles_are_on_the_floor_and_the_hips_where_they_are_meant() -> None:
    results = dance(60)
    assert np.allclose(rig_of(results).lowest_sole(), 0.02)
    assert np.allclose(rig_of(results).root[:, [0, 2]], 0)
    assert np.allclose(rig_of(results, root="hips").root, 0)
    seen = [
        replace(r, poses=(replace(r.poses[0], camera=r.poses[0].world + np.float32([0, 0, 3])),))
        for r in results
    ]
    rig = rig_of(seen, up="camera")
    assert np.percentile(rig.lowest_sole(), 2) == pytest.approx(0.02)
    assert np.ptp(rig.root, axis=0).max() < 1e-3
    assert np.allclose(rig.root[:, 2], -3, atol=1e-3)


# --- bad input ---


def test_nobody_is_an_error_that_says_so(tmp_path: Path, suffix: str) -> None:
    results = [replace(result, poses=()) for result in dance(5)]
    with pytest.raises(SinkError, match="nobody was found in 5 frames"):
        write(tmp_path / f"dance{suffix}", results)
    assert not (tmp_path / f"dance{suffix}").exists()


def test_one_frame_is_a_clip_of_one_pose(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"dance{suffix}", dance(1))
    joints = read_bvh(path)[2] if suffix == ".bvh" else read_glb(path)[3]
    assert joints.shape == (1, 21, 3)


def test_in_a_gap_the_last_pose_is_held_and_the_gap_is_told(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    results = dance(180)
    results[60:120] = [replace(result, poses=()) for result in results[60:120]]
    with caplog.at_level(logging.WARNING, "vitruvian"):
        path = write(tmp_path / f"dance{suffix}", results)
    assert "missing in frames 60 to 119 (2.0 to 4.0 s)" in caplog.text
    joints = read_bvh(path)[2] if suffix == ".bvh" else read_glb(path)[3]
    assert len(joints) == 180
    assert np.abs(joints[65:118] - joints[64]).max() < 0.02
    if suffix != ".bvh":
        assert read_glb(path)[0]["extras"]["gaps"] == [[60, 119]]


def test_a_variable_rate_becomes_a_constant_one(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    times_us = np.cumsum(np.where(np.arange(60) % 10 == 9, 100_000, 33_333)).astype(np.int64)
    results = results_of(figure(60, FPS, 0).landmarks, times_us - times_us[0])
    with caplog.at_level(logging.WARNING, "vitruvian"):
        path = write(tmp_path / f"dance{suffix}", results)
    assert "resampled at 30 fps" in caplog.text
    joints = read_bvh(path)[2] if suffix == ".bvh" else read_glb(path)[3]
    assert len(joints) == pytest.approx((times_us[-1] - times_us[0]) * FPS / 1e6, abs=1.5)


def test_of_two_people_one_is_written_or_each_in_a_file(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = dance(30, 1), dance(30, 2)
    both = [
        replace(a, poses=(*a.poses, *b.poses) if i < 20 else b.poses)
        for i, (a, b) in enumerate(zip(one, two, strict=True))
    ]
    with caplog.at_level(logging.WARNING, "vitruvian"):
        path = write(tmp_path / f"dance{suffix}", both)
    assert "written person 2 (30 frames), not 1 (20 frames)" in caplog.text
    alone = write(tmp_path / f"alone{suffix}", two)
    joints = [read_bvh(p)[2] if suffix == ".bvh" else read_glb(p)[3] for p in (path, alone)]
    assert np.allclose(joints[0], joints[1], atol=1e-6)
    write(tmp_path / f"each-{{id}}{suffix}", both)
    assert (tmp_path / f"each-1{suffix}").exists()
    assert (tmp_path / f"each-2{suffix}").exists()


def test_landmarks_that_are_nan_keep_their_place(tmp_path: Path, suffix: str) -> None:
    results = dance(60)
    for i in range(20, 40):
        (pose,) = results[i].poses
        world = pose.world.copy()
        world[[15, 16, 19]] = np.nan
        results[i] = replace(results[i], poses=(replace(pose, world=world),))
    path = write(tmp_path / f"dance{suffix}", results)
    joints = read_bvh(path)[2] if suffix == ".bvh" else read_glb(path)[3]
    assert np.isfinite(joints).all()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "never known: nose, .*, left_eye_outer, right_eye_inner, 28 more;"),
        (0.0, "a figure needs a body: all landmarks are at one place"),
    ],
)
def test_a_person_without_a_body_is_an_error(
    tmp_path: Path, suffix: str, value: float, message: str
) -> None:
    world = np.full((33, 3), value)
    results = [replace(r, poses=(replace(r.poses[0], world=world),)) for r in dance(3)]
    with pytest.raises(SinkError, match=message):
        write(tmp_path / f"nothing{suffix}", results)


def test_names_may_have_any_characters(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"танец 舞踊 – ü{suffix}", dance(3))
    assert path.stat().st_size > 1000
    if suffix != ".bvh":
        assert read_glb(path)[0]["animations"][0]["name"] == path.stem


@pytest.mark.slow
@pytest.mark.parametrize("write_file", [write_glb, write_bvh])
def test_70_000_frames_are_written_in_seconds(tmp_path: Path, write_file: Any) -> None:
    n_frames, short = 70_000, dance(100)
    motion = motion_of(PoseSequence.from_results(short), MotionOptions())
    order = np.abs((np.arange(n_frames) + 99) % 198 - 99)  # to and fro
    long = replace(motion, points=motion.points[order])
    path = tmp_path / "long"
    write_file(long, path, final=path, provenance=None)
    assert path.stat().st_size > 20e6
