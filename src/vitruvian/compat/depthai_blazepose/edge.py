"""BlazeposeDepthai of Edge mode: the camera of an OAK, which tracks by itself."""

from __future__ import annotations

import logging
import math
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from vitruvian.compat.depthai_blazepose.inputs import is_camera
from vitruvian.compat.depthai_blazepose.networks import device_model, device_name
from vitruvian.compat.depthai_blazepose.tracker import BodyTracker
from vitruvian.compat.opencv import import_before_av
from vitruvian.oak.options import OakOptions
from vitruvian.oak.runtime import TRACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["BlazeposeDepthai"]

logger = logging.getLogger(__name__)


class BlazeposeDepthai(BodyTracker):
    """Tracks one person on an OAK; `next_frame` returns each frame and its body.

    The environment variable VITRUVIAN_OAK_DEVICE chooses the camera.

    Parameters
    ----------
    input_src : str or None
        "rgb" (also None), or "rgb_laconic": the frames stay on the device, and those returned are
        black squares of the side `frame_size`.
    pd_model, pp_model : str or None
        Detection network and the network that chooses the best detection: paths of .blob files;
        None for those of Vitruvian.
    pd_score_thresh : float
        Minimum score of a detection, 0 to 1.
    lm_model : str or None
        "lite", "full" (also None), "heavy", or the path of a .blob file.
    lm_score_thresh : float
        The landmark score must exceed this, 0 to 1.
    xyz : bool
        Whether the position of the person is measured. It is ignored with a warning if the camera
        has no depth.
    crop : bool
        Whether only the centre square of each frame is processed and returned.
    smoothing : bool
        Whether landmarks and position are smoothed over time.
    filter_window_size, filter_velocity_scale : float
        No effect, as in depthai_blazepose.
    stats : bool
        Whether `exit` prints statistics.
    internal_fps : float or None
        Frame rate of the camera; by default the highest that the model reaches.
    internal_frame_height : int
        Wanted height of the frames, px; the nearest possible one is used.
    trace : bool
        Whether each frame, and each step of the device, is logged, at level WARNING, so that every
        program shows it.
    force_detection : bool
        Whether the detector runs on every frame.

    Attributes
    ----------
    nb_frames, nb_frames_no_body : int
        Number of frames processed, and of those without a detected person.
    nb_pd_inferences, nb_lm_inferences : int
        Number of inferences of the detector and of the landmark network.
    nb_lm_inferences_after_landmarks_ROI : int
        Number of inferences of the landmark network in a region from the landmarks of the frame
        before. See `vitruvian.compat.depthai_blazepose.host.BlazeposeDepthai` for the others.

    Raises
    ------
    BackendUnavailableError
        If depthai is not installed.
    DeviceError
        If there is no OAK, or it is in use.
    ModelNotFoundError
        If a network is not compiled yet, or a file does not exist.
    ValueError
        If an argument is not valid. Files are an input of Host mode only.
    """

    def __init__(  # noqa: PLR0913 - depthai_blazepose's parameters in their order
        self,
        input_src: object = "rgb",
        pd_model: str | Path | None = None,
        pd_score_thresh: float = 0.5,
        pp_model: str | Path | None = None,
        lm_model: str | Path | None = None,
        lm_score_thresh: float = 0.7,
        xyz: bool = False,
        crop: bool = False,
        smoothing: bool = True,
        filter_window_size: int = 5,
        filter_velocity_scale: float = 10,
        stats: bool = False,
        internal_fps: float | None = None,
        internal_frame_height: int = 1080,
        trace: bool = False,
        force_detection: bool = False,
    ) -> None:
        if not is_camera(input_src):
            raise ValueError(
                "input_src must be 'rgb' or 'rgb_laconic' in Edge mode, got "
                f"{input_src!r}: use the class of the module BlazeposeDepthai for files"
            )
        import_before_av()
        self.pd_model, self.pp_model, self.lm_model = pd_model, pp_model, lm_model
        self.pd_score_thresh, self.lm_score_thresh = pd_score_thresh, lm_score_thresh
        self.crop, self.smoothing, self.force_detection = crop, smoothing, force_detection
        self.internal_fps, self.stats, self.trace = internal_fps, stats, trace
        self.laconic = input_src == "rgb_laconic"
        self.nb_pd_inferences = self.nb_lm_inferences = 0
        self.nb_lm_inferences_after_landmarks_ROI = 0
        model = device_model(pd_model, lm_model, pp_model)
        options = OakOptions(
            mode="edge",
            device=device_name(),
            xyz=bool(xyz),
            fps=internal_fps,
            frame_height=internal_frame_height,
            crop=bool(crop),
            laconic=self.laconic,
            trace=bool(trace),
            shaves=model.shaves,
            detector_blob=model.detector_blob,
            landmark_blob=model.landmark_blob,
            candidate_blob=model.candidate_blob,
        )
        with ExitStack() as shown:
            if trace:
                shown.enter_context(_steps_shown())
            self._open_camera(options, model.name)
            self._opened.push(shown.pop_all())
        self._frames = filter(self._is_result, self._frames)

    def _is_result(self, frame: Any) -> bool:
        """Count what ran on the device for a frame; return False if its landmarks are pending.

        depthai_blazepose gives no result either for the frame of a detection: the landmarks come
        with the next one.
        """
        record = frame.record
        if record is None:
            return True
        if record.is_pending:
            return False
        has_run = not math.isnan(record.score)
        self.nb_pd_inferences += record.is_detected
        self.nb_lm_inferences += has_run
        self.nb_lm_inferences_after_landmarks_ROI += has_run and not record.is_detected
        return True

    def _summary(self) -> Iterator[str]:
        yield from super()._summary()
        after_roi = self.nb_lm_inferences_after_landmarks_ROI
        after_detection = self.nb_lm_inferences - after_roi
        yield f"# pose detection inferences : {self.nb_pd_inferences}"
        yield (
            f"# landmark inferences       : {self.nb_lm_inferences} "
            f"- # after pose detection: {after_detection} "
            f"- # after landmarks ROI prediction: {after_roi}"
        )


class _Steps(logging.Handler):
    """Logs the steps of the device's script as those of this module."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one step."""
        logger.warning("%s", record.getMessage())  # shown by a program that sets up no logging


@contextmanager
def _steps_shown() -> Iterator[None]:
    log, handler = logging.getLogger(TRACE), _Steps()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
