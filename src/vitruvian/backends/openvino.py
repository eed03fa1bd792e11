"""OpenVINO: the default runtime."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
import openvino as ov
from platformdirs import user_cache_path

from vitruvian.backends import network_cache, openvino_graph
from vitruvian.backends.openvino_graph import first_line, graph_in_bf16, read_graph
from vitruvian.errors import BackendUnavailableError, InferenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.backends import Network

__all__ = ["OpenVinoSession"]

log = logging.getLogger(__name__)

# The first `Tensor.data` of a process, asked for by two threads at once, may wait for ever: one
# holds Python's lock and waits for OpenVINO's, the other the other way round. Version 2026.4.
# Building a graph asks for the like.
_ONE_AT_A_TIME = Lock()
STREAMS = 2  # images side by side, each on half of the threads
PRECISION, F32, BF16 = "INFERENCE_PRECISION_HINT", "f32", "bf16"


class OpenVinoSession:
    """A network compiled for one device.

    A compiled network is kept in the user's cache, so that the next start takes a fraction.
    Several images are run by a second compilation, made when there are several for the first time.
    """

    def __init__(
        self, network: Network, *, device: str, threads: int | None, precision: str
    ) -> None:
        with _ONE_AT_A_TIME:
            core = _core()
        found = [*core.available_devices, "AUTO"]
        if device.split(":")[0].split(".")[0] not in found:
            raise BackendUnavailableError(f"device must be one of {found}, got {device!r}")
        self._compile = partial(_compiled, core, network, device)
        # Left alone, OpenVINO takes bf16 on processors that have it, for all of the network.
        self._settings = _settings(device, threads) | {PRECISION: F32}
        if precision == "fast":
            self._settings[PRECISION] = _fast_precision(core, network, device)
        self._shapes = network.outputs
        key = repr((network, device, self._settings, user_cache_path("vitruvian")))
        compiled = network_cache.take(key) or self._compile(self._settings)
        self._compiled: ov.CompiledModel | None = compiled
        self._leave = finalize(self, network_cache.leave, key, compiled)
        self._leave.atexit = False
        self._streams = _streams(compiled, device)
        self._request: _Request | None = _Request(compiled, network.outputs)
        self._side_by_side: list[_Request] = []

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the wanted outputs, in order, for one (H, W, 3) RGB image."""
        if self._request is None:
            raise InferenceError("the session is closed")
        self._request.start(image)
        self._request.wait()
        return self._request.outputs

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return what `run` returns for each image: pairs side by side, an odd one alone."""
        if self._request is None:
            raise InferenceError("the session is closed")
        requests = self._requests(len(images) - len(images) % self._streams)
        for request, image in zip(requests, images, strict=False):
            request.start(image)
        for request in requests:
            request.wait()
        outputs = [request.outputs for request in requests]
        return outputs + [self.run(image) for image in images[len(requests) :]]

    def _requests(self, count: int) -> list[_Request]:
        """Return `count` requests that run side by side, each with outputs of its own."""
        if count and not self._side_by_side and self._streams > 1:
            self._compiled = self._compile(self._settings | {"NUM_STREAMS": self._streams})
        while len(self._side_by_side) < count:
            self._side_by_side.append(_Request(self._compiled, self._shapes))
        return self._side_by_side[:count]

    def close(self) -> None:
        """Free the compiled network, or leave it to the next session of the like."""
        self._request = self._compiled = None
        self._side_by_side = []
        self._leave()


class _Request:
    """One image on its way through a compiled network."""

    def __init__(self, compiled: ov.CompiledModel, shapes: tuple[tuple[int, ...], ...]) -> None:
        self._request = compiled.create_infer_request()
        with _ONE_AT_A_TIME:
            self._input = self._request.get_input_tensor().data[0]
            self.outputs = tuple(
                self._request.get_output_tensor(i).data.reshape(shape)
                for i, shape in enumerate(shapes)
            )

    def start(self, image: NDArray[np.uint8]) -> None:
        np.copyto(self._input, image)
        try:
            self._request.start_async()
        except RuntimeError as err:
            raise InferenceError(first_line(err)) from err

    def wait(self) -> None:
        try:
            self._request.wait()
        except RuntimeError as err:
            raise InferenceError(first_line(err)) from err


@cache
def _core() -> ov.Core:
    """Return OpenVINO, one for the process, which is kept.

    On processors with AMX it gives the thread that first asks for devices a stack for signals, and
    frees it with the last core. Freed by another thread, it stays in use: Ctrl-C then ends the
    process with a segmentation fault. Version 2026.4.
    """
    return ov.Core()


def _settings(device: str, threads: int | None) -> dict[str, Any]:
    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if device == "CPU" and threads is not None:
        settings["INFERENCE_NUM_THREADS"] = threads
    return settings


def _fast_precision(core: ov.Core, network: Network, device: str) -> str:
    """Return bf16 where the processor has it, else f32, which is said once for each network."""
    if device == "CPU" and "BF16" in core.get_property(device, "OPTIMIZATION_CAPABILITIES"):
        return BF16
    log.warning("%s runs with precision 'exact': no bf16 on %s", network.path.name, device)
    return F32


def _streams(compiled: ov.CompiledModel, device: str) -> int:
    """Return how many images `compiled` can share its threads among."""
    if device != "CPU":
        return 1
    return min(STREAMS, int(compiled.get_property("INFERENCE_NUM_THREADS")))


def _compiled(
    core: ov.Core, network: Network, device: str, settings: dict[str, Any]
) -> ov.CompiledModel:
    blob = _blob_path(core, network, device, settings[PRECISION])
    try:
        return core.import_model(blob.read_bytes(), device, settings)
    except FileNotFoundError:
        log.debug("%s is compiled for the first time", network.path)
    except (OSError, RuntimeError) as err:
        log.debug("%s is compiled again: %s", network.path, err)
    with _ONE_AT_A_TIME:
        graph = read_graph(core, network)
        if settings[PRECISION] == BF16:
            graph = graph_in_bf16(core, graph)
    try:
        compiled = core.compile_model(graph, device, settings)
    except RuntimeError as err:
        raise InferenceError(f"{network.path} can't run on {device}: {first_line(err)}") from err
    _keep(compiled, blob)
    return compiled


def _blob_path(core: ov.Core, network: Network, device: str, precision: str) -> Path:
    is_auto = device.partition(":")[0] == "AUTO"
    name = device if is_auto else core.get_property(device, "FULL_DEVICE_NAME")
    asked = (network.sha256, network.value_range, network.outputs, precision)
    builder = Path(openvino_graph.__file__).read_bytes()
    key = repr((ov.get_version(), name, builder, *asked))
    digest = hashlib.sha256(key.encode()).hexdigest()
    return user_cache_path("vitruvian") / "compiled" / f"{network.path.stem}-{digest[:20]}.blob"


def _keep(compiled: ov.CompiledModel, blob: Path) -> None:
    """Write the compiled network for the next start; a cache that can't be written is no harm."""
    try:
        data = compiled.export_model().getvalue()
        blob.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=blob.parent) as folder:
            draft = Path(folder, blob.name)
            draft.write_bytes(data)
            draft.replace(blob)
    except (OSError, RuntimeError) as err:
        log.debug("the compiled network is not kept: %s", err)
