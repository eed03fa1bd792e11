"""MediaPipe as a benchmark worker: Tasks in VIDEO mode, or the legacy solutions.

Runs in a side environment. All options, thresholds and threads are at their defaults. What a
caller must do for each frame (wrap the pixels) is part of the time.
"""

from __future__ import annotations

import os
from typing import Any

os.environ["GLOG_minloglevel"] = "2"  # noqa: SIM112, its real name

import mediapipe as mp

from worker import Points, Update, serve

COMPLEXITY = {"lite": 0, "full": 1, "heavy": 2}


def open_tasks(job: dict[str, Any]) -> tuple[str, Update, Points]:
    """Return MediaPipe Tasks on the bundle ``job["bundle"]``."""
    from mediapipe.tasks.python import BaseOptions, vision

    landmarker = vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=job["bundle"]),
            running_mode=vision.RunningMode.VIDEO,
            num_poses=job.get("num_poses", 1),
        )
    )

    def update(image: Any, timestamp_us: int) -> Any:
        wrapped = mp.Image(image_format=mp.ImageFormat.SRGB, data=image)
        return landmarker.detect_for_video(wrapped, round(timestamp_us / 1000))

    def points(result: Any, wh: tuple[int, int]) -> list[list[list[float]]]:
        return [_px(person, wh) for person in result.pose_landmarks]

    return mp.__version__, update, points


def open_solutions(job: dict[str, Any]) -> tuple[str, Update, Points]:
    """Return ``mp.solutions.pose``, which generates its own timestamps, at 30 fps."""
    pose = mp.solutions.pose.Pose(model_complexity=COMPLEXITY[job["model"]])

    def update(image: Any, timestamp_us: int) -> Any:
        return pose.process(image)

    def points(result: Any, wh: tuple[int, int]) -> list[list[list[float]]]:
        return [_px(result.pose_landmarks.landmark, wh)] if result.pose_landmarks else []

    return mp.__version__, update, points


def _px(landmarks: Any, wh: tuple[int, int]) -> list[list[float]]:
    return [[mark.x * wh[0], mark.y * wh[1]] for mark in landmarks]


if __name__ == "__main__":
    serve(lambda job: (open_tasks if "bundle" in job else open_solutions)(job))
