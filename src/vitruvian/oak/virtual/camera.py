"""VirtualOak: an OAK-D without hardware, made of a scene, a video or given frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.frame import Frame
from vitruvian.errors import DeviceError
from vitruvian.oak.runtime import VIRTUAL, NoDepthError, OakInfo
from vitruvian.oak.virtual.demo import OAK_FOV_DEG, demo_scene, rendered_loop
from vitruvian.oak.virtual.faults import Faults
from vitruvian.oak.virtual.nodes import Device
from vitruvian.oak.virtual.runtime import VirtualRuntime
from vitruvian.oak.virtual.sensors import START_US, Sensors
from vitruvian.oak.virtual.simulation import Simulation
from vitruvian.oak.virtual.views import GivenFrames, RenderedScene, VideoFrames
from vitruvian.synthetic import Scenario, Scene
from vitruvian.synthetic.stereo import OAK_D

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from vitruvian.oak.graph import Graph
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.runtime import Runtime
    from vitruvian.oak.virtual.views import Views
    from vitruvian.synthetic.stereo import StereoModel

__all__ = ["VirtualOak", "virtual_runtime"]

WH = (1920, 1080)


class VirtualOak:
    """An OAK-D without hardware: give it as `OakOptions.device`.

    Each time it is opened, it starts at the first frame. One program at a time can use it.

    Parameters
    ----------
    view : Scene, Scenario, str, Path, iterable, or None
        What stands in front of it. A mannequin scene has depth, with the noise of `stereo`. A video
        has no depth and repeats. Of an iterable of `Frame` or RGB images, each is one frame of the
        camera, and there are no more after the last one; `Frame.depth`, a `DepthImage`, is what the
        stereo cameras measure. None: a scene with one person who moves.
    fov_deg : float or None
        Horizontal field of view; None for that of the scene, of the depth image, or an OAK-D.
    stereo : StereoModel or None
        Noise of the stereo cameras; None for a camera without depth.
    is_real_time : bool
        Whether frames arrive as time passes; else they arrive as fast as they are read, and the
        same calls give the same messages.
    faults : Faults
        What goes wrong, for tests.
    seed : int
        Of the noise.
    depthai : int
        The version of depthai whose classes the script has: 2 or 3.

    Attributes
    ----------
    info : OakInfo

    Examples
    --------
    >>> from vitruvian.oak.options import OakOptions
    >>> from vitruvian.oak.pipelines import camera_graph
    >>> device = VirtualOak([np.zeros((288, 512, 3), np.uint8)])
    >>> options = OakOptions(frame_height=288, device=device)
    >>> camera = virtual_runtime(camera_graph(options, "full"), options)
    >>> picture = camera.receive("frames", timeout_s=1)
    >>> picture.number, picture.image.shape
    (0, (288, 512, 3))
    >>> camera.close()

    A camera that sees a scene of your own, with depth:

    >>> from vitruvian.engine.options import TrackerOptions
    >>> from vitruvian.oak.opening import open_oak
    >>> from vitruvian.synthetic import Figure, Person, Scene, motions
    >>> scene = Scene([Person(Figure(), motions.wave())])
    >>> options = OakOptions(device=VirtualOak(scene), xyz=True, frame_height=288)
    >>> with open_oak(options, TrackerOptions("full")) as source:
    ...     frame = next(iter(source))
    >>> frame.image.shape, type(frame.depth).__name__
    ((288, 512, 3), 'DepthImage')
    """

    def __init__(
        self,
        view: Scene | Scenario | str | Path | Iterable[Frame | NDArray[np.uint8]] | None = None,
        *,
        fov_deg: float | None = None,
        stereo: StereoModel | None = OAK_D,
        is_real_time: bool = False,
        faults: Faults | None = None,
        seed: int = 0,
        depthai: int = 3,
    ) -> None:
        self._view = _opened_view(view)
        self._is_loop = view is None and is_real_time
        self._stereo, self._seed = stereo, seed
        self._fov_deg = fov_deg or _fov_deg(self._view)
        self._is_real_time = is_real_time
        self._faults = faults or Faults()
        self._depthai = depthai
        self._lock = Lock()
        self._is_open = False
        self._n_opened = 0
        has_depth = stereo is not None and _has_depth(self._view)
        self.info = OakInfo(
            name=VIRTUAL, id="VIRTUAL", state=VIRTUAL, protocol="none", product="virtual OAK-D",
            cameras=("CAM_A", "CAM_B", "CAM_C") if has_depth else ("CAM_A",), has_depth=has_depth,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"VirtualOak({self._view!r})"

    def open(self, graph: Graph) -> Runtime:
        """Return the camera with a graph that runs on it.

        Raises
        ------
        NoDepthError
            If the graph has stereo cameras and this camera has none.
        DeviceError
            If the camera is in use, or refuses the graph.
        SourceError
            If the video can't be read.
        """
        with self._lock:
            if self._is_open or self._faults.is_in_use:
                raise DeviceError(
                    f"the camera {self.info.name!r} is in use by another program: close that first"
                )
            kinds = {node.kind for node in graph.nodes}
            if "mono_camera" in kinds and not self.info.has_depth:
                raise NoDepthError(f"the camera {self.info.name!r} does not measure depth")
            runtime = VirtualRuntime(
                graph,
                self._device(graph),
                self.info,
                is_real_time=self._is_real_time,
                on_close=self._release,
            )
            self._is_open = True
            self._n_opened += 1
        return runtime

    def _device(self, graph: Graph) -> Device:
        faults = self._faults
        if self._n_opened:
            faults = replace(faults, vanishes_after=None)
        node = next((node for node in graph.nodes if node.kind == "color_camera"), None)
        camera = Camera.from_fov(WH, self._fov_deg)
        sensors = None
        if node is not None:
            sensors = Sensors(node, self._views(), camera, faults.vanishes_after)
        return Device(Simulation(START_US), camera, sensors, faults, self._depthai)

    def _views(self) -> Views:
        if self._is_loop:
            return rendered_loop(self._stereo, self._seed)
        if isinstance(self._view, Scene):
            return RenderedScene(self._view, self._stereo, self._seed)
        if isinstance(self._view, Path):
            return VideoFrames(self._view)
        return GivenFrames(self._view)

    def _release(self) -> None:
        with self._lock:
            self._is_open = False


def virtual_runtime(graph: Graph, options: OakOptions) -> Runtime:
    """Return the virtual camera that the options name, with a graph that runs on it.

    `OakOptions.device` is a `VirtualOak`, "virtual" for a scene with one person, or "virtual:FILE"
    for a video. Frames of the last two arrive in real time. Networks are computed here: blobs that
    the options name are not used.

    Raises
    ------
    DeviceError
        If the camera is in use, or refuses the graph.
    SourceError
        If the video can't be read.
    """
    device = options.device
    if not isinstance(device, VirtualOak):
        _, _, file = str(device).partition(":")
        device = VirtualOak(file or None, is_real_time=True)
    return device.open(graph)


def _opened_view(
    view: Scene | Scenario | str | Path | Iterable[Frame | NDArray[np.uint8]] | None,
) -> Scene | Path | tuple[Frame, ...]:
    if view is None:
        return demo_scene()
    if isinstance(view, Scenario):
        return view.scene
    if isinstance(view, Scene | Path):
        return view
    if isinstance(view, str):
        return Path(view)
    frames = tuple(item if isinstance(item, Frame) else Frame(item) for item in view)
    if not frames:
        raise ValueError("a virtual camera needs at least one frame, got none")
    return frames


def _has_depth(view: Scene | Path | tuple[Frame, ...]) -> bool:
    if isinstance(view, tuple):
        return isinstance(view[0].depth, DepthImage)
    return isinstance(view, Scene)


def _fov_deg(view: Scene | Path | tuple[Frame, ...]) -> float:
    if isinstance(view, Scene):
        return view.camera.fov_deg
    if isinstance(view, tuple) and isinstance(view[0].depth, DepthImage):
        camera = view[0].depth.camera
        return float(np.degrees(2 * np.arctan(max(camera.wh) / 2 / camera.focal_px)))
    return OAK_FOV_DEG
