"""BlazeposeRenderer: draws bodies on frames, shows them in windows, writes them to a video."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np

from vitruvian.compat.depthai_blazepose.body_view import MODES, View3D
from vitruvian.compat.depthai_blazepose.segments import COLOR_OF_SIDE, SEGMENTS
from vitruvian.compat.opencv import require_cv2
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.media.orientation import reversed_channels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.compat.depthai_blazepose.body import Body
    from vitruvian.compat.depthai_blazepose.tracker import BodyTracker
    from vitruvian.compat.depthai_blazepose.window import Screen
    from vitruvian.media.recorder import VideoWriter

__all__ = ["BlazeposeRenderer"]

WINDOW, WINDOW_3D = "Blazepose", "Blazepose 3D"
CONTAINERS = {".mkv": "matroska", ".mov": "mov"}  # any other suffix: MP4
# BGR, the colours of depthai_blazepose
LINE_COLOR = (255, 180, 90)
RECT_COLOR = (0, 255, 255)
ZONE_COLOR = (180, 0, 180)
SCORE_COLOR = (255, 255, 0)
FPS_COLOR = (240, 180, 100)
XYZ_BOX = ((220, 220, 240), (20, 180, 0), (255, 0, 0), (0, 0, 255))  # background, X, Y, Z
PURPOSE = "drawing with BlazeposeRenderer"
TOGGLE_KEYS = {
    "r": "show_rot_rect",
    "l": "show_landmarks",
    "s": "show_score",
    "f": "show_fps",
    "x": "show_xyz",
    "z": "show_xyz_zone",
}

logger = logging.getLogger(__name__)


class BlazeposeRenderer:
    """Draws bodies, shows the frames and writes them to a video.

    Without a display no window is shown; everything else works.

    Parameters
    ----------
    tracker : BlazeposeDepthai
        The tracker that returned the frames.
    show_3d : str or None
        "image", "world" or "mixed" for a second window, see `View3D`. "mixed" needs a tracker with
        depth; without depth it falls back to "world".
    output : str or path, optional
        Video file with the frames that `waitKey` shows, at their timestamps; H.264 in .mp4, .mov
        or .mkv. It has the size of the first frame; frames of other sizes are letterboxed.

    Attributes
    ----------
    frame : (H, W, 3) uint8 array or None
        The frame of the last `draw`, BGR.
    frame_3d : (480, 640, 3) uint8 array or None
        The 3D view of the last `draw`, BGR.
    pause : bool
        Whether `draw` keeps the last frame.
    show_rot_rect, show_landmarks, show_score, show_fps, show_xyz, show_xyz_zone : bool
        Which elements are drawn.

    Raises
    ------
    BackendUnavailableError
        If OpenCV is not installed.
    ValueError
        If `show_3d` is something else.
    """

    def __init__(
        self,
        tracker: BodyTracker,
        show_3d: str | bool | None = None,
        output: str | Path | None = None,
    ) -> None:
        if show_3d and show_3d not in MODES:
            raise ValueError(f"show_3d must be one of {list(MODES)} or None, got {show_3d!r}")
        require_cv2(PURPOSE)  # an error now, not at the first frame
        self.tracker = tracker
        self.show_3d = show_3d or None
        if self.show_3d == "mixed" and not tracker.xyz:
            logger.warning("show_3d='mixed' needs a tracker with xyz: using 'world'")
            self.show_3d = "world"
        self.vis3d = View3D(str(self.show_3d), tracker) if self.show_3d else None
        self.output = output
        self.frame: NDArray[np.uint8] | None = None
        self.frame_3d: NDArray[np.uint8] | None = None
        self.body: Body | None = None
        self.pause = False
        self.show_rot_rect = self.show_score = False
        self.show_landmarks = self.show_fps = True
        self.show_xyz = self.show_xyz_zone = tracker.xyz
        self._screen: Screen | None = None
        self._video: VideoWriter | None = None
        self._written_us = -1

    def is_present(self, body: Body, lm_id: int) -> bool:
        """Whether the presence of a landmark is above the threshold."""
        return self.tracker.is_present(body, lm_id)

    def draw(self, frame: NDArray[np.uint8], body: Body | None) -> NDArray[np.uint8]:
        """Draw a body on its frame, in place, and return the frame; during a pause, the last one.

        `body` is None if no person was detected.
        """
        if self.frame is None or not self.pause:
            self.frame, self.body = frame, body
            if body is not None:
                self.draw_landmarks(body)
        if self.vis3d is not None:
            self.draw_3d(self.body)
        return self.frame

    def draw_landmarks(self, body: Body) -> None:
        """Draw the enabled elements of a body onto `frame`."""
        cv2 = require_cv2(PURPOSE)
        frame = self._current_frame()
        if self.show_rot_rect:
            corners = np.array(body.rect_points)
            cv2.polylines(frame, [corners], True, RECT_COLOR, 2, cv2.LINE_AA)
        if self.show_landmarks:
            self._draw_skeleton(frame, body)
        if self.show_score:
            origin = (20, frame.shape[0] - 60)
            text = f"Landmark score: {body.lm_score:.2f}"
            cv2.putText(frame, text, origin, cv2.FONT_HERSHEY_PLAIN, 2, SCORE_COLOR, 2)
        if self.show_xyz and body.xyz_ref:
            _draw_xyz(frame, body)
        if self.show_xyz_zone and body.xyz_zone is not None:
            x0, y0, x1, y1 = body.xyz_zone
            cv2.rectangle(frame, (x0, y0), (x1, y1), ZONE_COLOR, 2)

    def _draw_skeleton(self, frame: NDArray[np.uint8], body: Body) -> None:
        cv2 = require_cv2(PURPOSE)
        points = body.landmarks[:, :2]
        present = [self.is_present(body, i) for i in range(self.tracker.nb_kps)]
        lines = [points[[a, b]] for (a, b), _ in SEGMENTS if present[a] and present[b]]
        cv2.polylines(frame, lines, False, LINE_COLOR, 2, cv2.LINE_AA)
        for i in np.flatnonzero(present):
            color = COLOR_OF_SIDE[BLAZEPOSE.sides[i]][::-1]
            cv2.circle(frame, points[i].tolist(), 4, color, cv2.FILLED, cv2.LINE_AA)

    def draw_3d(self, body: Body | None) -> None:
        """Draw the 3D view of a body, or the empty scene for None, to `frame_3d`."""
        if self.vis3d is not None:
            self.frame_3d = self.vis3d.render(body)

    def waitKey(self, delay: int = 1) -> int:  # noqa: N802 - its name there
        """Show the frame, write it to the video, and handle a key press.

        Parameters
        ----------
        delay : int
            How long to wait for a key, ms; 0 waits without limit. If the input is a single image,
            it always waits without limit. Without a display it does not wait.

        Returns
        -------
        int
            The key code, 27 for Esc or a closed window; -1 if no key was pressed.
        """
        from vitruvian.compat.depthai_blazepose.window import open_screen

        if self._screen is None:
            self._screen = open_screen()
        if self.frame is not None:
            if self.show_fps and not self.pause:  # once per frame
                self.tracker.fps.draw(self.frame, orig=(50, 50), size=1, color=FPS_COLOR)
            self._screen.show_bgr(WINDOW, self.frame)
            self._write(self.frame)
        if self.frame_3d is not None:
            self._screen.show_bgr(WINDOW_3D, self.frame_3d)
        key = self._screen.key(0 if self.tracker.input_type == "image" else delay)
        self._press(key)
        return key

    def _press(self, key: int) -> None:
        if self.vis3d is not None:
            self.vis3d.press(key)
        if key == ord(" "):
            self.pause = not self.pause
        name = TOGGLE_KEYS.get(chr(key)) if 0 <= key < 128 else None
        if name is not None and (self.tracker.xyz or "xyz" not in name):
            setattr(self, name, not getattr(self, name))

    def _write(self, frame: NDArray[np.uint8]) -> None:
        if self.output is None or self.tracker.timestamp_us <= self._written_us:
            return
        if self._video is None:
            self._video = self._open_video(Path(self.output), (frame.shape[1], frame.shape[0]))
        self._written_us = self.tracker.timestamp_us
        self._video.write(reversed_channels(frame), self._written_us)

    def _open_video(self, path: Path, wh: tuple[int, int]) -> VideoWriter:
        from vitruvian.media.recorder import VideoWriter

        if path.suffix not in (*CONTAINERS, ".mp4"):
            logger.warning("%s is written as MP4: suffix is not .mp4, .mov or .mkv", path)
        container = CONTAINERS.get(path.suffix, "mp4")
        video = VideoWriter(path, wh, fps=self.tracker.video_fps, container=container)
        finalize(self, video.close)  # a program may never call `exit`
        return video

    def exit(self) -> None:
        """Close the video file and the windows."""
        if self._video is not None:
            self._video.close()
        if self._screen is not None:
            self._screen.close()
            self._screen = None

    def _current_frame(self) -> NDArray[np.uint8]:
        if self.frame is None:
            raise ValueError("there is no frame yet: call draw(frame, body) first")
        return self.frame


def _draw_xyz(frame: NDArray[np.uint8], body: Body) -> None:
    """Write the position of the body, in cm, in a box below the measured point."""
    cv2 = require_cv2(PURPOSE)
    measured: Any = body.xyz_ref_coords_pixel
    x, y = (round(float(value)) for value in measured)
    left, top = x - 50, y + 40
    background, *colors = XYZ_BOX
    cv2.rectangle(frame, (left, top), (left + 100, top + 85), background, cv2.FILLED)
    for row, (axis, mm, color) in enumerate(zip("XYZ", np.asarray(body.xyz), colors, strict=True)):
        text, origin = f"{axis}:{round(mm / 10):3d} cm", (left + 10, top + 20 + 25 * row)
        cv2.putText(frame, text, origin, cv2.FONT_HERSHEY_PLAIN, 1, color, 2)
