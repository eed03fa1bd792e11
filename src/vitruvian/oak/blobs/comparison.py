"""Converted networks against what they were made from, on real crops.

A conversion can lose a bound or a weight without a warning. So each file on the way to the device
is run and compared before the next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.backends import Network, Target, compile_network
from vitruvian.backends.openvino_graph import first_line
from vitruvian.engine.detector import DETECTOR_SIDE, PersonDetector, anchors
from vitruvian.engine.landmarker import LANDMARKER_RANGE, LANDMARKER_SIDE
from vitruvian.engine.model import detector_network
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import crop_image, letterbox_image, roi_from_alignment
from vitruvian.errors import ModelIntegrityError
from vitruvian.media import open_input
from vitruvian.models.store import find_file
from vitruvian.oak.networks import network_called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.oak.networks import DeviceNetwork

__all__ = ["Samples", "check_outputs", "device_tolerance", "onnx_outputs", "samples_for"]

# Largest difference of any value: px, m or logits, and of masks the probability.
ONNX_TOLERANCE = 0.002  # float32 in another order
# With float16 constants. Measured on the packaged clip: landmarks 0.0010, detector 0.0082,
# best_candidate 0.0002, divide_by_255 0.00002.
LANDMARKS_TOLERANCE = 0.002
DEVICE_TOLERANCES = {"detector": 0.01, "best_candidate": 0.0005, "divide_by_255": 0.0001}
MASK = "Identity_2"  # logits up to 1000, of which a mask is the sigmoid
EVERY = 50  # frames of the packaged clip


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs of a network, and the outputs that they must give; one sample a row.

    Attributes
    ----------
    inputs, outputs : mapping of str to float32 array
        By the names of the inputs and outputs.
    """

    inputs: Mapping[str, NDArray[np.float32]]
    outputs: Mapping[str, NDArray[np.float32]]


def samples_for(name: str, *, models_dir: str | Path | None = None) -> Samples:
    """Return crops of the packaged clip, and what the published network makes of them.

    Parameters
    ----------
    name : str
        One of `NETWORKS`.
    models_dir : str or Path, optional
        Folder with the published files.
    """
    network = network_called(name)
    file = find_file("detector", folder=models_dir)
    session = compile_network(detector_network(file), Target()).open_session()
    images = _frames()
    image_input = network.inputs[0][0]
    if name in ("detector", "best_candidate"):
        crops = np.stack([letterbox_image(image, DETECTOR_SIDE)[0] for image in images])
        found = [tuple(a.copy() for a in session.run(crop)) for crop in crops]
        outputs = {
            "Identity": np.stack([boxes for boxes, _ in found]),
            "Identity_1": np.stack([scores for _, scores in found]),
        }
        if name == "detector":
            return Samples({image_input: _planar(crops)}, outputs)
        return Samples(outputs, {"result": np.stack([_best_candidate(*pair) for pair in found])})
    options = {"iou_threshold": 0.3, "min_score": 0.5}
    detector = PersonDetector(session, StageTimer(), center_only=False, **options)
    crops = np.stack([crop for image in images for crop in _people(detector, image)])
    planar = _planar(crops)
    if network.model is None:
        return Samples({image_input: planar}, {"input_1": planar / np.float32(255)})
    return Samples({image_input: planar}, _landmarks(network, crops, models_dir))


def device_tolerance(name: str) -> float:
    """Return how far a network with float16 constants may be from the published one."""
    return DEVICE_TOLERANCES.get(name, LANDMARKS_TOLERANCE)


def onnx_outputs(
    path: Path, inputs: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """Return the outputs of an ONNX file, computed here in float32; one sample a row.

    Raises
    ------
    ModelIntegrityError
        If the file can't be run.
    """
    from vitruvian.backends.openvino_runtime import ov

    try:
        compiled = ov.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    except RuntimeError as err:
        raise ModelIntegrityError(f"OpenVINO can't run {path.name}: {first_line(err)}") from err
    names = [port.get_any_name() for port in compiled.outputs]
    number = len(next(iter(inputs.values())))
    found = [compiled({k: v[i : i + 1] for k, v in inputs.items()}) for i in range(number)]
    return {n: np.concatenate([answer[n] for answer in found]) for n in names}


def check_outputs(
    what: str,
    outputs: Mapping[str, NDArray[np.float32]],
    wanted: Mapping[str, NDArray[np.float32]],
    tolerance: float,
) -> float:
    """Return the largest difference of any value.

    Raises
    ------
    ModelIntegrityError
        If an output is missing or has another size, or a difference is above the tolerance.
    """
    worst = 0.0
    for name, expected in wanted.items():
        if name not in outputs or outputs[name].size != expected.size:
            raise ModelIntegrityError(
                f"{what} must have the output {name!r} of {expected[0].size} values, "
                f"it has { ({k: v[0].size for k, v in outputs.items()}) }"
            )
        given = outputs[name].reshape(expected.shape)
        difference = np.abs(_comparable(name, given) - _comparable(name, expected))
        largest = float(difference.max()) if np.isfinite(difference).all() else float("inf")
        if largest > tolerance:
            raise ModelIntegrityError(
                f"{what} differs from the published network by {largest:.3g} in {name!r}, "
                f"more than {tolerance}: it is not compiled"
            )
        worst = max(worst, largest)
    return worst


def _comparable(name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values of an output as they are used."""
    if name != MASK:
        return values
    return np.float32(1) / (np.float32(1) + np.exp(-np.clip(values, -80, 80)))


def _frames() -> list[NDArray[np.uint8]]:
    """Return images of the packaged clip."""
    clip = files("vitruvian") / "data" / "demo.mp4"
    with as_file(clip) as path, open_input(path) as frames:
        return [frame.image for frame in islice(frames, EVERY, None, EVERY)]


def _people(detector: PersonDetector, image: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return the crops of the people in an image."""
    crops = []
    for person in detector.detect(image):
        roi = roi_from_alignment(person.keypoints[:2], (image.shape[1], image.shape[0]))
        if roi is not None:
            crop = np.empty((LANDMARKER_SIDE, LANDMARKER_SIDE, 3), np.uint8)
            crop_image(image, roi, crop)
            crops.append(crop)
    return crops


def _planar(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (n, H, W, 3) RGB images as the device gives them to a network: BGR, planar."""
    return np.ascontiguousarray(crops[..., ::-1].transpose(0, 3, 1, 2), np.float32)


def _landmarks(
    network: DeviceNetwork, crops: NDArray[np.uint8], models_dir: str | Path | None
) -> dict[str, NDArray[np.float32]]:
    """Return the outputs of a published landmark network."""
    file = find_file(str(network.model), folder=models_dir)
    shapes = tuple(shape for _, shape in network.outputs)
    side = LANDMARKER_SIDE, LANDMARKER_SIDE
    published = Network(file.path.stem, file.sha256, file, side, LANDMARKER_RANGE, shapes)
    session = compile_network(published, Target()).open_session()
    found = [[a.copy() for a in session.run(crop)] for crop in crops]
    rows = list(zip(*found, strict=True))
    names = [name for name, _ in network.outputs]
    return {name: np.stack(row) for name, row in zip(names, rows, strict=True)}


def _best_candidate(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the score of the surest person, the middle of the hips and a point on the circle."""
    best = int(scores.argmax())
    score = 1 / (1 + np.exp(-scores.reshape(-1)[best]))
    points = boxes[best, 4:8] / DETECTOR_SIDE + np.tile(anchors()[best, :2], 2)
    return np.array([score, *points], np.float32)
