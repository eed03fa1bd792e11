from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.fakes import fake_networks

import vitruvian as vt
from vitruvian import EstimatorOptions, PoseEstimator, PoseTracker, TrackerOptions
from vitruvian.engine.option_fields import option_fields, values_of
from vitruvian.engine.profile import PROFILES
from vitruvian.errors import BackendUnavailableError, ModelNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.engine.option_fields import OptionField

FIELDS = option_fields(TrackerOptions)
FRACTIONS = [field.name for field in FIELDS if field.range == "from 0 to 1"]
SWITCHES = [field.name for field in FIELDS if field.types == (bool,)]
USERS = [(PoseEstimator, EstimatorOptions), (PoseTracker, TrackerOptions)]

by_field = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)


# --- values ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"profile": "best"},
            "profile must be one of ['solutions', 'graph', 'tasks', 'default'], got 'best'",
        ),
        ({"backend": "tf"}, "backend must be one of ['openvino', 'litert'], got 'tf'"),
        ({"reach": "near"}, "reach must be one of ['auto', 'normal', 'far'], got 'near'"),
        (
            {"reach": "far", "profile": "solutions"},
            "reach must be 'normal' or 'auto' with a profile of MediaPipe or with crop 'center', "
            "got 'far' with profile 'solutions' and crop 'letterbox'",
        ),
        ({"crop": "middle"}, "crop must be one of ['letterbox', 'center'], got 'middle'"),
        ({"precision": "int8"}, "precision must be one of ['exact', 'fast'], got 'int8'"),
        ({"threads": 0}, "threads must be at least 1, got 0"),
        ({"threads": -2}, "threads must be at least 1, got -2"),
        ({"num_poses": 0}, "num_poses must be at least 1, got 0"),
        ({"id_memory_s": -0.001}, "id_memory_s must be at least 0, got -0.001"),
        ({"id_memory_s": float("nan")}, "id_memory_s must be at least 0, got nan"),
    ],
)
def test_a_value_out_of_range_is_a_value_error_that_names_range_and_value(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        TrackerOptions(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 1.5}, "threads must be an integer of at least 1 or None, got 1.5"),
        ({"threads": "2"}, "threads must be an integer of at least 1 or None, got '2'"),
        ({"num_poses": 1.0}, "num_poses must be an integer of at least 1, got 1.0"),
        ({"num_poses": True}, "num_poses must be an integer of at least 1, got True"),
        ({"id_memory_s": "10"}, "id_memory_s must be a number of at least 0, got '10'"),
        ({"backend": None}, "backend must be a string, got None"),
        ({"device": 0}, "device must be a string, got 0"),
        ({"model": 3}, "model must be a string or a Path or a ModelLike, got 3"),
        ({"models_dir": 3}, "models_dir must be a string or a Path or None, got 3"),
    ],
)
def test_a_value_of_another_type_is_a_type_error_that_names_both(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        TrackerOptions(**options)


@pytest.mark.parametrize("name", FRACTIONS)
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf"), -1, 2])
def test_a_fraction_is_from_0_to_1(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{name} must be from 0 to 1, got {value!r}")):
        TrackerOptions(**{name: value})


@pytest.mark.parametrize("name", FRACTIONS)
@pytest.mark.parametrize("value", ["0.5", None, True, [0.5], 0.5j, np.True_])
def test_a_fraction_is_a_number(name: str, value: Any) -> None:
    message = re.escape(f"{name} must be a number from 0 to 1, got {value!r}")
    with pytest.raises(TypeError, match=message):
        TrackerOptions(**{name: value})


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_boolean_smoothing_is_an_error_that_names_the_numbers(value: Any) -> None:
    message = f"got {value!r}: use 0.5 for True, 0 for False"
    with pytest.raises(TypeError, match=re.escape(message)):
        TrackerOptions(smoothing=value)


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0, 0.5, np.float64(0.5)])
def test_the_ends_are_allowed(value: float) -> None:
    assert TrackerOptions(**dict.fromkeys(FRACTIONS, value)).presence_confidence == value


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [1, 0, None, "yes", np.array([True])])
def test_a_switch_is_true_or_false(name: str, value: Any) -> None:
    message = re.escape(f"{name} must be True or False, got {value!r}")
    with pytest.raises(TypeError, match=message):
        TrackerOptions(**{name: value})


@pytest.mark.parametrize("value", [0, 0.0, 2.5, 3600, np.float32(1.5), float("inf")])
def test_id_memory_may_be_any_duration(value: float) -> None:
    assert TrackerOptions(id_memory_s=value).id_memory_s == value


@pytest.mark.parametrize("value", [1, 2, 100, np.int32(3)])
@pytest.mark.parametrize("profile", [name for name in PROFILES if PROFILES[name].multi_pose])
def test_multi_pose_profiles_take_any_number_of_people(profile: str, value: int) -> None:
    assert TrackerOptions(profile=profile, num_poses=value).num_poses == value


@pytest.mark.parametrize("profile", ["solutions", "graph"])
def test_single_pose_profiles_refuse_more_and_list_the_multi_pose_profiles(profile: str) -> None:
    assert TrackerOptions(profile=profile, num_poses=1).num_poses == 1
    message = f"profile must be one of ['tasks', 'default'] for several people, got {profile!r}"
    for make in (TrackerOptions, PoseTracker, PoseEstimator):
        with pytest.raises(ValueError, match=re.escape(message)):
            make(profile=profile, num_poses=2)


def test_values_of_numpy_become_those_of_python() -> None:
    options = TrackerOptions(
        num_poses=np.int32(3), smoothing=np.float32(0.25), segmentation=np.True_, threads=np.int8(2)
    )
    values = options.num_poses, options.smoothing, options.segmentation, options.threads
    assert [type(value) for value in values] == [int, float, bool, int]
    assert values == (3, 0.25, True, 2)


def test_options_are_values() -> None:
    one, other = TrackerOptions("lite", num_poses=2), TrackerOptions("lite", num_poses=2)
    assert one == other != replace(one, num_poses=3)
    assert hash(one) == hash(other)
    with pytest.raises(FrozenInstanceError):
        one.num_poses = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="num_poses must be at least 1"):
        replace(one, num_poses=0)


def test_a_tracker_has_the_options_of_an_estimator_and_more() -> None:
    names = [field.name for field in fields(TrackerOptions)]
    assert names[: len(fields(EstimatorOptions))] == [f.name for f in fields(EstimatorOptions)]
    tracking = set(names) - {field.name for field in fields(EstimatorOptions)}
    assert tracking == {
        "appearance",
        "association_iou",
        "follow",
        "force_detection",
        "id_memory_s",
        "smooth_segmentation",
        "smoothing",
        "tracking_confidence",
    }


# --- one source ---


@by_field
def test_each_option_has_a_text_and_a_valid_default(field: OptionField) -> None:
    assert re.fullmatch(r"[A-Za-z].*\.", field.option.text)
    assert field.checked(field.default) == field.default


@pytest.mark.parametrize("shown", [PoseTracker, TrackerOptions])
@by_field
def test_help_lists_each_option_with_unit_range_and_default(
    shown: type, field: OptionField
) -> None:
    text = " ".join(str(shown.__doc__).split())
    assert f" {field.name} : {field.summary} {field.option.text} " in text


def test_a_summary_has_type_unit_range_and_default() -> None:
    summaries = {field.name: field.summary for field in FIELDS}
    assert summaries["id_memory_s"] == "float, s, at least 0, default 10.0"
    assert summaries["smoothing"] == "float, from 0 to 1, default 0.5"
    assert summaries["crop"] == '{"letterbox", "center"}, default "letterbox"'
    assert summaries["threads"] == "int or None, at least 1, default None"
    assert summaries["model"] == 'str or Path or ModelLike, default "full"'


@pytest.mark.parametrize(("user", "options"), USERS)
def test_a_constructor_has_the_parameters_of_its_options(user: type, options: type) -> None:
    parameters = signature(user).parameters.values()
    assert [p.name for p in parameters] == [field.name for field in fields(options)]
    assert [p.default for p in parameters] == [field.default for field in fields(options)]
    kinds = [p.kind for p in parameters]
    assert kinds[0] == Parameter.POSITIONAL_OR_KEYWORD
    assert set(kinds[1:]) == {Parameter.KEYWORD_ONLY}
    assert signature(options).parameters == signature(user).parameters


def test_docstrings_may_be_stripped() -> None:
    code = "import vitruvian as vt; print(vt.PoseTracker.__doc__, vt.TrackerOptions().num_poses)"
    done = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "None 1\n"


@pytest.mark.parametrize(("user", "options"), USERS)
def test_options_are_taken_as_keywords_or_as_a_value(
    user: Any, options: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_networks(monkeypatch)
    value = options("lite", num_poses=2, detection_confidence=0.25)
    for made in (user.from_options(value), user(**values_of(value))):
        assert made.options == value
        assert type(made.options) is options
        made.close()


def test_an_estimator_takes_the_options_of_a_tracker(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_networks(monkeypatch)
    with PoseEstimator.from_options(TrackerOptions("lite", smoothing=0)) as estimator:
        assert estimator.options == EstimatorOptions("lite")
    with pytest.raises(TypeError, match="options must be TrackerOptions, got EstimatorOptions"):
        PoseTracker.from_options(EstimatorOptions("lite"))  # type: ignore[arg-type]


def test_a_type_checker_sees_the_options(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import vitruvian as vt\n"
        "vt.PoseTracker('full', num_poses=2, smoothing=0.3, threads=None)\n"
        "vt.PoseTracker(num_poses='2')\n"
        "vt.PoseTracker(number=2)\n"
        "vt.PoseEstimator(smoothing=0.3)\n"
        "vt.PoseTracker('full', 2)\n"
    )
    mypy = pytest.importorskip("mypy.api")
    found, _, _ = mypy.run([str(program), "--strict", "--cache-dir", str(tmp_path / "cache")])
    lines = [int(match) for match in re.findall(r"program\.py:(\d+): error", found)]
    assert lines == [3, 4, 5, 6], found


# --- in the engines ---


@pytest.mark.parametrize("engine", [PoseTracker, PoseEstimator])
def test_options_are_checked_before_the_model_is_located(engine: type) -> None:
    with pytest.raises(ValueError, match="detection_confidence must be from 0 to 1"):
        engine("no_such_model.tflite", detection_confidence=1.5)


@pytest.mark.parametrize("engine", [PoseTracker, PoseEstimator])
def test_an_unknown_option_is_named(engine: type) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'number'"):
        engine(number=2)


@pytest.mark.parametrize("engine", [PoseTracker, PoseEstimator])
def test_an_unknown_model_lists_the_known_ones(engine: type) -> None:
    message = r"model must be one of \['lite', 'full', 'heavy'\] or the path of .*, got 'huge'"
    with pytest.raises(ValueError, match=message):
        engine("huge")


@pytest.mark.parametrize("name", ["none.tflite", "none.task"])
def test_a_model_file_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ModelNotFoundError, match=f"no model file at '{name}'"):
        PoseTracker(name)


@pytest.mark.weights
def test_an_unavailable_device_is_an_error_that_lists_the_available_ones() -> None:
    with pytest.raises(BackendUnavailableError, match=r"device must be one of \['CPU'.*got 'TPU'"):
        PoseTracker("lite", device="TPU")


def test_options_load_no_library() -> None:
    code = "import sys, vitruvian as vt; vt.TrackerOptions(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, vt.TrackerOptions) == ("False\n", TrackerOptions)


@pytest.mark.parametrize("options", [EstimatorOptions, TrackerOptions])
def test_reach_is_far_unless_the_detector_must_see_one_view_only(options: type) -> None:
    assert options().has_far_reach
    assert options(reach="far").has_far_reach
    for one_view in ({"reach": "normal"}, {"crop": "center"}, {"profile": "tasks"}):
        assert not options(**one_view).has_far_reach
    with pytest.raises(ValueError, match="got 'far' with profile 'default' and crop 'center'"):
        options(reach="far", crop="center")
