"""BlazeposeDepthai: the tracker class of depthai_blazepose, on Vitruvian's engine."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.compat.depthai_blazepose.body import RECT_SCALE, Square, body_of
from vitruvian.compat.depthai_blazepose.FPS import FPS
from vitruvian.compat.depthai_blazepose.inputs import input_type, open_input_src
from vitruvian.core.frame import Frame
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.fork import no_fork
from vitruvian.media.orientation import reversed_channels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.compat.depthai_blazepose.body import Body
    from vitruvian.track.tracker import PoseTracker

__all__ = ["BlazeposeDepthai"]

MODELS = ("lite", "full", "heavy")
DEFAULT_FPS = 25.0  # depthai_blazepose's frame rate for a video made from an image
ARRAY_FPS = 30.0
# Same filters and constants as the Host mode of depthai_blazepose; differences: docs/depthai.md.
PROFILE = "graph"

logger = logging.getLogger(__name__)


class BlazeposeDepthai:
    """Tracks one person through files, webcams, streams or arrays; `next_frame` returns each body.

    Parameters
    ----------
    input_src : str, int, path, (H, W, 3) uint8 array, or iterable of (H, W, 3) uint8 arrays
        An image, a video, the URL of a stream, a webcam number (``0`` or ``"0"``), or images in
        memory in BGR order. "rgb" and "rgb_laconic" are the camera of an OAK, which is not
        supported yet.
    pd_model : str or None
        None, or a .task bundle with both networks. All models share one detector.
    pd_score_thresh : float
        Minimum score of a detection, 0 to 1.
    lm_model : str or None
        "lite", "full" (also None) or "heavy", or the path of a .tflite or .task file.
    lm_score_thresh : float
        The landmark score must exceed this, 0 to 1.
    xyz : bool
        Depth of the person: ignored with a warning, since these inputs have no depth.
    crop : bool
        Whether only the centre square of each frame is processed and returned.
    smoothing : bool
        Whether landmarks are smoothed over time.
    internal_fps : float or None
        Frame rate of arrays and image folders, which have no timestamps; 30 by default. No effect
        on other inputs.
    resolution, internal_frame_height : str, int
        Settings of the OAK camera: no effect.
    stats : bool
        Whether `exit` prints statistics.
    trace : bool
        Whether each frame is logged, at level DEBUG.
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
        "image", "video" or "webcam".
    timestamp_us : int
        Timestamp of the last frame in µs.
    nb_frames, nb_frames_no_body : int
        Number of frames processed, and of those without a detected person.

    Raises
    ------
    DeviceError
        If `input_src` is the camera of an OAK.
    ModelNotFoundError, ModelIntegrityError, SourceError
        If a model can't be found or downloaded, or the input can't be read.
    TypeError, ValueError
        If an argument is not valid, or a model is a .blob or .xml, which only a device can run.
    """

    img_w: int
    img_h: int
    frame_size: int
    crop_w: int
    crop_h: int
    pad_w: int
    pad_h: int
    nb_kps = len(BLAZEPOSE)
    rect_transf_scale = RECT_SCALE
    presence_threshold = 0.5
    visibility_threshold = 0.5

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
        self.pd_model, self.lm_model = pd_model, lm_model
        self.pd_score_thresh, self.lm_score_thresh = pd_score_thresh, lm_score_thresh
        self.crop, self.smoothing, self.force_detection = crop, smoothing, force_detection
        self.internal_fps, self.stats, self.trace = internal_fps, stats, trace
        self.xyz = False
        model = _checked_model(pd_model, lm_model)
        with ExitStack() as opened:
            source = opened.enter_context(open_input_src(input_src, fps=internal_fps or ARRAY_FPS))
            frames = iter(source)
            first = next(frames, None)
            if first is None:
                raise ValueError(f"input_src must have at least one frame, {source.name} has none")
            if xyz:
                logger.warning("xyz is ignored: %s has no depth", source.name)
            self._tracker = opened.enter_context(self._open_tracker(model))
            self._opened = opened.pop_all()
        self._frames = chain([first], frames)
        self.input_type = input_type(input_src)
        self.video_fps = source.fps or DEFAULT_FPS
        self._set_sizes(first)
        self.fps = FPS()
        self.timestamp_us = 0
        self.nb_frames = self.nb_frames_no_body = 0

    def _open_tracker(self, model: str | Path) -> PoseTracker:
        with no_fork:
            from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING
            from vitruvian.track.tracker import PoseTracker

        return PoseTracker(
            model,
            profile=PROFILE,
            smoothing=MEDIAPIPE_SMOOTHING if self.smoothing else 0.0,
            detection_confidence=self.pd_score_thresh,
            presence_confidence=self.lm_score_thresh,
            tracking_confidence=self.lm_score_thresh,
            force_detection=bool(self.force_detection),
        )

    def _set_sizes(self, frame: Frame) -> None:
        """Set the size attributes from a frame."""
        self._input_wh = frame.width, frame.height
        self._square = Square.around(*self._input_wh, crop=self.crop)
        for name, value in asdict(self._square).items():
            setattr(self, name, value)

    def next_frame(self) -> tuple[NDArray[np.uint8], Body | None] | tuple[None, None]:
        """Return the next frame in BGR order and its body; (None, None) at the end.

        The body is None if no person was detected. The frame is a copy that you may draw on.

        Raises
        ------
        SourceError
            If the input can't be read.
        """
        frame = next(self._frames, None)
        if frame is None:
            return None, None
        self.fps.update()
        if (frame.width, frame.height) != self._input_wh:
            self._set_sizes(frame)
            self._tracker.note_gap()  # a frame of another size is taken as a cut to another scene
        cut = Frame(self._square.cut(frame.image), frame.timestamp_us, frame.index)
        bgr = reversed_channels(cut.image)
        pose = self._tracker.update(cut).pose
        self.timestamp_us = frame.timestamp_us
        self.nb_frames += 1
        self.nb_frames_no_body += pose is None
        if self.trace:
            logger.debug("frame %d at %d us: %r", frame.index, frame.timestamp_us, pose)
        return bgr, None if pose is None else body_of(pose, self._square)

    def is_present(self, body: Body, lm_id: int) -> bool:
        """Whether the presence of a landmark is above the threshold."""
        return bool(body.presence[lm_id] > self.presence_threshold)

    def is_visible(self, body: Body, lm_id: int) -> bool:
        """Whether a landmark is inside the frame and its visibility is above the threshold."""
        x, y = body.landmarks[lm_id][:2]
        is_inside = 0 <= x < self.img_w and 0 <= y < self.img_h
        return bool(is_inside and body.visibility[lm_id] > self.visibility_threshold)

    @property
    def nb_pd_inferences(self) -> int:
        """Number of inferences of the detector."""
        return self._count("detector")

    @property
    def nb_lm_inferences(self) -> int:
        """Number of inferences of the landmark network."""
        return self._count("network")

    def _count(self, stage: str) -> int:
        stats = self._tracker.stats
        return stats[stage].count if stage in stats else 0

    def exit(self) -> None:
        """Release the input and the networks; print statistics if `stats` is set."""
        self._opened.close()
        if self.stats:
            print("\n".join(self._summary()))  # noqa: T201 - requested by `stats`

    def _summary(self) -> Iterator[str]:
        stages = self._tracker.stats
        yield f"FPS : {self.fps.get_global():.1f} f/s (# frames = {self.nb_frames})"
        yield f"# frames without body       : {self.nb_frames_no_body}"
        yield f"# pose detection inferences : {self.nb_pd_inferences}"
        yield f"# landmark inferences       : {self.nb_lm_inferences}"
        for title, stage in (("Pose detection", "detector"), ("Landmark", "network")):
            if stage in stages:
                yield f"{f'{title} round trip':<27} : {stages[stage].median_ms:.1f} ms"


def _checked_model(pd_model: str | Path | None, lm_model: str | Path | None) -> str | Path:
    """Return the model for the engine; ValueError for a model that it can't run."""
    for name, model in (("pd_model", pd_model), ("lm_model", lm_model)):
        if model is not None and Path(model).suffix in (".blob", ".xml", ".bin"):
            stem = Path(model).stem
            named = next((size for size in MODELS if size in stem), "full")
            instead = "None" if name == "pd_model" else repr(named)
            raise ValueError(
                f"{name}={str(model)!r} is compiled for a device: use {instead}, "
                "or the path of a .tflite or .task file"
            )
    if pd_model is None or pd_model in MODELS or pd_model == lm_model:
        return "full" if lm_model is None else lm_model
    if lm_model is None and Path(pd_model).suffix == ".task":
        return pd_model
    raise ValueError(
        f"pd_model must be None, or the same .task file as lm_model, got {str(pd_model)!r}"
    )
