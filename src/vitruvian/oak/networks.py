"""The networks of a device, by name: their ONNX files and their compiled blobs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from vitruvian.engine.detector import DETECTOR_RANGE
from vitruvian.engine.landmarker import LANDMARKER_RANGE
from vitruvian.models.catalog import DETECTOR
from vitruvian.models.onnx import OnnxForm, graph_from_tflite
from vitruvian.models.store import find_file
from vitruvian.oak.options import MAX_SHAVES
from vitruvian.oak.small_networks import best_candidate_graph, divide_by_255_graph

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NETWORKS", "DeviceNetwork", "network_called", "onnx_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNetwork:
    """A network as it runs on the device.

    Attributes
    ----------
    name : str
        "detector", "best_candidate", "divide_by_255", "lite", "full", "heavy", "lite_masks",
        "full_masks", "heavy_masks".
    model : str or None
        The published file that it is made from: "detector", "lite", "full" or "heavy".
    input_shape : tuple of int
        Channels, height and width of images; otherwise the shape of the first input.
    is_bytes : bool
        Whether the input is uint8, 0 to 255, planar, in BGR order; else float16.
    outputs : tuple of (str, tuple of int)
        Names and shapes without the batch axis.
    max_shaves : int
        Most processor cores of the device that it is compiled for.
    """

    name: str
    model: str | None
    input_shape: tuple[int, ...]
    is_bytes: bool
    outputs: tuple[tuple[str, tuple[int, ...]], ...]
    max_shaves: int = MAX_SHAVES

    @property
    def inputs(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Names and shapes of the inputs, without the batch axis.

        The device gives the outputs of one network to the inputs of the same names of the next.
        """
        if self.name == "best_candidate":
            return NETWORKS["detector"].outputs
        return (("input_1" if self.model else "image", self.input_shape),)

    def shaves_for(self, shaves: int) -> int:
        """Return the number of processor cores that it is compiled for; ValueError outside 1–16."""
        if not 1 <= shaves <= MAX_SHAVES:
            raise ValueError(f"shaves must be from 1 to {MAX_SHAVES}, got {shaves!r}")
        return min(shaves, self.max_shaves)


_POINTS = (("Identity", (195,)), ("Identity_1", (1,)), ("Identity_4", (117,)))
_MASKS = (
    *_POINTS[:2],
    ("Identity_2", (256, 256, 1)),
    ("Identity_3", (64, 64, 39)),
    _POINTS[2],
)


def _landmarks(model: str, *, masks: bool) -> DeviceNetwork:
    """Return a landmark network: without heat maps and masks its answer has 0.8 kB, not 451."""
    return DeviceNetwork(
        name=f"{model}_masks" if masks else model,
        model=model,
        input_shape=(3, 256, 256),
        is_bytes=True,
        outputs=_MASKS if masks else _POINTS,
    )


NETWORKS = {
    network.name: network
    for network in (
        DeviceNetwork(
            name="detector", model="detector", input_shape=(3, 224, 224), is_bytes=True,
            outputs=(("Identity", (2254, 12)), ("Identity_1", (2254, 1))),
        ),
        DeviceNetwork(
            name="best_candidate", model=None, input_shape=(2254, 12), is_bytes=False,
            outputs=(("result", (5,)),), max_shaves=1,
        ),
        DeviceNetwork(
            name="divide_by_255", model=None, input_shape=(3, 256, 256), is_bytes=True,
            outputs=(("input_1", (3, 256, 256)),), max_shaves=1,
        ),
        *(_landmarks(name, masks=False) for name in ("lite", "full", "heavy")),
        *(_landmarks(name, masks=True) for name in ("lite", "full", "heavy")),
    )
}  # fmt: skip
"""Every network of a device."""


SMALL_GRAPHS = {"best_candidate": best_candidate_graph, "divide_by_255": divide_by_255_graph}


def network_called(name: str) -> DeviceNetwork:
    """Return the network of this name; ValueError for any other name."""
    if name not in NETWORKS:
        raise ValueError(f"network must be one of {list(NETWORKS)}, got {name!r}")
    return NETWORKS[name]


def onnx_file(name: str, *, models_dir: str | Path | None = None) -> Path:
    """Return the ONNX file of a network, float32, with the inputs and outputs of its blob.

    It is made from the published TFLite file and kept in the cache, under a name that changes with
    its content. Its input is float32 with the values of the device: 0 to 255 for a network of
    bytes, in BGR order. The scaling of the pixels is an operation of its own: in float16, a first
    layer with a factor of 1/255 in its weights is inaccurate. Enlargements are exact, see
    `OnnxForm`.

    Raises
    ------
    ValueError
        If there is no network of this name.
    ModelNotFoundError, ModelIntegrityError
        If the TFLite file can't be fetched, or is damaged.
    SinkError
        If the file can't be written.
    """
    network = network_called(name)
    if network.model is None:
        graph = SMALL_GRAPHS[name]()
    else:
        file = find_file(network.model, folder=models_dir)
        form = OnnxForm(
            batch=1,
            outputs=tuple(output for output, _ in network.outputs),
            pixel_range=DETECTOR_RANGE if network.model == DETECTOR else LANDMARKER_RANGE,
            is_bgr=True,
            exact_resize=True,
        )
        graph = graph_from_tflite(file.path, form)
    content = graph.to_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = user_cache_path("vitruvian") / "onnx" / f"{name}-{digest[:20]}.onnx"
    if not (path.is_file() and path.read_bytes() == content):
        graph.save(path)
    return path
