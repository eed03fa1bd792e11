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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"profile": "best"}, "profile must be one of ['default', 'graph', 'solutions', 'tasks']"),
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
