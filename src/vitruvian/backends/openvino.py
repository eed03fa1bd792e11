"""OpenVINO: the default runtime."""

from __future__ import annotations

import hashlib
import logging
import os
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
from platformdirs import user_cache_path

from vitruvian.backends import openvino_graph
from vitruvian.backends.blob_cache import read_blob, write_blob
from vitruvian.backends.openvino_graph import first_line, graph_in_bf16, read_graph
from vitruvian.backends.openvino_runtime import ov
from vitruvian.errors import BackendUnavailableError, InferenceError
from vitruvian.fork import ForkLock, check_process, leak_when_forked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.backends import Network, Target

__all__ = ["OpenVinoNetwork", "OpenVinoSession"]

log = logging.getLogger(__name__)

# Deadlock in OpenVINO 2026.4: if two threads ask for the first `Tensor.data` of a process at once,
# one holds Python's GIL and waits for a lock of OpenVINO, and the other holds that lock and waits
# for the GIL. The same happens while a graph is built.
_ONE_AT_A_TIME = ForkLock()
STREAMS = 2  # images computed side by side by `run_all`, each on half of the threads
# By default, OpenVINO on Linux pins its threads to cores, also if another program keeps these cores
# busy. Unpinned, a network takes the same time on two idle cores. With two trackers in two
# processes on two cores, a frame of model "lite" takes 3.6 ms instead of 7.1 ms; beside a busy
# third process 5.5 ms instead of 9.8 ms. That is as fast as one thread each.
UNPINNED = {"ENABLE_CPU_PINNING": False}
PRECISION, F32, BF16 = "INFERENCE_PRECISION_HINT", "f32", "bf16"


class OpenVinoNetwork:
    """A network compiled for one device, shared by its sessions.

    The compiled network is also kept on disk in the user's cache, which makes the next start
    faster. Images that are given to `run_all` together are run by a second compilation, which
    divides the threads among them. It is made when it is first needed.

    Notes
    -----
    The image of the only session is computed on the calling thread. If a thread of OpenVINO
    computed it, the caller would still occupy its core when that thread and its helper start, and
    the system would often place both on the other core: a frame takes 16 % longer (lite), 10 %
    (full) or 8 % (heavy) in the mean.

    In a process that was forked after the first network was opened, one thread computes each image:
    OpenVINO would give the work to threads that exist in the parent only, and wait forever.

    Images of several sessions are queued, not combined. On 2 cores with model "full", two streams
    compute as many images a second as the queue (256 and 252), and batches of 2 or 4 images compute
    fewer (149). Which images form a batch would also depend on timing, and bitwise equality is not
    guaranteed between batch sizes or numbers of threads.
    """

    def __init__(self, network: Network, target: Target) -> None:
        with _ONE_AT_A_TIME:
            core, core_pid = _core()
        is_forked = core_pid != os.getpid()
        found = [*core.available_devices, "AUTO"]
        if target.device.split(":")[0].split(".")[0] not in found:
            raise BackendUnavailableError(f"device must be one of {found}, got {target.device!r}")
        if is_forked and target.device != "CPU":
            raise BackendUnavailableError(
                f"device must be 'CPU' in a process that was forked after a network was opened, "
                f"got {target.device!r}: start processes with 'spawn'"
            )
        self._core, self._network, self._device = core, network, target.device
        self._settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            # OpenVINO's own default is bf16 for the whole network, on processors that support it.
            PRECISION: F32,
        }
        if target.device == "CPU":
            self._settings |= UNPINNED
            if target.threads is not None:
                self._settings["INFERENCE_NUM_THREADS"] = target.threads
        if is_forked:
            self._settings["NUM_STREAMS"] = 0  # the calling thread computes
        if target.precision == "fast":
            self._settings[PRECISION] = _fast_precision(core, network, target.device)
        self._compiled = _compiled(core, network, target.device, self._settings)
        self._for_several: ov.CompiledModel | None = None
        self._sessions: WeakSet[OpenVinoSession] = WeakSet()
        self._lock = Lock()
        self._pid = os.getpid()
        leak_when_forked(self)

    @property
    def threads(self) -> int:
        """How many CPU threads work on an image."""
        return int(self._compiled.get_property("INFERENCE_NUM_THREADS")) or 1

    @property
    def streams(self) -> int:
        """How many images can be computed side by side."""
        return min(STREAMS, self.threads) if self._device == "CPU" else 1

    def open_session(self) -> OpenVinoSession:
        """Return a session with inference requests of its own.

        OpenVINO queues the requests of several sessions and computes them in order.
        """
        check_process(self._pid)
        session = OpenVinoSession(self)
        with self._lock:
            self._sessions.add(session)
        return session

    def has_several_sessions(self) -> bool:
        """Return whether more than one session is open."""
        return len(self._sessions) > 1

    def remove_session(self, session: OpenVinoSession) -> None:
        """Note that a session was closed."""
        with self._lock:
            self._sessions.discard(session)

    def new_request(self) -> _Request:
        """Return a request that all threads work on."""
        return _Request(self._compiled, self._network.outputs)

    def new_request_of_several(self) -> _Request:
        """Return a request that runs side by side with others of this kind."""
        with self._lock:
            if self._for_several is None:
                settings = self._settings | {"NUM_STREAMS": self.streams}
                self._for_several = (
                    _compiled(self._core, self._network, self._device, settings)
                    if self.streams > 1
                    else self._compiled
                )
        return _Request(self._for_several, self._network.outputs)


class OpenVinoSession:
    """Runs an `OpenVinoNetwork` for one caller."""

    def __init__(self, compiled: OpenVinoNetwork) -> None:
        self._compiled: OpenVinoNetwork | None = compiled
        self._streams = compiled.streams
        self._is_small = compiled.streams > 1 and compiled.threads <= STREAMS
        self._request = compiled.new_request()
        self._side_by_side: list[_Request] = []

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the wanted outputs, in order, for one (H, W, 3) RGB image."""
        if self._compiled is None:
            raise InferenceError("the session is closed")
        if self._compiled.has_several_sessions():
            self._request.start(image)
            self._request.wait()
        else:
            self._request.run(image)
        return self._request.outputs

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return what `run` returns for each image: pairs side by side, an odd one alone.

        On two cores an odd number is computed one by one: changing between the two compilations
        takes longer than pairs save (model "full", three images: 8.2 ms and 7.3 ms).
        """
        if self._compiled is None:
            raise InferenceError("the session is closed")
        odd = len(images) % self._streams
        count = 0 if odd and self._is_small else len(images) - odd
        while len(self._side_by_side) < count:
            self._side_by_side.append(self._compiled.new_request_of_several())
        requests = self._side_by_side[:count]
        for request, image in zip(requests, images, strict=False):
            request.start(image)
        for request in requests:
            request.wait()
        outputs = [request.outputs for request in requests]
        for image in images[count:]:
            outputs.append(tuple(map(np.copy, self.run(image))))  # the next image overwrites them
        return outputs

    def close(self) -> None:
        """Release the requests, and the compiled network if no other session uses it."""
        if self._compiled is not None:
            self._compiled.remove_session(self)
            self._compiled = None
            self._side_by_side = []
            del self._request


class _Request:
    """The buffers and the inference request of one image."""

    def __init__(self, compiled: ov.CompiledModel, shapes: tuple[tuple[int, ...], ...]) -> None:
        self._pid = os.getpid()
        self._request = compiled.create_infer_request()
        with _ONE_AT_A_TIME:
            self._input = self._request.get_input_tensor().data[0]
            self.outputs = tuple(
                self._request.get_output_tensor(i).data.reshape(shape)
                for i, shape in enumerate(shapes)
            )
        leak_when_forked(self)

    def run(self, image: NDArray[np.uint8]) -> None:
        """Compute the outputs on the calling thread and its helpers."""
        self._set_input(image)
        try:
            self._request.infer(share_outputs=True)
        except RuntimeError as err:
            raise InferenceError(first_line(err)) from err

    def start(self, image: NDArray[np.uint8]) -> None:
        """Put the image in the queue of OpenVINO."""
        self._set_input(image)
        try:
            self._request.start_async()
        except RuntimeError as err:
            raise InferenceError(first_line(err)) from err

    def wait(self) -> None:
        """Wait for the outputs of the image that was started."""
        try:
            self._request.wait()
        except RuntimeError as err:
            raise InferenceError(first_line(err)) from err

    def _set_input(self, image: NDArray[np.uint8]) -> None:
        check_process(self._pid)
        np.copyto(self._input, image)


@cache
def _core() -> tuple[ov.Core, int]:
    """Return the OpenVINO core, which is never freed, and the ID of the process that made it.

    A forked process uses that of its parent.

    On processors with AMX, OpenVINO 2026.4 gives the thread that first lists the devices a signal
    stack, and frees it together with the last core. If another thread frees it, Ctrl-C ends the
    process with a segmentation fault.
    """
    core = ov.Core()
    leak_when_forked(core)  # it holds the threads of networks that were freed
    return core, os.getpid()


def _fast_precision(core: ov.Core, network: Network, device: str) -> str:
    """Return bf16 if the processor supports it; otherwise log a warning and return f32."""
    if device == "CPU" and "BF16" in core.get_property(device, "OPTIMIZATION_CAPABILITIES"):
        return BF16
    log.warning("%s runs with precision 'exact': no bf16 on %s", network.name, device)
    return F32


def _compiled(
    core: ov.Core, network: Network, device: str, settings: dict[str, Any]
) -> ov.CompiledModel:
    """Return the network from the cache on disk, or compiled from its file and then cached."""
    blob = _blob_path(core, network, device, settings[PRECISION])
    content = read_blob(blob)
    if content is not None:
        try:
            return core.import_model(content, device, settings)
        except RuntimeError as err:
            log.info("OpenVINO rejects %s, compiling again: %s", blob, first_line(err))
    with _ONE_AT_A_TIME:
        graph = read_graph(core, network)
        if settings[PRECISION] == BF16:
            graph = graph_in_bf16(core, graph)
    try:
        compiled = core.compile_model(graph, device, settings)
    except RuntimeError as err:
        message = f"network {network.name!r} can't run on {device}: {first_line(err)}"
        raise InferenceError(message) from err
    try:
        write_blob(blob, compiled.export_model().getvalue())
    except (OSError, RuntimeError) as err:
        log.debug("the compiled network is not kept: %s", err)
    return compiled


def _blob_path(core: ov.Core, network: Network, device: str, precision: str) -> Path:
    """Return where a compiled network is kept; the name changes with all that it depends on."""
    is_auto = device.partition(":")[0] == "AUTO"
    device_name = device if is_auto else core.get_property(device, "FULL_DEVICE_NAME")
    asked = (network.digest, network.value_range, network.outputs, precision)
    builder = Path(openvino_graph.__file__).read_bytes()
    key = repr((ov.get_version(), device_name, builder, *asked))
    digest = hashlib.sha256(key.encode()).hexdigest()
    return user_cache_path("vitruvian") / "compiled" / f"{network.name}-{digest[:20]}.blob"
