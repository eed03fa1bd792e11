from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from vitruvian.backends import BACKENDS, Network, open_session
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, LANDMARKER_RANGE
from vitruvian.errors import BackendUnavailableError, VitruvianError

RUNTIMES = {"openvino": ["openvino"], "litert": ["ai_edge_litert", "ai_edge_litert.interpreter"]}
NETWORK = Network(Path("none.tflite"), "0" * 64, (256, 256), LANDMARKER_RANGE, LANDMARKER_OUTPUTS)


def test_an_unknown_backend_lists_the_known_ones() -> None:
    message = re.escape("backend must be one of ['litert', 'openvino'], got 'tf'")
    with pytest.raises(ValueError, match=message):
        open_session(NETWORK, backend="tf")


def test_an_unknown_precision_lists_the_known_ones() -> None:
    message = re.escape("precision must be one of ['exact', 'fast'], got 'bf16'")
    with pytest.raises(ValueError, match=message):
        open_session(NETWORK, precision="bf16")


@pytest.mark.parametrize(
    ("backend", "package"), [("openvino", "'vitruvian'"), ("litert", "'vitruvian[litert]'")]
)
def test_a_backend_that_is_not_installed_says_what_to_install(
    backend: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, BACKENDS[backend][0], raising=False)
    for module in RUNTIMES[backend]:
        monkeypatch.setitem(sys.modules, module, None)
    message = re.escape(f"backend {backend!r} is not installed: pip install {package} (")
    with pytest.raises(BackendUnavailableError, match=message) as info:
        open_session(NETWORK, backend=backend)
    assert isinstance(info.value, ImportError)
    assert isinstance(info.value, VitruvianError)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_table_names_a_class_with_every_method_of_a_session(backend: str) -> None:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    module, name, _ = BACKENDS[backend]
    session = getattr(import_module(module), name)
    for method in ("run", "run_all", "close"):
        assert callable(getattr(session, method))
