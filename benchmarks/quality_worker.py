"""Worker of `quality.py`: tracks clips that it receives over a pipe and writes the poses.

    python quality_worker.py JOB

JOB is JSON, as for the other workers. The input is, for each clip, a JSON line
``{"out": "file.npz", "wh": [w, h], "times_us": [...]}`` and the pixels of as many RGB images; the
answer is a line when the file is written. The file contains ``landmarks`` (T, 33, 3) px, ``world``
(T, 33, 3) m and ``visibility`` (T, 33) of the first person, NaN where there is none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Rows = Callable[[Any, "tuple[int, int]"], "np.ndarray | None"]
"""A result and the (width, height) of the image -> (33, 7): x, y, z px, x, y, z m, visibility."""


def open_vitruvian(job: dict[str, Any]) -> tuple[Callable[[Any, int], Any], Rows]:
    """Return the tracker with ``job["options"]``."""
    import vitruvian

    tracker = vitruvian.PoseTracker(job["model"], **job["options"])

    def update(image: Any, timestamp_us: int) -> Any:
        return tracker.update(image, timestamp_us=timestamp_us)

    def rows(result: Any, wh: tuple[int, int]) -> np.ndarray | None:
        pose = result.pose
        if pose is None:
            return None
        return np.hstack([pose.landmarks, pose.world, pose.visibility[:, None]])

    return update, rows


def open_mediapipe(job: dict[str, Any]) -> tuple[Callable[[Any, int], Any], Rows]:
    """Return MediaPipe Tasks where the job names a bundle, else the legacy solution."""
    import mediapipe_worker

    is_tasks = "bundle" in job
    opened = mediapipe_worker.open_tasks if is_tasks else mediapipe_worker.open_solutions
    _, update, _ = opened(job)

    def rows(result: Any, wh: tuple[int, int]) -> np.ndarray | None:
        image, world = result.pose_landmarks, result.pose_world_landmarks
        if not image:
            return None
        image, world = (image[0], world[0]) if is_tasks else (image.landmark, world.landmark)
        scale = wh[0], wh[1], wh[0]
        px = np.array([[mark.x, mark.y, mark.z] for mark in image]) * scale
        metres = [[mark.x, mark.y, mark.z] for mark in world]
        return np.hstack([px, metres, [[mark.visibility] for mark in image]])

    return update, rows


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # because libraries may print
    job = json.loads(sys.argv[1])
    pipe = sys.stdin.buffer
    for line in pipe:
        clip = json.loads(line)
        update, rows = (open_vitruvian if "options" in job else open_mediapipe)(job)
        width, height = clip["wh"]
        seen = np.full((len(clip["times_us"]), 33, 7), np.nan, np.float32)
        for index, timestamp_us in enumerate(clip["times_us"]):
            pixels = np.frombuffer(pipe.read(width * height * 3), np.uint8)
            result = update(pixels.reshape(height, width, 3), timestamp_us)
            marks = rows(result, (width, height))
            if marks is not None:
                seen[index] = marks
        np.savez(
            clip["out"], landmarks=seen[..., :3], world=seen[..., 3:6], visibility=seen[..., 6]
        )
        answers.write(json.dumps({"found": float(np.isfinite(seen[:, 0, 0]).mean())}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
