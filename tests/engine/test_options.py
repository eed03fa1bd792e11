from __future__ import annotations

import re
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest

from vitruvian import PoseEstimator, PoseTracker
from vitruvian.engine.options import Options
from vitruvian.errors import BackendUnavailableError, ModelNotFoundError

CONFIDENCES = ("detection_confidence", "presence_confidence", "tracking_confidence")
SWITCHES = ("appearance", "force_detection", "segmentation", "smooth_segmentation")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"profile": "best"},
            "profile must be one of ['default', 'graph', 'people', 'solutions', 'tasks'], "
            "got 'best'",
        ),
        ({"backend": "tf"}, "backend must be one of ['litert', 'openvino'], got 'tf'"),
        ({"crop": "middle"}, "crop must be one of ['letterbox', 'center'], got 'middle'"),
        ({"threads": 0}, "threads must be a positive integer or None, got 0"),
        ({"threads": -2}, "threads must be a positive integer or None, got -2"),
        ({"threads": 1.5}, "threads must be a positive integer or None, got 1.5"),
        ({"threads": "2"}, "threads must be a positive integer or None, got '2'"),
    ],
)
def test_a_bad_option_is_a_value_error_that_says_wanted_and_got(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Options(**options)


@pytest.mark.parametrize("name", CONFIDENCES)
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf"), -1, 2])
def test_a_confidence_is_from_0_to_1(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{name} must be from 0 to 1, got {value!r}")):
        Options(**{name: value})


@pytest.mark.parametrize("name", CONFIDENCES)
@pytest.mark.parametrize("value", ["0.5", None, True, [0.5], 0.5j])
def test_a_confidence_is_a_number(name: str, value: Any) -> None:
    message = re.escape(f"{name} must be a number from 0 to 1, got {value!r}")
    with pytest.raises(TypeError, match=message):
        Options(**{name: value})


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0, 0.5, np.float64(0.5)])
def test_the_ends_are_allowed(value: float) -> None:
    assert Options(**dict.fromkeys(CONFIDENCES, value)).presence_confidence == value


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, "2", None, True, float("nan")])
def test_a_number_of_people_is_a_positive_integer(value: Any) -> None:
    message = re.escape(f"num_poses must be a positive integer, got {value!r}")
    with pytest.raises(ValueError, match=message):
        Options(num_poses=value)


@pytest.mark.parametrize("value", [1, 2, 100, np.int32(3)])
@pytest.mark.parametrize("profile", ["tasks", "default", "people"])
def test_these_profiles_take_any_number_of_people(profile: str, value: int) -> None:
    assert Options(profile=profile, num_poses=value).num_poses == value


@pytest.mark.parametrize("profile", ["solutions", "graph"])
def test_profiles_of_one_person_refuse_more_and_list_those_that_do_not(profile: str) -> None:
    assert Options(profile=profile, num_poses=1).num_poses == 1
    message = (
        f"profile must be one of ['tasks', 'default', 'people'] for several people, got {profile!r}"
    )
    for make in (Options, PoseTracker, PoseEstimator):
        with pytest.raises(ValueError, match=re.escape(message)):
            make(profile=profile, num_poses=2)


@pytest.mark.parametrize(
    ("value", "amount"),
    [(True, 0.5), (False, 0.0), (np.True_, 0.5), (0, 0.0), (1, 1.0), (0.3, 0.3), (0.5, 0.5)],
)
def test_smoothing_is_a_switch_or_an_amount(value: bool | float, amount: float) -> None:
    assert Options(smoothing=value).smoothing_amount == amount


@pytest.mark.parametrize("value", [-0.1, 1.01, 2, float("nan"), float("inf")])
def test_an_amount_of_smoothing_is_from_0_to_1(value: float) -> None:
    with pytest.raises(
        ValueError, match=re.escape(f"smoothing must be from 0 to 1, got {value!r}")
    ):
        Options(smoothing=value)


@pytest.mark.parametrize("value", ["0.5", None, [0.5]])
def test_smoothing_is_a_number_or_a_switch_and_nothing_else(value: Any) -> None:
    with pytest.raises(TypeError, match=r"smoothing must be a number from 0 to 1, got"):
        Options(smoothing=value)


@pytest.mark.parametrize("value", [0, 0.0, 2.5, 3600, np.float32(1.5), float("inf")])
def test_ids_are_remembered_for_any_time(value: float) -> None:
    assert Options(id_memory_s=value).id_memory_s == value


@pytest.mark.parametrize("value", [-1, -0.001, float("nan"), "10", None, True])
def test_a_memory_is_a_number_from_0(value: Any) -> None:
    message = re.escape(f"id_memory_s must be a number from 0, got {value!r}")
    with pytest.raises(ValueError, match=message):
        Options(id_memory_s=value)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [1, 0, None, "yes"])
def test_a_switch_is_true_or_false(name: str, value: Any) -> None:
    message = re.escape(f"{name} must be True or False, got {value!r}")
    with pytest.raises(TypeError, match=message):
        Options(**{name: value})


@pytest.mark.parametrize("engine", [PoseTracker, PoseEstimator])
def test_the_engines_check_their_options_before_they_look_for_a_model(engine: type) -> None:
    with pytest.raises(ValueError, match="detection_confidence must be from 0 to 1"):
        engine("no_such_model.tflite", detection_confidence=1.5)


@pytest.mark.parametrize("engine", [PoseTracker, PoseEstimator])
def test_the_engines_have_the_defaults_of_the_options(engine: type) -> None:
    plain = Options()
    parameters = [p for name, p in signature(engine).parameters.items() if name != "model"]
    assert all(p.kind is Parameter.KEYWORD_ONLY for p in parameters)
    assert {p.name: p.default for p in parameters} == {
        p.name: getattr(plain, p.name) for p in parameters
    }


def test_a_tracker_can_be_told_everything() -> None:
    assert set(signature(PoseTracker).parameters) == set(Options.__slots__)


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
def test_a_device_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BackendUnavailableError, match=r"device must be one of \['CPU'.*got 'TPU'"):
        PoseTracker("lite", device="TPU")
