"""Fake networks that return outputs set by a test, so that trackers are tested without weights."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.roi import Roi
from vitruvian.engine import detector, landmarker, model
from vitruvian.engine.detector import DETECTOR_OUTPUTS, DETECTOR_SIDE, anchors
from vitruvian.engine.warp import Letterbox, letterbox_image
from vitruvian.errors import InferenceError
from vitruvian.models.store import ModelFile, ModelPair
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest
    from numpy.typing import ArrayLike, NDArray

    from vitruvian import Pose, PoseResult
    from vitruvian.backends import Network, Target
    from vitruvian.engine.warp import Part

    Tensors = tuple[NDArray[np.float32], ...]

STEP_US = 33_333
MEDIAPIPE_PROFILES = ("solutions", "graph", "tasks")  # profiles

COLD, HOT = np.float32(-20), np.float32(20)  # logits of a heat-map cell without and with heat
WARM = np.float32(-1)  # too little heat to move a landmark
CROP = 256  # side of the landmark network's input, px


@dataclass(slots=True)
class FakeNetwork:
    """A fake network: the outputs it returns, the images it was given, and its sessions.

    `answer` may also be a function of the image; `batches` counts the images of each run.
    """

    answer: Tensors | Callable[[NDArray[np.uint8]], Tensors]
    images: list[NDArray[np.uint8]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    sessions: list[FakeSession] = field(default_factory=list)

    @property
    def n_runs(self) -> int:
        return len(self.images)

    def open(self, network: Network | None = None, target: Target | None = None) -> FakeSession:
        self.sessions.append(FakeSession(self, network, target))
        return self.sessions[-1]

    def answer_to(self, image: NDArray[np.uint8]) -> Tensors:
        self.images.append(image.copy())
        answer = self.answer(image) if callable(self.answer) else self.answer
        return tuple(values.copy() for values in answer)


class FakeSession:
    """Runs a `FakeNetwork`; as in a real session, outputs are overwritten by the next run."""

    def __init__(self, network: FakeNetwork, asked: Network | None, target: Target | None) -> None:
        self.asked, self.target = asked, target
        self.is_closed = False
        self._network = network
        self._outputs: list[Tensors] = []

    def run(self, image: NDArray[np.uint8]) -> Tensors:
        return self.run_all([image])[0]

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[Tensors]:
        if self.is_closed:
            raise InferenceError("the session is closed")
        for output in chain.from_iterable(self._outputs):
            output.fill(np.nan)
        self._network.batches.append(len(images))
        self._outputs = [self._network.answer_to(image) for image in images]
        return list(self._outputs)

    def close(self) -> None:
        self.is_closed = True


@dataclass(frozen=True, slots=True)
class FakeCompiledNetwork:
    """Opens sessions of a `FakeNetwork`."""

    fake: FakeNetwork
    asked: Network
    target: Target

    def open_session(self) -> FakeSession:
        return self.fake.open(self.asked, self.target)


@dataclass(frozen=True, slots=True)
class FakeNetworks:
    """The detector and the landmark network that every pipeline of a test opens."""

    detector: FakeNetwork
    landmarker: FakeNetwork


def fake_networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    """Let pipelines open fake networks that find one person, who fills a 256×256 image."""
    networks = FakeNetworks(
        FakeNetwork(detector_answer(detection_output())), FakeNetwork(pose_answer())
    )
    files = ModelPair("fake", *(ModelFile(Path(f"{n}.tflite"), n) for n in ("detector", "full")))

    def compile_network(network: Network, target: Target) -> FakeCompiledNetwork:
        fake = networks.detector if network.outputs == DETECTOR_OUTPUTS else networks.landmarker
        return FakeCompiledNetwork(fake, network, target)

    monkeypatch.setattr(model, "compile_network", compile_network)
    monkeypatch.setattr(model, "find_models", lambda *_args, **_options: files)
    monkeypatch.setattr(model, "_shared", model._SharedModels())
    return networks


@dataclass(frozen=True, slots=True)
class DetectionOutput:
    """A box and four keypoints of the detector, as fractions of its input."""

    score: float
    box_cxcywh: Sequence[float]
    keypoints: ArrayLike
    anchor: int | None = None


def detection_output(
    hips: tuple[float, float] = (0.5, 0.5), rim: tuple[float, float] = (0.5, 0.1), **changes: Any
) -> DetectionOutput:
    """A detection whose alignment circle has its centre at `hips` and passes through `rim`."""
    values: dict[str, Any] = {
        "score": 0.9,
        "box_cxcywh": (0.5, 0.2, 0.1, 0.1),
        "keypoints": [hips, rim, (0.5, 0.3), (0.5, 0.1)],
    }
    return DetectionOutput(**(values | changes))


def detector_answer(*detections: DetectionOutput) -> Tensors:
    """The detector's two outputs that decode to `detections`; by default at anchors 0, 1, ..."""
    boxes = np.zeros(DETECTOR_OUTPUTS[0], np.float32)
    logits = np.full(DETECTOR_OUTPUTS[1], -100, np.float32)
    for i, detection in enumerate(detections):
        anchor = i if detection.anchor is None else detection.anchor
        points = np.concatenate([np.reshape(detection.box_cxcywh, (2, 2)), detection.keypoints])
        points[[0, 2, 3, 4, 5]] -= anchors()[anchor]  # all but the size
        boxes[anchor] = points.ravel() * DETECTOR_SIDE
        logits[anchor] = logit(detection.score)
    return boxes, logits


def pose_answer(
    points: ArrayLike | None = None,
    *,
    score: float = 0.99,
    visibility: ArrayLike = 0.9,
    presence: ArrayLike = 0.8,
    world: ArrayLike | None = None,
    heat: NDArray[np.float32] | None = None,
    mask: NDArray[np.float32] | None = None,
) -> Tensors:
    """The landmark network's outputs; `points` (39, 3) in px of the crop.

    By default the heat is sharp, and too low to move the points.
    """
    rows = np.empty((39, 5), np.float32)
    rows[:, :3] = crop_points() if points is None else points
    rows[:, 3], rows[:, 4] = logit(visibility), logit(presence)
    if heat is None:
        heat = heat_around(rows[:, :2])
    metres = np.asarray(world_points() if world is None else world, np.float32)
    outputs = rows.ravel(), np.array([score], np.float32), heat, metres.ravel()
    return outputs if mask is None else (*outputs, mask)


def heat_around(points: NDArray[np.float32], reach: int = 0) -> NDArray[np.float32]:
    """Heat in the cells `reach` columns left and right of points (39, 2), in px of the crop.

    It is too low to move the points. With a reach of 2, it spreads as that of an uncertain pose.
    """
    heat = np.full((64, 64, 39), COLD, np.float32)
    columns, lines = np.nan_to_num(points.T / (CROP / 64)).clip(0, 63).astype(int)
    for column in (columns - reach, columns + reach):
        heat[lines, column.clip(0, 63), np.arange(39)] = WARM
    return heat


def crop_points(
    seed: int = 0,
    hips: tuple[float, float] = (CROP / 2, CROP / 2),
    rim: tuple[float, float] = (CROP / 2, 0.1 * CROP),
) -> NDArray[np.float32]:
    """(39, 3) px of the crop; by default the next region is the same as this one."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(40, CROP - 40, (39, 3)).astype(np.float32)
    points[33, :2], points[34, :2] = hips, rim
    return points


def world_points(seed: int = 0) -> NDArray[np.float32]:
    """(39, 3) m."""
    return np.random.default_rng(seed).normal(0, 0.5, (39, 3)).astype(np.float32)


def logit(probability: ArrayLike) -> NDArray[np.float64]:
    p = np.asarray(probability, np.float64)
    return np.log(p / (1 - p))


def picture(width: int = CROP, height: int = CROP, seed: int = 0) -> NDArray[np.uint8]:
    """Seeded noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


NOISE = picture()


class TrackedClip:
    """Feeds a tracker frame after frame: the image of a scene, or noise.

    By default the detector searches whole images only.
    """

    def __init__(
        self,
        scene: FakeScene | None = None,
        *,
        tracker: PoseTracker | None = None,
        **options: Any,
    ) -> None:
        self.tracker = tracker or PoseTracker(**({"reach": "normal"} | options))
        self.scene = scene
        self.now_us = 0

    def track_frame(
        self, image: NDArray[np.uint8] | None = None, *, after_us: int = STEP_US, **options: Any
    ) -> PoseResult:
        self.now_us += after_us
        if image is None:
            image = NOISE if self.scene is None else self.scene.image
        return self.tracker.update(image, timestamp_us=self.now_us, **options)

    def track_frames(self, n: int) -> list[PoseResult]:
        return [self.track_frame() for _ in range(n)]

    def pose(self, image: NDArray[np.uint8] | None = None, **options: Any) -> Pose:
        (pose,) = self.track_frame(image, **options)
        return pose


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person in a `FakeScene`, in image px. Each seed gives a fixed random posture."""

    hips: tuple[float, float]
    size_px: float = 80.0
    seed: int = 0
    score: float = 0.99
    detection_score: float = 0.9
    close_score: float | None = None  # detection score in a part of the image, if it differs
    visibility: float = 0.9
    colour: tuple[int, int, int] | None = None
    has_circle: bool = True

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """(39, 3) px: within 0.4 sizes of the hips, except the point on the circle."""
        points = np.random.default_rng(self.seed).uniform(-0.4, 0.4, (39, 3)) * self.size_px
        points[33:35, :2] = (0, 0), (0, -self.size_px / 2 * self.has_circle)
        points[:, :2] += self.hips
        return points.astype(np.float32)

    def roi(self, hips: tuple[float, float] | None = None) -> Roi:
        """Region of interest of the person."""
        return Roi(hips or self.hips, (1.25 * self.size_px, 1.25 * self.size_px))


class FakeScene:
    """Several people in an image, which both fake networks find as real ones would.

    Attributes
    ----------
    actors : list of Actor
        People in the image.
    detected : list of Actor or None
        People that the detector finds, if they differ from `actors`.
    in_tiles : list of Actor
        People that the detector finds only in tiles that show the whole of them.
    has_masks : bool
        Whether poses have masks: a disc around the hips.
    """

    def __init__(self, networks: FakeNetworks, wh: tuple[int, int]) -> None:
        self.wh = wh
        self.networks = networks
        self.actors: list[Actor] = []
        self.detected: list[Actor] | None = None
        self.in_tiles: list[Actor] = []
        self.has_masks = False
        networks.detector.answer = self._detector_answer
        networks.landmarker.answer = self._landmarker_answer

    @property
    def image(self) -> NDArray[np.uint8]:
        """Black image with a square of the actor's colour around each person's landmarks."""
        image = np.zeros((self.wh[1], self.wh[0], 3), np.uint8)
        for actor in self.actors:
            if actor.colour is not None:
                low, high = (np.array(actor.hips) + side * actor.size_px for side in (-0.4, 0.4))
                (x0, y0), (x1, y1) = low.clip(0).astype(int), high.clip(0).astype(int)
                image[y0:y1, x0:x1] = actor.colour
        return image

    @property
    def rois(self) -> list[Roi]:
        """Regions that the landmark network was given."""
        return [_noted_roi(crop) for crop in self.networks.landmarker.images]

    @property
    def parts(self) -> list[Part | None]:
        """Parts of the image that the detector was given; None for the whole image."""
        return [_noted_part(crop) for crop in self.networks.detector.images]

    @property
    def n_detections(self) -> int:
        """Number of runs of the detector."""
        return self.networks.detector.n_runs

    def _detector_answer(self, crop: NDArray[np.uint8]) -> Tensors:
        """Outputs for the people in a part of the image; in a tile, for those it shows wholly."""
        tile = _noted_part(crop)
        x, y, w, h = tile or (0, 0, *self.wh)
        side, middle, reach = max(w, h), np.array([x + w / 2, y + h / 2]), np.array([w, h]) / 2
        detections = []
        for actor in self.actors if self.detected is None else self.detected:
            if tile is None and actor in self.in_tiles:
                continue
            if tile and (np.abs(middle - actor.hips) + actor.size_px / 2 > reach).any():
                continue
            hips, rim = (actor.points[33:35, :2] - middle) / side + 0.5
            is_close = tile is not None and actor.close_score is not None
            score = actor.close_score if is_close else actor.detection_score
            seen = detection_output(hips, rim, score=score)
            detections.append(replace(seen, box_cxcywh=(*rim, 0.01, 0.01)))
        return detector_answer(*detections)

    def _landmarker_answer(self, crop: NDArray[np.uint8]) -> Tensors:
        """Outputs for the person nearest to the middle of the region, if inside it."""
        roi = _noted_roi(crop)
        crop_from_image = roi.crop_from_image((CROP, CROP))

        def seen(actor: Actor) -> NDArray[np.float64]:
            return actor.points[:, :2] @ crop_from_image[:2, :2].T + crop_from_image[:2, 2]

        def distance(actor: Actor) -> float:
            return float(np.abs(seen(actor)[33] - CROP / 2).max())

        actor = min(self.actors, key=distance, default=None)
        if actor is None or distance(actor) > CROP / 2:
            return pose_answer(score=0.02, mask=np.full((CROP, CROP, 1), COLD))
        px = CROP / roi.wh[0]
        points, depth = seen(actor), actor.points[:, 2:] * px
        return pose_answer(
            np.concatenate([points, depth], axis=1),
            score=actor.score,
            visibility=actor.visibility,
            world=world_points(actor.seed),
            mask=_disc(points[33], actor.size_px / 4 * px) if self.has_masks else None,
        )


def _disc(center: NDArray[np.float64], radius: float) -> NDArray[np.float32]:
    cells = np.arange(CROP)
    is_inside = (cells - center[0]) ** 2 + (cells[:, None] - center[1]) ** 2 < radius**2
    return np.where(is_inside, HOT, COLD)[..., None]


def fake_scene(
    monkeypatch: pytest.MonkeyPatch, *actors: Actor, wh: tuple[int, int] = (640, 480)
) -> FakeScene:
    """Let pipelines open fake networks that find `actors`; each crop records its region."""
    monkeypatch.setattr(landmarker, "crop_image", _note_roi)
    monkeypatch.setattr(detector, "letterbox_image", _note_part)
    scene = FakeScene(fake_networks(monkeypatch), wh)
    scene.actors = list(actors)
    return scene


def _note_part(
    image: NDArray[np.uint8], side: int, part: Part | None = None
) -> tuple[NDArray[np.uint8], Letterbox]:
    crop, letterbox = letterbox_image(image, side, part)
    crop.reshape(-1)[:32].view(np.int64)[:] = part or (0, 0, 0, 0)
    return crop, letterbox


def _noted_part(crop: NDArray[np.uint8]) -> Part | None:
    x, y, w, h = crop.reshape(-1)[:32].view(np.int64).tolist()
    return (x, y, w, h) if w else None


def _note_roi(_image: NDArray[np.uint8], roi: Roi, crop: NDArray[np.uint8]) -> None:
    crop.reshape(-1)[:40].view(np.float64)[:] = *roi.center, *roi.wh, roi.rotation


def _noted_roi(crop: NDArray[np.uint8]) -> Roi:
    x, y, w, h, rotation = crop.reshape(-1)[:40].view(np.float64).tolist()
    return Roi((x, y), (w, h), rotation)
