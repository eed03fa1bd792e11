"""Checks of the networks on the device: the same crops there and here, and the way to and fro."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.backends import Target, compile_network
from vitruvian.core.roi import Roi
from vitruvian.engine.detector import DETECTOR_SIDE
from vitruvian.engine.landmarker import LANDMARKER_SIDE
from vitruvian.engine.model import detector_network, landmark_network
from vitruvian.engine.warp import crop_image, letterbox_image
from vitruvian.errors import DeviceError
from vitruvian.media import open_input
from vitruvian.models.store import find_models
from vitruvian.oak import connecting
from vitruvian.oak.checks.check import CheckResult
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
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from vitruvian.oak.checks.check import CheckSetup
    from vitruvian.oak.runtime import Runtime

    Image = NDArray[np.uint8]
    Outputs = Mapping[str, NDArray[np.float32]]

__all__ = ["check_arithmetic", "check_round_trip"]

CLIP = Path(__file__).parents[2] / "data" / "demo.mp4"
FIRST_FRAME, N_FRAMES = 70, 5  # a person in full view
PATIENCE_S = 20.0
# Half precision of weights and activations moves landmarks by 0.06 px at most, in emulation.
MAX_MEAN_PX, MAX_PX = 0.5, 3.0
MAX_LOGIT = 0.5  # of the detector's best score
ROUND_TRIPS = 30


class _Network(NamedTuple):
    """A network of a device: its crops, its streams, and what is compared."""

    crops: list[Image]
    into: str
    out_of: str


def check_arithmetic(setup: CheckSetup, name: str) -> CheckResult:
    """Return how far the outputs of a network on the device are from those here."""
    network = _network(name)
    reference = [_local_outputs(setup, name, crop) for crop in network.crops]
    with _device(setup, "full" if name == "detector" else name) as device:
        found = [_answer(device, network, crop, i) for i, crop in enumerate(network.crops)]
    compare = _compare_detections if name == "detector" else _compare_landmarks
    return compare(reference, found)


def check_round_trip(setup: CheckSetup) -> CheckResult:
    """Return how long the device takes for a crop, from sending it to its answer."""
    values, texts = {}, []
    with _device(setup, "lite") as device:
        for name in ("detector", "lite"):
            network = _network(name)
            times_ms = []
            for number in range(ROUND_TRIPS):
                start_s = perf_counter()
                _answer(device, network, network.crops[0], number)
                times_ms.append(1e3 * (perf_counter() - start_s))
            p95 = quantiles(times_ms, n=20, method="inclusive")[-1]
            values[f"{name}_ms"], values[f"{name}_p95_ms"] = median(times_ms), p95
            texts.append(f"{name} {median(times_ms):.1f} ms (95 % below {p95:.1f})")
    return CheckResult("measured", ", ".join(texts), values)


def _network(name: str) -> _Network:
    with open_input(CLIP) as source:
        frames = list(islice(source, FIRST_FRAME, FIRST_FRAME + N_FRAMES))
    if name == "detector":
        crops = [letterbox_image(frame.image, DETECTOR_SIDE)[0] for frame in frames]
        return _Network(crops, DETECTOR_IN, DETECTOR_OUT)
    crops = []
    for i, frame in enumerate(frames):
        side = 0.9 * frame.height
        turned = Roi((frame.width / 2, frame.height / 2), (side, side), 0.2 * (i - N_FRAMES // 2))
        crop = np.empty((LANDMARKER_SIDE, LANDMARKER_SIDE, 3), np.uint8)
        crop_image(frame.image, turned, crop)
        crops.append(crop)
    return _Network(crops, LANDMARKS_IN, LANDMARKS_OUT)


def _local_outputs(setup: CheckSetup, name: str, crop: Image) -> Outputs:
    """Return the outputs of the published network in float32."""
    files = find_models("full" if name == "detector" else name, folder=setup.models_dir)
    is_detector = name == "detector"
    network = detector_network(files.detector) if is_detector else landmark_network(files.landmarks)
    session = compile_network(network, Target()).open_session()
    try:
        outputs = [values.copy() for values in session.run(crop)]
    finally:
        session.close()
    names = ("Identity", "Identity_1") if is_detector else _LANDMARK_OUTPUTS
    return dict(zip(names, outputs, strict=True))


_LANDMARK_OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")  # LANDMARKER_OUTPUTS


@contextmanager
def _device(setup: CheckSetup, model: str) -> Iterator[Runtime]:
    options = OakOptions(mode="host", device=setup.device, shaves=setup.shaves)
    device = connecting.connect(host_graph(options, model, masks=False, with_camera=False), options)
    try:
        yield device
    finally:
        device.close()


def _answer(device: Runtime, network: _Network, crop: Image, number: int) -> Outputs:
    device.send(network.into, crop, number)
    answer = device.receive(network.out_of, PATIENCE_S)
    if not isinstance(answer, Tensors):
        raise DeviceError(f"the network did not answer within {PATIENCE_S:g} s")
    return answer.arrays


def _compare_landmarks(reference: list[Outputs], found: list[Outputs]) -> CheckResult:
    apart_px, apart_m, scores = [], [], []
    for here, there in zip(reference, found, strict=True):
        points = [out["Identity"].reshape(-1, 5)[:33] for out in (here, there)]
        apart_px.append(np.linalg.norm(points[0][:, :2] - points[1][:, :2], axis=1))
        world = [out["Identity_4"].reshape(-1, 3)[:33] for out in (here, there)]
        apart_m.append(np.linalg.norm(world[0] - world[1], axis=1))
        scores.append(abs(float(here["Identity_1"].item()) - float(there["Identity_1"].item())))
    mean, largest = float(np.mean(apart_px)), float(np.max(apart_px))
    is_near = mean <= MAX_MEAN_PX and largest <= MAX_PX
    return CheckResult(
        "pass" if is_near else "fail",
        f"landmarks {mean:.3f} px apart, at most {largest:.3f} px (of {LANDMARKER_SIDE})",
        {"mean_px": mean, "max_px": largest, "world_max_mm": 1e3 * float(np.max(apart_m)),
         "score_max": max(scores)},
    )  # fmt: skip


def _compare_detections(reference: list[Outputs], found: list[Outputs]) -> CheckResult:
    logits, boxes_px = [], []
    for here, there in zip(reference, found, strict=True):
        best = int(here["Identity_1"].argmax())
        logits.append(
            abs(float(here["Identity_1"].ravel()[best] - there["Identity_1"].ravel()[best]))
        )
        boxes_px.append(float(np.abs(here["Identity"][best] - there["Identity"][best]).max()))
    is_near = max(logits) <= MAX_LOGIT and max(boxes_px) <= MAX_PX
    return CheckResult(
        "pass" if is_near else "fail",
        f"detection {max(boxes_px):.3f} px apart (of {DETECTOR_SIDE}), logit {max(logits):.3f}",
        {"box_max_px": max(boxes_px), "logit_max": max(logits)},
    )
