"""Model: the networks of a pose model, shared by any number of trackers and estimators."""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from vitruvian.backends import CompiledNetwork, Network, Target, compile_network
from vitruvian.engine.detector import DETECTOR_OUTPUTS, DETECTOR_RANGE, DETECTOR_SIDE
from vitruvian.engine.landmarker import (
    LANDMARKER_OUTPUTS,
    LANDMARKER_RANGE,
    LANDMARKER_SIDE,
    MASK_OUTPUT,
)
from vitruvian.engine.local_pipeline import LocalPipeline
from vitruvian.engine.model_like import ModelLike
from vitruvian.engine.option_fields import option_fields
from vitruvian.engine.pipeline import PipelineIdentity, PipelineOptions
from vitruvian.errors import InferenceError
from vitruvian.fork import ForkLock, no_fork
from vitruvian.models.store import find_models

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn, Self

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.backends import Session
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Pipeline
    from vitruvian.models.store import ModelFile, ModelPair

__all__ = ["Model", "detector_network", "landmark_network", "open_pipeline", "shared_model"]

DETECTOR, LANDMARKS, LANDMARKS_AND_MASK = "detector", "landmarks", "landmarks and mask"
OWN_OPTIONS = ("backend", "device", "threads", "precision", "models_dir")


class Model:
    """The detector and the landmark network, compiled and ready to run.

    Trackers and estimators share a model: each costs only its buffers, and not the networks again.
    You need a `Model` only to control how long the networks stay in memory. ``PoseTracker("full")``
    uses a model of the process that all trackers with the same files and target share.

    Parameters
    ----------
    name : str or Path
        "lite", "full" or "heavy", or the path of a .tflite landmark network or a .task bundle.
    backend : str
        "openvino" or "litert".
    device : str
        Where to compute: "CPU", and with OpenVINO also "GPU", "NPU", "AUTO".
    threads : int or None
        Processor threads; None for all cores.
    precision : str
        "exact": float32; "fast": mostly bf16 if the processor supports it, with OpenVINO.
    models_dir : str or Path or None
        Folder with the model files; None for the environment's or the user's cache.

    Attributes
    ----------
    name : str
        "full", or the name of the file without its suffix.
    digest : str
        SHA-256 of the landmark network.
    detector_digest : str
        SHA-256 of the detector.
    target : Target
        Backend, device, threads and precision.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.
    ModelNotFoundError, ModelIntegrityError
        If a model file can't be found or fetched, or has the wrong content.
    BackendUnavailableError
        If the runtime is not installed or the device does not exist.

    Notes
    -----
    A model is immutable and thread-safe. Images of several trackers are computed in the order in
    which they arrive, and each gets the same numbers as if it were alone. The landmark network with
    the mask output is compiled when it is first needed.

    Examples
    --------
    >>> with Model("full") as model:  # doctest: +SKIP
    ...     trackers = [PoseTracker(model) for _ in range(8)]
    """

    def __init__(
        self,
        name: str | Path = "full",
        *,
        backend: str = "openvino",
        device: str = "CPU",
        threads: int | None = None,
        precision: str = "exact",
        models_dir: str | Path | None = None,
    ) -> None:
        target = Target(backend=backend, device=device, threads=threads, precision=precision)
        folder = None if models_dir is None else Path(models_dir)
        self._prepare(find_models(name, folder=folder), target)
        self._compiled(DETECTOR, LANDMARKS)

    @classmethod
    def _uncompiled(cls, files: ModelPair, target: Target) -> Self:
        """Return a model whose networks are all compiled when they are first needed."""
        model = cls.__new__(cls)
        model._prepare(files, target)
        return model

    def _prepare(self, files: ModelPair, target: Target) -> None:
        self._files, self._target = files, target
        self._networks: dict[str, _LazyNetwork] | None = {
            DETECTOR: _LazyNetwork(detector_network(files.detector), target),
            LANDMARKS: _LazyNetwork(landmark_network(files.landmarks), target),
            LANDMARKS_AND_MASK: _LazyNetwork(
                landmark_network(files.landmarks, with_mask=True), target
            ),
        }

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._files.name

    @property
    def digest(self) -> str:
        """SHA-256 of the landmark network, in hexadecimal."""
        return self._files.landmarks.sha256

    @property
    def detector_digest(self) -> str:
        """SHA-256 of the detector, in hexadecimal."""
        return self._files.detector.sha256

    @property
    def target(self) -> Target:
        """Where and how the networks are computed."""
        return self._target

    def open_pipeline(self, options: PipelineOptions) -> Pipeline:
        """Return a new pipeline that runs the networks of this model.

        Parameters
        ----------
        options : PipelineOptions
            The options of its stages.

        Raises
        ------
        InferenceError
            If the model is closed.
        """
        landmarks = LANDMARKS_AND_MASK if options.segmentation else LANDMARKS
        sessions = [_Session(network) for network in self._compiled(DETECTOR, landmarks)]
        identity = PipelineIdentity(
            self.name, self.digest, self.detector_digest, asdict(self._target)
        )
        return LocalPipeline(sessions[0], sessions[1], options, identity=identity, owner=self)

    def _compiled(self, *names: str) -> list[_LazyNetwork]:
        """Return networks, which are compiled side by side: half the start-up time on two cores."""
        if self._networks is None:
            raise InferenceError(f"the model {self.name!r} is closed")
        networks = [self._networks[name] for name in names]
        with suppress(RuntimeError):  # no thread can be started, such as while Python exits
            for network in networks[1:]:
                Thread(target=network.prepare).start()
        for network in networks:
            network.compiled()
        return networks

    def close(self) -> None:
        """Release the networks.

        No tracker can be made from a closed model. Trackers that exist continue to work; the memory
        is freed when the last of them is closed.
        """
        self._networks = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"cannot pickle or copy an open model, got {self!r}: give its name and options instead"
        )

    def __repr__(self) -> str:
        target = self._target
        values = [f"{f.name}={getattr(target, f.name)!r}" for f in fields(target)]
        closed = " (closed)" if self._networks is None else ""
        return f"Model({self.name!r}, {', '.join(values)}){closed}"


class _LazyNetwork:
    """A network that is compiled once in each process, when it is first needed there."""

    def __init__(self, network: Network, target: Target) -> None:
        self._network, self._target = network, target
        self._lock = ForkLock()
        self._compiled: CompiledNetwork | None = None
        self._pid: int | None = None

    def compiled(self) -> CompiledNetwork:
        """Return the network of this process."""
        with no_fork, self._lock:
            if self._compiled is None or self._pid != os.getpid():
                self._compiled = compile_network(self._network, self._target)
                self._pid = os.getpid()
            return self._compiled

    def prepare(self) -> None:
        """Compile the network; the next call of `compiled` raises the error if that fails."""
        with suppress(Exception):
            self.compiled()


class _Session:
    """A session that is opened anew in a forked process, where that of the parent can't run."""

    def __init__(self, network: _LazyNetwork) -> None:
        self._network: _LazyNetwork | None = network
        self._session = self._opened(network)

    def _opened(self, network: _LazyNetwork) -> Session:
        with no_fork:
            session = network.compiled().open_session()
        self._pid = os.getpid()
        return session

    def _here(self) -> Session:
        if self._network is not None and self._pid != os.getpid():
            self._session = self._opened(self._network)
        return self._session

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the outputs for one image, as `Session.run`."""
        return self._here().run(image)

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return the outputs for each image, as `Session.run_all`."""
        return self._here().run_all(images)

    def close(self) -> None:
        """Release the buffers, and the network if no other session uses it."""
        self._network = None
        self._session.close()


def detector_network(file: ModelFile) -> Network:
    """Return the description of the person detector in `file`."""
    side = DETECTOR_SIDE, DETECTOR_SIDE
    return Network(file.path.stem, file.sha256, file, side, DETECTOR_RANGE, DETECTOR_OUTPUTS)


def landmark_network(file: ModelFile, *, with_mask: bool = False) -> Network:
    """Return the description of the landmark network in `file`; the mask is its last output."""
    side = LANDMARKER_SIDE, LANDMARKER_SIDE
    outputs = (*LANDMARKER_OUTPUTS, MASK_OUTPUT) if with_mask else LANDMARKER_OUTPUTS
    return Network(file.path.stem, file.sha256, file, side, LANDMARKER_RANGE, outputs)


class _SharedModels:
    """The models of the process: one for each pair of files and target.

    A model stays open as long as a tracker or an estimator uses it. The one that was asked for last
    stays open in any case, so that a program that makes a tracker for each image does not compile
    the networks again and again.
    """

    def __init__(self) -> None:
        self._lock = ForkLock()
        self._begin()
        atexit.register(self._begin)

    def _begin(self) -> None:
        self._used: WeakValueDictionary[object, Model] = WeakValueDictionary()
        self._last: Model | None = None

    def model(self, files: ModelPair, target: Target) -> Model:
        with self._lock:
            # The paths belong to the key: a model may read its files again, for the mask.
            key = files, target
            model = self._used.get(key)
            if model is None:
                model = self._used[key] = Model._uncompiled(files, target)
            self._last = model
            return model


_shared = _SharedModels()


def shared_model(
    name: str | Path, target: Target, *, models_dir: str | Path | None = None
) -> Model:
    """Return the model of the process with these files and this target; do not close it."""
    folder = None if models_dir is None else Path(models_dir)
    return _shared.model(find_models(name, folder=folder), target)


def open_pipeline(options: EstimatorOptions) -> Pipeline:
    """Return a pipeline of the model that `options` name or contain.

    Raises
    ------
    ValueError
        If `options` contain a model and set an option that the model itself has.
    """
    stage_options = PipelineOptions(
        options.rules,
        options.detection_confidence,
        options.presence_confidence,
        options.segmentation,
        options.crop,
    )
    model = options.model
    if not isinstance(model, ModelLike):
        target = Target(
            backend=options.backend,
            device=options.device,
            threads=options.threads,
            precision=options.precision,
        )
        return shared_model(model, target, models_dir=options.models_dir).open_pipeline(
            stage_options
        )
    cls: type = type(options)
    for field in option_fields(cls):
        value = getattr(options, field.name)
        if field.name in OWN_OPTIONS and value != field.default:
            raise ValueError(
                f"{field.name} belongs to the model: give it to Model(...), "
                f"got {field.name}={value!r} together with {model!r}"
            )
    return model.open_pipeline(stage_options)
