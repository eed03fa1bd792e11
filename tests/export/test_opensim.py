"""OpenSim reads a TRC, and the recipe of the docs scales Pose2Sim's model and solves its angles."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.export.walkers import absent, person, results_of

from vitruvian.core.sequence import PoseSequence
from vitruvian.export import open_output
from vitruvian.export.markers import markers_of
from vitruvian.export.motion import MotionOptions, motion_of

pytestmark = pytest.mark.opensim

PAGE = Path(__file__).resolve().parents[2] / "docs" / "biomechanics.md"
OPTIONS = MotionOptions(height_m=1.74)


def points_in(table: object) -> np.ndarray:
    flat = table.flatten()  # the matrix is a view of it
    return np.array(flat.getMatrix().to_numpy()).reshape(table.getNumRows(), -1, 3)


def written(path: Path, results: object) -> Path:
    with open_output(path, motion=OPTIONS) as sink:
        for result in results:
            sink.write(result)
    return path


def test_opensim_reads_the_markers(tmp_path: Path) -> None:
    opensim = pytest.importorskip("opensim")
    results = results_of(absent(person(150, 30_000 / 1001), 40, 110))
    path = written(tmp_path / "walk.trc", results)
    table = opensim.TimeSeriesTableVec3(str(path))
    names, points = markers_of(motion_of(PoseSequence.from_results(results), OPTIONS))
    assert list(table.getColumnLabels()) == names
    assert_allclose(table.getIndependentColumn(), np.arange(150) * 1001 / 30_000, atol=1e-6)
    assert_allclose(points_in(table), points, atol=1e-6)
    assert table.getTableMetaDataString("Units") == "m"


def test_opensim_reads_the_angles(tmp_path: Path) -> None:
    opensim = pytest.importorskip("opensim")
    path = written(tmp_path / "walk.mot", results_of(person(30)))
    storage = opensim.Storage(str(path))
    assert storage.getSize() == 30
    labels = storage.getColumnLabels()
    header = path.read_text(encoding="utf-8").split("\n")[7].split("\t")
    assert [labels.get(i) for i in range(labels.getSize())] == header
    assert storage.isInDegrees()


@pytest.mark.parametrize("source", ["figure", "figure with a gap", "clip"])
def test_the_recipe_fits_a_model_to_the_markers(
    tmp_path: Path, request: pytest.FixtureRequest, source: str
) -> None:
    pytest.importorskip("opensim")
    pose2sim = find_spec("Pose2Sim")
    if pose2sim is None:
        pytest.skip("needs the model of an installed Pose2Sim")
    setup = Path(next(iter(pose2sim.submodule_search_locations))) / "OpenSim_Setup"
    results, n_frames = results_of(person(40)), 40
    if source == "figure with a gap":
        results, n_frames = results_of(absent(person(60), 10, 40)), 20
    elif source == "clip":
        folder = request.getfixturevalue("testdata") / "reference" / "mediapipe-0.10.21"
        world = np.load(folder / "balance_cam01.npz")["full:raw_world"]
        man = replace(person(100, 60.0), world=world[..., :3], visibility=world[..., 3])
        results, n_frames = results_of(man), 100
    trc = written(tmp_path / "walk.trc", results)
    (recipe,) = PAGE.read_text(encoding="utf-8").split("```py\n")[1:]
    script = tmp_path / "opensim_ik.py"
    script.write_text(recipe.partition("\n```")[0], encoding="utf-8")
    command = [sys.executable, str(script), str(trc), str(setup)]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, timeout=300)
    errors = np.loadtxt(tmp_path / "_ik_marker_errors.sto", skiprows=7)
    _, points = markers_of(motion_of(PoseSequence.from_results(results), OPTIONS))
    assert np.isfinite(points).any(axis=(1, 2)).sum() >= n_frames
    assert len(errors) == n_frames
    assert errors[:, 2].mean() < 0.06  # m
    lines = (tmp_path / "walk.ik.mot").read_text(encoding="utf-8").split("endheader\n")[1]
    names, *rows = [line.split() for line in lines.splitlines()]
    angles = np.array(rows, np.float64)
    assert len(angles) == n_frames
    knee = angles[:, names.index("knee_angle_r")]
    assert np.isfinite(knee).all()
    assert (tmp_path / "walk.osim").is_file()
