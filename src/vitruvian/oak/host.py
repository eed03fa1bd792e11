"""OakModel: a model whose networks run on an OAK camera, for pictures of any origin."""

from __future__ import annotations

from collections import deque
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS
from vitruvian.engine.local_pipeline import LocalPipeline
from vitruvian.engine.pipeline import PipelineIdentity
from vitruvian.errors import DeviceError
from vitruvian.models.catalog import DETECTOR, LANDMARK_MODELS
from vitruvian.oak.edge import network_digest
from vitruvian.oak.link import Connection
from vitruvian.oak.messages import Tensors
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import (
    DETECTOR_IN,
    DETECTOR_OUT,
    LANDMARKS_IN,
    LANDMARKS_OUT,
    host_graph,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import NoReturn, Self

    from numpy.typing import NDArray

    from vitruvian.engine.pipeline import Pipeline, PipelineOptions
    from vitruvian.oak.runtime import OakInfo, Runtime

    Outputs = tuple[NDArray[np.float32], ...]

__all__ = ["OakModel", "checked_model"]

WINDOW = 4  # images on the device at once: two are computed, two wait
PATIENCE_S = 30.0  # how long files wait for a lost device

# The outputs of the engine, in its order, by the names of the networks.
DETECTOR_NAMES = ("Identity", "Identity_1")
HEATMAP = "Identity_3"
LANDMARK_NAMES = ("Identity", "Identity_1", HEATMAP, "Identity_4", "Identity_2")
NO_HEATMAP: NDArray[np.float32] = np.empty((0, 0, LANDMARKER_OUTPUTS[2][2]), np.float32)


class OakModel:
    """A model whose detector and landmark network run on an OAK camera.

    Trackers and estimators take it in place of a `Model`. The crops of their images are sent to the
    device, so they work on files and images as well; the rest runs here. Any number of them share
    the device.

    Parameters
    ----------
    name : str
        "lite", "full" or "heavy".
    options : OakOptions, optional
        Which device, and how its networks are compiled.
    masks : bool
        Whether the device also returns masks and heat maps: 451 kB instead of 0.8 kB a person and
        frame. Segmentation needs them. Without heat maps, landmarks are not refined and
        `Pose.spread_px` is None.
    models_dir : str or Path, optional
        Folder with the published model files; None for the environment's or the user's cache.

    Attributes
    ----------
    name : str
    info : OakInfo
        The device.

    Raises
    ------
    ValueError
        If there is no such model.
    BackendUnavailableError, DeviceError, ModelNotFoundError
        If the device can't be opened, or a network is not compiled.

    Notes
    -----
    Thread-safe. A device that is lost is opened again, for 30 s; images wait for it.

    Close the model to release the device. Trackers that exist keep it until they are closed.

    Examples
    --------
    >>> with OakModel("full") as model:  # doctest: +SKIP
    ...     result = vitruvian.PoseEstimator(model).detect("photo.jpg")
    """

    def __init__(
        self,
        name: str = "full",
        options: OakOptions | None = None,
        *,
        masks: bool = False,
        models_dir: str | Path | None = None,
    ) -> None:
        options = options or OakOptions(mode="host")
        graph = host_graph(
            options, checked_model(name), masks=masks, with_camera=False, models_dir=models_dir
        )
        connection = Connection(graph, options, patience_s=PATIENCE_S)
        self._prepare(connection, name, masks=masks)
        self._release_device = connection.lend_to(self)

    @classmethod
    def _of_camera(cls, connection: Connection, name: str, *, masks: bool) -> Self:
        """Return a model on a device that a camera has opened and releases."""
        model = cls.__new__(cls)
        model._prepare(connection, name, masks=masks)
        model._release_device = lambda: None
        return model

    _release_device: Callable[[], object]

    def _prepare(self, connection: Connection, name: str, *, masks: bool) -> None:
        self.name = name
        self._connection = connection
        self._has_masks = masks
        self._models_dir = connection.graph["landmarks"].properties["models_dir"]
        self._detector = _RemoteNetwork(connection, (DETECTOR_IN, DETECTOR_OUT), DETECTOR_NAMES)
        self._landmarks = _RemoteNetwork(connection, (LANDMARKS_IN, LANDMARKS_OUT), LANDMARK_NAMES)

    @property
    def info(self) -> OakInfo:
        """The device."""
        return self._connection.info

    def open_pipeline(self, options: PipelineOptions) -> Pipeline:
        """Return a new pipeline that runs the networks of the device.

        Raises
        ------
        ValueError
            If `options` ask for masks, and the model has none.
        """
        if options.segmentation and not self._has_masks:
            raise ValueError(
                "segmentation needs a network with masks: OakModel(..., masks=True), or "
                "open_oak(..., TrackerOptions(segmentation=True))"
            )
        detector, landmarks = self._detector.open_session(), self._landmarks.open_session()
        return LocalPipeline(detector, landmarks, options, identity=self._identity, owner=self)

    @property
    def _identity(self) -> PipelineIdentity:
        options = self._connection.options
        target = {
            "backend": "oak",
            "device": "host",
            "threads": None,
            "precision": "float16",
            "shaves": options.shaves,
        }
        return PipelineIdentity(
            self.name,
            network_digest(self.name, options.landmark_blob, self._models_dir),
            network_digest(DETECTOR, options.detector_blob, self._models_dir),
            target,
        )

    def close(self) -> None:
        """Release the device, when the last tracker that uses it is closed.

        The device of an `OakCamera` is released by the camera.
        """
        self._release_device()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle or copy an open model, got {self!r}: open it there")

    def __repr__(self) -> str:
        return f"OakModel({self.name!r}, masks={self._has_masks}) on {self._connection.name}"


class _RemoteNetwork:
    """A network on the device, which any number of sessions share.

    Parameters
    ----------
    connection : Connection
    streams : (str, str)
        The streams to and from the network.
    names : tuple of str
        The wanted outputs, in order.
    """

    def __init__(
        self, connection: Connection, streams: tuple[str, str], names: tuple[str, ...]
    ) -> None:
        self._connection = connection
        self._into, self._out_of = streams
        self._names = names
        self._lock = Lock()
        self._numbers = count()  # of images; an answer has that of its image

    def open_session(self) -> _RemoteSession:
        """Return a session of one caller, which keeps the device until it is closed."""
        return _RemoteSession(self, self._connection)

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[Outputs]:
        """Return the outputs for each image; a lost device is waited for.

        Raises
        ------
        DeviceError
            If the device is lost and not opened again.
        """
        answers: dict[int, Outputs] = {}
        with self._lock:
            device = self._connection.runtime
            while len(answers) < len(images):
                try:
                    self._exchange(device, images, answers)
                except DeviceError as error:
                    device = self._connection.renewed(device, error)
        return [answers[i] for i in range(len(images))]

    def _exchange(
        self, device: Runtime, images: Sequence[NDArray[np.uint8]], answers: dict[int, Outputs]
    ) -> None:
        """Send the images that have no answer yet, a few at once, and add their answers."""
        to_send = deque(i for i in range(len(images)) if i not in answers)
        sent: dict[int, int] = {}  # number: position of the image
        while to_send or sent:
            while to_send and len(sent) < WINDOW:
                number = next(self._numbers)
                sent[number] = to_send.popleft()
                device.send(self._into, images[sent[number]], number)
            answer = self._connection.received(device, self._out_of)
            if not isinstance(answer, Tensors):
                raise DeviceError(f"outputs were expected, the device sent {answer!r:.60}")
            if answer.number in sent:  # or else of an image that is not waited for any more
                answers[sent.pop(answer.number)] = self._outputs(answer)

    def _outputs(self, answer: Tensors) -> Outputs:
        arrays = answer.arrays
        return tuple(
            np.ascontiguousarray(arrays[name], np.float32) if name in arrays else NO_HEATMAP
            for name in self._names
            if name in arrays or name == HEATMAP
        )


class _RemoteSession:
    """The session of one caller: `vitruvian.backends.Session`."""

    def __init__(self, network: _RemoteNetwork, connection: Connection) -> None:
        self._network = network
        self._release_device = connection.lend_to(self)

    def run(self, image: NDArray[np.uint8]) -> Outputs:
        """Return the outputs for one image, as `Session.run`."""
        return self._network.run_all([image])[0]

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[Outputs]:
        """Return the outputs for each image, as `Session.run_all`."""
        return self._network.run_all(images)

    def close(self) -> None:
        """Need the device no more."""
        self._release_device()


def checked_model(model: object) -> str:
    """Return the name of a model that runs on a device; ValueError for another one."""
    if model not in LANDMARK_MODELS:
        raise ValueError(
            f"the model on an OAK camera must be one of {list(LANDMARK_MODELS)}, got {model!r}: "
            "give a network of your own as landmark_blob"
        )
    return str(model)
