from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from vitruvian.backends import BACKENDS, Target, compile_network
from vitruvian.engine.model import landmark_network
from vitruvian.errors import BackendUnavailableError, VitruvianError
from vitruvian.models.store import ModelFile

RUNTIMES = {"openvino": ["openvino"], "litert": ["ai_edge_litert", "ai_edge_litert.interpreter"]}
NETWORK = landmark_network(ModelFile(Path("none.tflite"), "0" * 64))


def test_an_unknown_backend_lists_the_known_ones() -> None:
    message = re.escape("backend must be one of ['litert', 'openvino'], got 'tf'")
    with pytest.raises(ValueError, match=message):
        Target(backend="tf")


def test_an_unknown_precision_lists_the_known_ones() -> None:
    message = re.escape("precision must be one of ['exact', 'fast'], got 'bf16'")
    with pytest.raises(ValueError, match=message):
        Target(precision="bf16")


@pytest.mark.parametrize(
    ("backend", "package"), [("openvino", "'vitruvian'"), ("litert", "'vitruvian[litert]'")]
)
def test_a_backend_that_is_not_installed_says_what_to_install(
    backend: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (BACKENDS[backend][0], "vitruvian.backends.openvino_runtime"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for module in RUNTIMES[backend]:
        monkeypatch.setitem(sys.modules, module, None)
    message = re.escape(f"backend {backend!r} is not installed: pip install {package} (")
    with pytest.raises(BackendUnavailableError, match=message) as info:
        compile_network(NETWORK, Target(backend=backend))
    assert isinstance(info.value, ImportError)
    assert isinstance(info.value, VitruvianError)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_table_names_a_class_of_compiled_networks(backend: str) -> None:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    module, name, _ = BACKENDS[backend]
    assert callable(getattr(import_module(module), name).open_session)


@pytest.mark.parametrize("name", ["backend", "device", "precision"])
def test_a_target_names_backend_device_and_precision_by_strings(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} must be a string, got 3"):
        Target(**{name: 3})


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_a_target_has_a_positive_number_of_threads(threads: object) -> None:
    with pytest.raises(ValueError, match="threads must be a positive integer or None, got"):
        Target(threads=threads)
