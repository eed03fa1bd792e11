"""`plot_landmarks` plots like MediaPipe's; nothing else needs matplotlib."""

from __future__ import annotations

import inspect
import io
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from setting import REPOSITORY
from side_env import BENCH
from vitruvian.compat.mediapipe.framework.formats import landmark_pb2
from vitruvian.compat.mediapipe.python.solutions import drawing_utils
from vitruvian.compat.mediapipe.tasks.python.components.containers import Landmark
from vitruvian.compat.mediapipe.tasks.python.vision import drawing_utils as tasks_utils
from vitruvian.errors import BackendUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH = pytest.mark.parametrize("drawing", [drawing_utils, tasks_utils], ids=["solutions", "tasks"])

# Run by the interpreter with the real MediaPipe: both modules with the same matplotlib.
BESIDE = """
import io, random
from typing import Any
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from mediapipe.framework.formats import landmark_pb2
from mediapipe.python.solutions import drawing_utils
from vitruvian.compat.mediapipe.framework.formats import landmark_pb2 as our_pb2
from vitruvian.compat.mediapipe.python.solutions import drawing_utils as ours
from vitruvian.compat.mediapipe.python.solutions.pose_connections import POSE_CONNECTIONS

{plotted}

print(plotted(plt, drawing_utils, landmark_pb2, POSE_CONNECTIONS)
      == plotted(plt, ours, our_pb2, POSE_CONNECTIONS))
"""


def plotted(plt: Any, drawing: Any, pb2: Any, edges: Any) -> bytes:
    """Return the PNG of a plot of 33 landmarks, some of them occluded."""
    rng = random.Random(0)
    message = pb2.LandmarkList()
    for _ in range(33):
        x, y, z, visibility = (rng.random() for _ in range(4))
        message.landmark.add(x=x, y=y, z=z, visibility=visibility * 2)
    spec = drawing.DrawingSpec(color=(250, 120, 3), thickness=3)
    drawing.plot_landmarks(message, edges, connection_drawing_spec=spec, azimuth=70)
    file = io.BytesIO()
    plt.savefig(file, format="png")
    return file.getvalue()


@pytest.fixture
def plt(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Pyplot without a display; shown figures stay open."""
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(pyplot, "show", lambda: None)
    yield pyplot
    pyplot.close("all")


def pose(drawing: Any, *landmarks: tuple[float, float, float, float]) -> Any:
    """Return landmarks (x, y, z, visibility) in the type of a drawing module."""
    if drawing is tasks_utils:
        return [Landmark(*values) for values in landmarks]
    message = landmark_pb2.LandmarkList()
    for x, y, z, visibility in landmarks:
        message.landmark.add(x=x, y=y, z=z, visibility=visibility)
    return message


SEEN, ALSO_SEEN, HIDDEN = (0.5, 0.25, -1.0, 1.0), (0.0, 2.0, 0.5, 0.5), (0.1, 0.1, 0.1, 0.4)


@BOTH
def test_plot_is_upright_and_shows_visible_landmarks_only(plt: Any, drawing: Any) -> None:
    drawing.plot_landmarks(
        pose(drawing, SEEN, HIDDEN, ALSO_SEEN), [(0, 2), (0, 1)], elevation=20, azimuth=30
    )
    (axes,) = plt.gcf().axes
    assert (axes.elev, axes.azim) == (20, 30)
    dots = [dot._offsets3d for dot in axes.collections]
    assert [tuple(float(values[0]) for values in dot) for dot in dots] == [
        (1.0, 0.5, -0.25),
        (-0.5, 0.0, -2.0),
    ]
    (line,) = axes.lines
    assert [tuple(values) for values in line.get_data_3d()] == [
        (1.0, -0.5),
        (0.5, 0.0),
        (-0.25, -2.0),
    ]
    assert line.get_color() == (0.0, 0.0, 0.0)
    assert line.get_linewidth() == 5


@BOTH
def test_connection_index_out_of_range_raises_an_error(plt: Any, drawing: Any) -> None:
    with pytest.raises(ValueError, match="Landmark index is out of range"):
        drawing.plot_landmarks(pose(drawing, SEEN), [(0, 1)])


def test_plot_equals_that_of_an_installed_mediapipe() -> None:
    python = BENCH / "mediapipe-0.10.21" / "bin" / "python"
    if not python.exists():
        pytest.skip("no MediaPipe 0.10.21 in .bench: `make bench` makes it")
    done = subprocess.run(
        [python, "-c", BESIDE.format(plotted=inspect.getsource(plotted))],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True"]


@BOTH
def test_without_matplotlib_the_error_says_what_to_install(
    drawing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(BackendUnavailableError, match="pip install matplotlib") as caught:
        drawing.plot_landmarks(pose(drawing, SEEN))
    assert isinstance(caught.value, ImportError)
    assert caught.value.name == "matplotlib"
