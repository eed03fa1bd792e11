"""A device for scripts: its nodes answer as networks and depth would that see one `Actor`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.fakes import CROP, Actor, logit, world_points
from vitruvian.core.roi import Roi
from vitruvian.engine.options import TrackerOptions
from vitruvian.oak.messages import Packet, Tensors
from vitruvian.oak.options import OakOptions
from vitruvian.oak.record import EdgeRecord
from vitruvian.oak.script import edge_script
from vitruvian.oak.sizes import nearest_size
from vitruvian.oak.virtual.requests import CropRequest, Location, Locations, Zone, Zones
from vitruvian.oak.virtual.script import Log, Receive, ScriptRun, ScriptStopped, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vitruvian.oak.virtual.script import Step

__all__ = ["ANN", "EDGE", "INPUTS", "OUTPUTS", "ScriptDevice", "points_of", "roi_of"]

INPUTS = ("detection", "landmarks", "locations")
OUTPUTS = ("detector_config", "landmark_config", "zones", "result")
EDGE, DEFAULT = OakOptions(mode="edge"), TrackerOptions()
ANN = Actor(hips=(500, 300), size_px=300, seed=1)


def roi_of(request: CropRequest) -> Roi:
    """The region that a crop asks for."""
    assert request.box is not None
    return Roi(request.box.center, request.box.wh, np.radians(request.box.angle_deg))


def points_of(actor: Actor, roi: Roi) -> NDArray[np.float32]:
    """Rows (39, 5) of the landmark network for an actor in a region."""
    crop_from_image = roi.crop_from_image((CROP, CROP))
    rows = np.empty((39, 5), np.float32)
    rows[:, :2] = actor.points[:, :2] @ crop_from_image[:2, :2].T + crop_from_image[:2, 2]
    rows[:, 2] = actor.points[:, 2] * CROP / roi.wh[0]
    rows[:, 3], rows[:, 4] = logit(actor.visibility), logit(0.8)
    return rows


@dataclass
class ScriptDevice:
    """Runs a script for `n_frames` frames, of which each answer of a network takes the next.

    `actor` gives the person in a frame, or None; `change` may change the rows and the score of the
    landmark network; `depth_mm` gives the depth of a zone.
    """

    options: OakOptions = EDGE
    tracker: TrackerOptions = DEFAULT
    version: int = 3
    n_frames: int = 6
    actor: Callable[[int], Actor | None] = lambda _number: ANN
    change: Callable[[int, NDArray[np.float32]], Any] = lambda _number, _rows: None
    score: Callable[[int], float] = lambda _number: 0.99
    depth_mm: Callable[[Zone], float] = lambda _zone: 2500.0
    number: int = 0
    sent: list[tuple[str, Any]] = field(default_factory=list)
    logs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return edge_script(self.options, self.tracker)

    @property
    def wh(self) -> tuple[int, int]:
        options = self.options
        return nearest_size(options.frame_height, crop=options.crop).wh

    def script(self, text: str | None = None) -> ScriptRun:
        text = self.text if text is None else text
        return ScriptRun(text, INPUTS, OUTPUTS, image_wh=self.wh, version=self.version)

    def run(self, text: str | None = None) -> ScriptDevice:
        self.script(text).run(self.on_step)
        return self

    def on_step(self, step: Step) -> Tensors | Locations | None:
        if isinstance(step, Log):
            self.logs.append((step.level, step.text))
        elif isinstance(step, Send):
            self.sent.append((step.port, step.message))
        elif isinstance(step, Receive):
            return self.answer(step.port)
        return None

    def answer(self, port: str) -> Tensors | Locations:
        if port == "locations":
            zones = self.last("zones").zones
            found = tuple(Location(z, (1.0, 2.0, self.depth_mm(z)), 9) for z in zones)
            return Locations(found, self.number)
        if self.number == self.n_frames:
            raise ScriptStopped
        self.number += 1
        actor = self.actor(self.number)
        return self.detection(actor) if port == "detection" else self.landmarks(actor)

    def detection(self, actor: Actor | None) -> Tensors:
        values = np.zeros(5, np.float32)
        if actor is not None:
            side = max(self.wh)
            points = (actor.points[33:35, :2] - np.array(self.wh) / 2) / side + 0.5
            values[:] = actor.detection_score, *points.ravel()
        return Tensors({"result": values}, self.number)

    def landmarks(self, actor: Actor | None) -> Tensors:
        rows, score = np.zeros((39, 5), np.float32), np.float32(0.02)
        if actor is not None:
            rows = points_of(actor, roi_of(self.last("landmark_config")))
            score = np.float32(self.score(self.number))
            self.change(self.number, rows)
        world = world_points(0 if actor is None else actor.seed)
        arrays = {"Identity": rows, "Identity_1": np.array([score]), "Identity_4": world}
        return Tensors(arrays, self.number)

    def last(self, port: str) -> Any:
        return self.all(port)[-1]

    def all(self, port: str) -> list[Any]:
        return [message for name, message in self.sent if name == port]

    @property
    def packets(self) -> list[bytes]:
        results: list[Packet] = self.all("result")
        return [packet.data for packet in results]

    @property
    def plain(self) -> list[tuple[str, Any]]:
        """What was sent, with the bytes of packets, which can be compared."""
        return [(port, getattr(message, "data", message)) for port, message in self.sent]

    @property
    def records(self) -> list[EdgeRecord]:
        return [EdgeRecord.from_bytes(data) for data in self.packets]

    @property
    def rois(self) -> list[Roi]:
        return [roi_of(request) for request in self.all("landmark_config")]

    @property
    def zones(self) -> list[Zones]:
        return self.all("zones")

    @property
    def n_detections(self) -> int:
        return len(self.all("detector_config"))
