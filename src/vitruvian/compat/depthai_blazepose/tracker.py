"""BodyTracker: what the trackers of Host and Edge mode share: frames in, bodies out."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.depthai_blazepose.body import RECT_SCALE, Square, body_of
from vitruvian.compat.depthai_blazepose.FPS import FPS
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.fork import no_fork
from vitruvian.media.orientation import reversed_channels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.compat.depthai_blazepose.body import Body
    from vitruvian.core.frame import Frame
    from vitruvian.engine.model_like import ModelLike
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.media.source import Source
    from vitruvian.oak.options import OakOptions

__all__ = ["BodyTracker"]

# Same filters and constants as the Host mode of depthai_blazepose; differences: docs/depthai.md.
PROFILE = "graph"

logger = logging.getLogger(__name__)


class BodyTracker:
    """What the trackers of Host and Edge mode share: frames in, bodies out.

    The constructors of the two classes set the settings, and open one input.
    """

    img_w: int
    img_h: int
    frame_size: int
    crop_w: int
    crop_h: int
    pad_w: int
    pad_h: int
    pd_model: str | Path | None
    lm_model: str | Path | None
    pd_score_thresh: float
    lm_score_thresh: float
    crop: bool
    smoothing: bool
    internal_fps: float | None
    stats: bool
    trace: bool
    force_detection: bool
    input_type: str
    video_fps: float
    xyz = False
    laconic = False
    nb_kps = len(BLAZEPOSE)
    rect_transf_scale = RECT_SCALE
    presence_threshold = 0.5
    visibility_threshold = 0.5

    def _open_camera(self, options: OakOptions, model: str) -> None:
        """Open the camera of an OAK with the networks of a model."""
        with no_fork:
            from vitruvian.oak.opening import open_oak
            from vitruvian.oak.sizes import size_for

        size = size_for(options)
        with ExitStack() as opened:
            source = open_oak(options, self._tracker_options(model), live=True)
            self._start(opened.enter_context(source), source.model, opened)
        self.input_type = "rgb"
        self.xyz = source.options.xyz
        self.scale_nd = size.scale
        self.internal_fps = self.video_fps = source.fps
        self._set_sizes(*size.wh)
        self.crop_w = size.crop_left_px
        logger.info(
            "the camera gives %d x %d px at %g fps", self.img_w, self.img_h, self.internal_fps
        )

    def _start(self, source: Source, model: str | Path | ModelLike, opened: ExitStack) -> None:
        """Open the tracker for an opened source; what `opened` holds is closed by `exit`."""
        with no_fork:
            from vitruvian.track.tracker import PoseTracker

        options = self._tracker_options(model)
        self._tracker = opened.enter_context(PoseTracker.from_options(options))
        self._opened = opened.pop_all()
        self._source = source
        self._frames: Iterator[Frame] = iter(source)
        self._n_gaps = source.n_gaps
        self.fps = FPS()
        self.timestamp_us = 0
        self.nb_frames = self.nb_frames_no_body = 0

    def _tracker_options(self, model: str | Path | ModelLike) -> TrackerOptions:
        with no_fork:
            from vitruvian.engine.options import TrackerOptions
            from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING

        return TrackerOptions(
            model,
            profile=PROFILE,
            smoothing=MEDIAPIPE_SMOOTHING if self.smoothing else 0.0,
            detection_confidence=self.pd_score_thresh,
            presence_confidence=self.lm_score_thresh,
            tracking_confidence=self.lm_score_thresh,
            force_detection=bool(self.force_detection),
        )

    def _set_sizes(self, width: int, height: int) -> None:
        """Set the size attributes for frames of a size."""
        self._input_wh = width, height
        self._square = Square.around(width, height, crop=self.crop)
        for name, value in asdict(self._square).items():
            setattr(self, name, value)

    def next_frame(self) -> tuple[NDArray[np.uint8], Body | None] | tuple[None, None]:
        """Return the next frame in BGR order and its body; (None, None) at the end.

        The body is None if no person was detected. The frame is a copy that you may draw on; with
        "rgb_laconic" in Edge mode it is a black square of the side `frame_size`.

        Raises
        ------
        DeviceError
            If the device is lost, and does not come back.
        SourceError
            If the input can't be read.
        """
        frame = next(self._frames, None)
        if frame is None:
            return None, None
        self.fps.update()
        is_resized = (frame.width, frame.height) != self._input_wh
        if is_resized:
            self._set_sizes(frame.width, frame.height)
        if is_resized or self._source.n_gaps != self._n_gaps:
            self._n_gaps = self._source.n_gaps
            self._tracker.note_gap()  # another size is taken as a cut to another scene
        pose = self._tracker.update(self._cut(frame)).pose
        self.timestamp_us = frame.timestamp_us
        self.nb_frames += 1
        self.nb_frames_no_body += pose is None
        if self.trace:
            # As the steps of the device: shown by a program that does not set up logging.
            logger.warning("frame %d at %d us: %r", frame.index, frame.timestamp_us, pose)
        return self._image(frame), None if pose is None else body_of(pose, self._square)

    def _cut(self, frame: Frame) -> Frame:
        """Return the part of a frame that is processed."""
        cut = self._square.cut(frame.image)
        return frame if cut.shape == frame.image.shape else replace(frame, image=cut)

    def _image(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the image for the program."""
        if self.laconic:
            return np.zeros((self.frame_size, self.frame_size, 3), np.uint8)
        return reversed_channels(self._square.cut(frame.image))

    def is_present(self, body: Body, lm_id: int) -> bool:
        """Whether the presence of a landmark is above the threshold."""
        return bool(body.presence[lm_id] > self.presence_threshold)

    def is_visible(self, body: Body, lm_id: int) -> bool:
        """Whether a landmark is inside the frame and its visibility is above the threshold."""
        x, y = body.landmarks[lm_id][:2]
        is_inside = 0 <= x < self.img_w and 0 <= y < self.img_h
        return bool(is_inside and body.visibility[lm_id] > self.visibility_threshold)

    def exit(self) -> None:
        """Release the input and the networks; print statistics if `stats` is set."""
        self._opened.close()
        if self.stats:
            print("\n".join(self._summary()))  # noqa: T201 - requested by `stats`

    def _summary(self) -> Iterator[str]:
        yield f"FPS : {self.fps.get_global():.1f} f/s (# frames = {self.nb_frames})"
        yield f"# frames without body       : {self.nb_frames_no_body}"
