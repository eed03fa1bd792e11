"""BlazeposeDepthai of Host mode: files, webcams, streams and arrays, or the camera of an OAK."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING

from vitruvian.compat.depthai_blazepose.inputs import input_type, is_camera, open_input_src
from vitruvian.compat.depthai_blazepose.networks import (
    device_model,
    device_name,
    engine_model,
    runs_on_device,
)
from vitruvian.compat.depthai_blazepose.tracker import BodyTracker
from vitruvian.compat.opencv import import_before_av
from vitruvian.fork import no_fork
from vitruvian.oak.options import RESOLUTIONS, OakOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian.oak.host import OakModel

__all__ = ["BlazeposeDepthai"]

DEFAULT_FPS = 25.0  # depthai_blazepose's frame rate for a video made from an image
ARRAY_FPS = 30.0

logger = logging.getLogger(__name__)


class BlazeposeDepthai(BodyTracker):
    """Tracks one person; `next_frame` returns each frame and its body.

    Parameters
    ----------
    input_src : str, int, path, (H, W, 3) uint8 array, or iterable of (H, W, 3) uint8 arrays
        "rgb" (also None and "rgb_laconic") for the camera of an OAK, with the networks on the
        device; the environment variable VITRUVIAN_OAK_DEVICE chooses the camera. An image, a video,
        the URL of a stream, a webcam number (``0`` or ``"0"``), or images in memory in BGR order.
    pd_model : str or None
        None, or the path of a .blob file for an OAK; or a .task bundle with both networks. All
        models share one detector.
    pd_score_thresh : float
        Minimum score of a detection, 0 to 1.
    lm_model : str or None
        "lite", "full" (also None) or "heavy"; or the path of a .blob file for an OAK, or of a
        .tflite or .task file for other inputs.
    lm_score_thresh : float
        The landmark score must exceed this, 0 to 1.
    xyz : bool
        Whether the OAK measures the position of the person. It is ignored with a warning if the
        camera or the input has no depth.
    crop : bool
        Whether only the centre square of each frame is processed and returned.
    smoothing : bool
        Whether landmarks are smoothed over time.
    internal_fps : float or None
        Frame rate of the OAK; by default the highest that the model reaches. Also that of arrays
        and image folders, which have no timestamps; 30 by default. No effect on other inputs.
    resolution : str
        Sensor resolution of the OAK: "full" (1920x1080) or "ultra" (3840x2160).
    internal_frame_height : int
        Wanted height of the frames of the OAK, px; the nearest possible one is used.
    stats : bool
        Whether `exit` prints statistics.
    trace : bool
        Whether each frame is logged, at level WARNING, so that every program shows it.
    force_detection : bool
        Whether the detector runs on every frame.

    Attributes
    ----------
    fps : FPS
        Rate at which frames are processed.
    video_fps : float
        Nominal frame rate of the input; 25 for an image.
    img_w, img_h, frame_size, crop_w, crop_h, pad_w, pad_h : int
        See `Square`.
    input_type : str
        "rgb", "image", "video" or "webcam".
    xyz : bool
        Whether the position is measured.
    timestamp_us : int
        Timestamp of the last frame in µs.
    nb_frames, nb_frames_no_body : int
        Number of frames processed, and of those without a detected person.

    Raises
    ------
    BackendUnavailableError
        If depthai is needed, and not installed.
    DeviceError
        If there is no OAK, or it is in use.
    ModelNotFoundError, ModelIntegrityError, SourceError
        If a model can't be found or downloaded, or the input can't be read.
    TypeError, ValueError
        If an argument is not valid.

    Notes
    -----
    The networks for inputs other than the camera run on this machine. They run on an OAK if
    VITRUVIAN_OAK_DEVICE is set, or if a model is a .blob file.
    """

    def __init__(  # noqa: PLR0913 - depthai_blazepose's parameters in their order
        self,
        input_src: object = "rgb",
        pd_model: str | Path | None = None,
        pd_score_thresh: float = 0.5,
        lm_model: str | Path | None = None,
        lm_score_thresh: float = 0.7,
        xyz: bool = False,
        crop: bool = False,
        smoothing: bool = True,
        internal_fps: float | None = None,
        resolution: str = "full",
        internal_frame_height: int = 1080,
        stats: bool = False,
        trace: bool = False,
        force_detection: bool = False,
    ) -> None:
        import_before_av()
        self.pd_model, self.lm_model = pd_model, lm_model
        self.pd_score_thresh, self.lm_score_thresh = pd_score_thresh, lm_score_thresh
        self.crop, self.smoothing, self.force_detection = crop, smoothing, force_detection
        self.internal_fps, self.stats, self.trace = internal_fps, stats, trace
        if not is_camera(input_src):
            self._open_input(input_src, has_depth=bool(xyz))
            return
        options, model = self._oak_options(
            xyz=bool(xyz), frame_height=internal_frame_height, resolution=resolution
        )
        self.resolution = RESOLUTIONS[resolution]
        self._open_camera(options, model)

    def _oak_options(
        self, *, xyz: bool = False, frame_height: int = 640, resolution: str = "full"
    ) -> tuple[OakOptions, str]:
        """Return the options of an OAK, and the name of its model."""
        model = device_model(self.pd_model, self.lm_model)
        options = OakOptions(
            mode="host",
            device=device_name(),
            fps=self.internal_fps,
            crop=bool(self.crop),
            shaves=model.shaves,
            detector_blob=model.detector_blob,
            landmark_blob=model.landmark_blob,
            xyz=xyz,
            frame_height=frame_height,
            resolution=resolution,
        )
        return options, model.name

    def _open_input(self, input_src: object, *, has_depth: bool) -> None:
        """Open a file, webcam, stream, or arrays."""
        on_device = runs_on_device(self.pd_model, self.lm_model)
        local = None if on_device else engine_model(self.pd_model, self.lm_model)
        with ExitStack() as opened:
            fps = self.internal_fps or ARRAY_FPS
            source = opened.enter_context(open_input_src(input_src, fps=fps))
            first = next(iter(source), None)
            if first is None:
                raise ValueError(f"input_src must have at least one frame, {source.name} has none")
            if has_depth:
                logger.warning("xyz is ignored: %s has no depth", source.name)
            self._start(source, local or opened.enter_context(self._open_model()), opened)
        self._frames = chain([first], self._frames)
        self.input_type = input_type(input_src)
        self.video_fps = source.fps or DEFAULT_FPS
        self._set_sizes(first.width, first.height)

    def _open_model(self) -> OakModel:
        """Open an OAK that runs the networks for images from here."""
        with no_fork:
            from vitruvian.oak.host import OakModel

        options, model = self._oak_options()
        return OakModel(model, options)

    @property
    def nb_pd_inferences(self) -> int:
        """Number of inferences of the detector."""
        return self._runs_of("detector")

    @property
    def nb_lm_inferences(self) -> int:
        """Number of inferences of the landmark network."""
        return self._runs_of("network")

    def _runs_of(self, stage: str) -> int:
        stats = self._tracker.stats
        return stats[stage].count if stage in stats else 0

    def _summary(self) -> Iterator[str]:
        yield from super()._summary()
        yield f"# pose detection inferences : {self.nb_pd_inferences}"
        yield f"# landmark inferences       : {self.nb_lm_inferences}"
        stages = self._tracker.stats
        for title, stage in (("Pose detection", "detector"), ("Landmark", "network")):
            if stage in stages:
                yield f"{f'{title} round trip':<27} : {stages[stage].median_ms:.1f} ms"
