"""`vitruvian.compat.install`: which package ``import mediapipe`` finds."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pickle
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from vitruvian import compat
from vitruvian.compat.programs import SHIM

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = [
    "framework.formats",
    "framework.formats.landmark_pb2",
    "python.solutions",
    "python.solutions.drawing_styles",
    "python.solutions.drawing_utils",
    "python.solutions.pose",
    "python.solutions.pose_connections",
    "tasks",
    "tasks.python",
    "tasks.python.components.containers",
    "tasks.python.core.base_options",
    "tasks.python.vision",
]
HEAVY = {"av", "cv2", "matplotlib", "openvino", "PIL", "scipy"}


@pytest.fixture
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


def taken() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "mediapipe"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", MODULES)
def test_both_names_give_the_same_module(name: str) -> None:
    ours = importlib.import_module(f"vitruvian.compat.mediapipe.{name}")
    theirs = importlib.import_module(f"mediapipe.{name}")
    assert theirs is ours
    assert ours.__spec__ is not None
    assert ours.__spec__.name == f"vitruvian.compat.mediapipe.{name}"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "statement",
    [
        "import mediapipe as mp; value = mp.solutions.pose",
        "from mediapipe import solutions; value = solutions.pose",
        "import mediapipe as mp; value = mp.solutions.mediapipe.python.solutions.pose",
        "import mediapipe.solutions.pose as value",
        "from mediapipe.solutions import pose as value",
        "from mediapipe.python.solutions import pose as value",
        "import mediapipe.python.solutions.pose as value",
        "import mediapipe.python.solutions as s; value = s.pose",
        "from mediapipe.python import solutions as s; value = s.pose",
        "import vitruvian.compat.mediapipe as mp; value = mp.solutions.pose",
        "from vitruvian.compat.mediapipe.python.solutions import pose as value",
    ],
)
def test_every_import_style_gives_the_same_pose_module(statement: str) -> None:
    names: dict[str, object] = {}
    exec(statement, names)
    pose = importlib.import_module("vitruvian.compat.mediapipe.python.solutions.pose")
    assert names["value"] is pose


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("module", ["mediapipe", "mediapipe.solutions", "mediapipe.tasks.python"])
def test_an_unknown_name_raises_an_attribute_error_with_its_name(module: str) -> None:
    package = importlib.import_module(module)
    assert not hasattr(package, "feet")
    with pytest.raises(AttributeError, match=r"^vitruvian has the pose part of .*\.feet'$"):
        _ = package.feet


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("import mediapipe.feet", ModuleNotFoundError),
        ("import mediapipe.python.solutions.feet", ModuleNotFoundError),
        ("from mediapipe.tasks.python.feet import x", ModuleNotFoundError),
        ("import vitruvian.compat.mediapipe.feet", ModuleNotFoundError),
        ("from mediapipe.python.solutions import feet", ImportError),
        ("from mediapipe import Feet", ImportError),
    ],
)
def test_an_unknown_import_raises_the_error_that_programs_catch(
    statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"[Ff]eet"):
        exec(statement)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        ("mediapipe", True),
        ("mediapipe.solutions", True),
        ("mediapipe.solutions.pose", True),
        ("mediapipe.python.solutions.hands", True),
        ("mediapipe.tasks.python.vision.hand_landmarker", True),
        ("mediapipe.tasks.python.text", True),
        ("mediapipe.framework.formats.landmark_pb2", True),
        ("mediapipe.feet", False),
        ("mediapipe.solutions.feet", False),
        ("mediapipe.tasks.python.vision.feet", False),
        ("mediapipe.model_maker.python", False),
        ("vitruvian.compat.mediapipe.feet", False),
    ],
)
def test_find_spec_answers_a_spec_or_none(name: str, is_there: bool) -> None:
    spec = importlib.util.find_spec(name)
    assert (spec is not None) == is_there


@pytest.mark.usefixtures("installed")
def test_find_spec_does_not_import_the_module() -> None:
    code = (
        "import sys, vitruvian.compat as c, importlib.util as u; c.install();"
        "u.find_spec('mediapipe.python.solutions.pose');"
        "print(any(m.endswith('solutions.pose') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_uninstall_restores_the_real_mediapipe() -> None:
    there = importlib.util.find_spec("mediapipe")
    compat.install()
    importlib.import_module("mediapipe.python.solutions")
    compat.uninstall()
    assert taken() == []
    spec = importlib.util.find_spec("mediapipe")
    assert (spec and spec.origin) == (there and there.origin)
    compat.uninstall()


def test_calling_install_twice_has_no_effect() -> None:
    compat.install()
    module = importlib.import_module("mediapipe")
    compat.install()
    assert importlib.import_module("mediapipe") is module
    compat.uninstall()
    assert taken() == []


def test_install_fails_if_the_real_mediapipe_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ModuleType("mediapipe")
    real.__file__ = "/somewhere/mediapipe/__init__.py"
    monkeypatch.setitem(sys.modules, "mediapipe", real)
    with pytest.raises(ImportError, match=r"before the first 'import mediapipe'.*/somewhere/"):
        compat.install()
    assert sys.modules["mediapipe"] is real
    compat.uninstall()
    assert sys.modules["mediapipe"] is real


@pytest.mark.usefixtures("installed")
def test_other_imports_are_not_redirected() -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'mediapipe_of_others'"):
        importlib.import_module("mediapipe_of_others")


@pytest.mark.usefixtures("installed")
def test_pickles_load_under_both_module_names() -> None:
    landmark_pb2 = importlib.import_module("mediapipe.framework.formats.landmark_pb2")
    point = landmark_pb2.NormalizedLandmark(x=0.25)
    compat.uninstall()
    assert pickle.loads(pickle.dumps(point)).x == 0.25


def test_a_program_under_run_finds_a_mediapipe_version() -> None:
    (found,) = importlib.metadata.distributions(name="mediapipe", path=[str(SHIM)])
    assert found.read_text("top_level.txt") == "mediapipe\n"  # packages_distributions()
    assert found.version == importlib.import_module("vitruvian.compat.mediapipe").__version__


def test_import_star_imports_all_names_of_a_package() -> None:
    names: dict[str, object] = {}
    exec("from vitruvian.compat.mediapipe.tasks.python.vision import *", names)
    exec("from vitruvian.compat.mediapipe.python.solutions import *", names)
    exec("from vitruvian.compat.mediapipe import *", names)
    assert {"PoseLandmarker", "RunningMode", "pose", "drawing_utils", "tasks"} <= names.keys()
    assert "members" not in names


def test_import_is_fast_and_loads_no_other_library() -> None:
    imports = "".join(f"import mediapipe.{name};" for name in MODULES)
    program = (
        f"import sys, vitruvian.compat as c; c.install(); {imports}"
        "print(*{m.partition('.')[0] for m in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.split())
