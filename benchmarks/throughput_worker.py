"""Tracks the files named on its input, one a line; prints the number of frames of each.

Runs in every side environment: MediaPipe where the job has a bundle, else ours.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from worker import own_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator


class WithMediaPipe:
    """MediaPipe Tasks, one person; timestamps continue from one file to the next."""

    def __init__(self, job: dict[str, Any]) -> None:
        from mediapipe.tasks.python import BaseOptions, vision

        self._time_ms = 0
        self._landmarker = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=job["bundle"]),
                running_mode=vision.RunningMode.VIDEO,
            )
        )

    def track(self, path: str) -> Iterator[bool]:
        """Yield for each frame whether a person was found."""
        import cv2
        import mediapipe as mp

        capture = cv2.VideoCapture(path)
        step_ms = max(1, round(1000 / capture.get(cv2.CAP_PROP_FPS)))
        while True:
            is_read, bgr = capture.read()
            if not is_read:
                return
            rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
            self._time_ms += step_ms
            yield bool(self._landmarker.detect_for_video(image, self._time_ms).pose_landmarks)


class WithVitruvian:
    """Ours, one person."""

    def __init__(self, job: dict[str, Any]) -> None:
        import vitruvian as vt

        os.sched_setaffinity(0, job.pop("cores"))
        self._threads = job["threads"]
        self._tracker = vt.PoseTracker(**job)

    def track(self, path: str) -> Iterator[bool]:
        """Yield for each frame whether a person was found."""
        import vitruvian as vt
        from vitruvian.media.read_ahead import ReadAhead

        self._tracker.reset()
        with ReadAhead(vt.open_input(path, threads=self._threads)) as frames:
            for frame in frames:
                yield bool(self._tracker.update(frame))


def main() -> None:
    """Track the files on the standard input."""
    answers = own_stdout()
    job = json.loads(sys.argv[1])
    software = (WithMediaPipe if "bundle" in job else WithVitruvian)(job)
    for line in sys.stdin:
        found = list(software.track(line.strip()))
        answers.write(json.dumps({"frames": len(found), "with_pose": sum(found)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
