"""Readers of other programs get the joints that are meant: three.js, Khronos, bvhio, pygltflib."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.analysis.rig_figure import figure, results_of

from vitruvian import PoseSequence, open_output
from vitruvian.analysis.rig import BONES
from vitruvian.export.figure_motion import figure_motion
from vitruvian.export.motion import MotionOptions, motion_of

if TYPE_CHECKING:
    from vitruvian import PoseResult
    from vitruvian.analysis.rig import RigMotion

pytestmark = pytest.mark.interop

FPS, N_FRAMES = 60.0, 100
MAX_OFF_M = 1e-5
VRM_NAMES = list(BONES)
BVH_NAMES = [name[0].upper() + name[1:] for name in BONES]


@pytest.fixture(scope="module")
def results() -> list[PoseResult]:
    times_us = np.rint(np.arange(N_FRAMES) * 1e6 / FPS).astype(np.int64)
    return results_of(figure(N_FRAMES, FPS, 0).landmarks, times_us)


@pytest.fixture(scope="module")
def rig(results: list[PoseResult]) -> RigMotion:
    motion = motion_of(PoseSequence.from_results(results), MotionOptions())
    assert motion.fps == FPS
    return figure_motion(motion)


@pytest.fixture(scope="module", params=[".glb", ".vrma", ".bvh"])
def path(
    request: pytest.FixtureRequest,
    results: list[PoseResult],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    path = tmp_path_factory.mktemp("animation") / f"tänzerin{request.param}"
    with open_output(path) as sink:
        for result in results:
            sink.write(result)
    return path


def run_node(script: str, path: Path) -> Any:
    """Return what a script of this folder prints about a file."""
    modules = os.environ.get("VITRUVIAN_NODE_MODULES")
    if shutil.which("node") is None or modules is None:
        pytest.skip("needs node, and its modules in the folder VITRUVIAN_NODE_MODULES")
    command = ["node", str(Path(__file__).with_name(script)), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_khronos_validator_finds_no_error(path: Path) -> None:
    if path.suffix == ".bvh":
        return
    issues = run_node("validate.mjs", path)
    assert issues["numErrors"] == issues["numWarnings"] == 0, issues["messages"]
    assert {m["code"] for m in issues["messages"]} <= {"UNSUPPORTED_EXTENSION", "NODE_EMPTY"}


def test_three_js_reads_the_joints_and_the_rate(path: Path, rig: RigMotion) -> None:
    read = run_node("read_in_three.mjs", path)
    is_bvh = path.suffix == ".bvh"
    bones = [i for i, name in enumerate(read["names"]) if name != "ENDSITE"]
    assert [read["names"][i] for i in bones] == (BVH_NAMES if is_bvh else VRM_NAMES)
    assert np.allclose(read["times"], np.arange(N_FRAMES) / FPS, atol=2e-6)
    joints = np.array(read["places"])[:, bones] / (100 if is_bvh else 1)
    assert np.abs(joints - rig.forward_kinematics()).max() < MAX_OFF_M
    assert read["isSkinned"] == (path.suffix == ".glb")
    assert is_bvh or read["tracks"] == 22


def test_three_vrm_reads_every_bone(path: Path, rig: RigMotion) -> None:
    if path.suffix == ".bvh":
        return
    read = run_node("read_in_three_vrm.mjs", path)
    assert sorted(read["rotations"]) == sorted(VRM_NAMES)
    assert read["translations"] == ["hips"]
    assert read["frames"] == N_FRAMES
    assert read["duration"] == pytest.approx((N_FRAMES - 1) / FPS)
    assert read["hips"] == pytest.approx([0, rig.rest_height_m + 0.02, 0], abs=1e-6)


def test_bvhio_reads_the_joints_and_the_rate(path: Path, rig: RigMotion) -> None:
    bvhio = pytest.importorskip("bvhio", reason="needs the dependency group interop")
    if path.suffix != ".bvh":
        return
    read = bvhio.readAsBvh(str(path))
    assert read.FrameCount == N_FRAMES
    assert read.FrameTime == pytest.approx(1 / FPS, abs=1e-8)
    root = bvhio.readAsHierarchy(str(path))
    joints, expected = [], rig.forward_kinematics()
    for i in range(N_FRAMES):
        root.loadPose(i)
        places = {joint.Name: joint.PositionWorld for joint, *_ in root.layout()}
        joints.append([[*places[name]] for name in BVH_NAMES])
    assert np.abs(np.array(joints) / 100 - expected).max() < MAX_OFF_M


def test_pygltflib_reads_animation_skin_and_extras(path: Path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="needs the dependency group interop")
    if path.suffix == ".bvh":
        return
    read = pygltflib.GLTF2().load_binary(str(path))
    assert [node.name for node in read.nodes[:21]] == VRM_NAMES
    assert len(read.animations[0].channels) == 22
    assert len(read.skins) == (path.suffix == ".glb")
    assert read.extras["person"] == 1
    assert read.extras["fps"] == FPS
    bones = read.extensions["VRMC_vrm_animation"]["humanoid"]["humanBones"]
    assert [bones[name]["node"] for name in VRM_NAMES] == list(range(21))
