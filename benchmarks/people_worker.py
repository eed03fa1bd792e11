"""MediaPipe on single images over a pipe: Tasks in IMAGE mode, or the legacy solutions.

Runs in a side environment, with one JSON object as its only argument::

    {"model": "full", "bundle": "pose_landmarker_full.task", "num_poses": 4}

Without a bundle it is ``mp.solutions.pose`` with ``static_image_mode``. All other options are at
their defaults. Reads images, each its width and height (4 bytes each, little-endian) and the RGB
pixels, and answers each with a line of JSON: for each person a ``score``, ``landmarks``, 33 rows
of x, y in px, and ``world``, 33 rows of x, y, z in m. MediaPipe gives no score; it is the mean
visibility.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ["GLOG_minloglevel"] = "2"  # noqa: SIM112, its real name

import mediapipe as mp
import numpy as np

from mediapipe_worker import COMPLEXITY
from worker import own_stdout

Detect = Callable[[np.ndarray], "list[Any]"]
"""RGB pixels -> the landmarks and the world landmarks of each person."""


def open_tasks(job: dict[str, Any]) -> Detect:
    """Return MediaPipe Tasks on the bundle ``job["bundle"]``."""
    from mediapipe.tasks.python import BaseOptions, vision

    landmarker = vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=job["bundle"]),
            running_mode=vision.RunningMode.IMAGE,
            num_poses=job["num_poses"],
        )
    )

    def detect(image: np.ndarray) -> list[Any]:
        wrapped = mp.Image(image_format=mp.ImageFormat.SRGB, data=image)
        found = landmarker.detect(wrapped)
        return list(zip(found.pose_landmarks, found.pose_world_landmarks, strict=True))

    return detect


def open_solutions(job: dict[str, Any]) -> Detect:
    """Return ``mp.solutions.pose`` for single images, which finds one person."""
    pose = mp.solutions.pose.Pose(static_image_mode=True, model_complexity=COMPLEXITY[job["model"]])

    def detect(image: np.ndarray) -> list[Any]:
        found = pose.process(image)
        if not found.pose_landmarks:
            return []
        return [(found.pose_landmarks.landmark, found.pose_world_landmarks.landmark)]

    return detect


def main() -> None:
    """Answer images until the input ends."""
    answers = own_stdout()
    job = json.loads(sys.argv[1])
    detect = (open_tasks if "bundle" in job else open_solutions)(job)
    detect(np.zeros((64, 64, 3), np.uint8))  # the first image is slower
    while header := sys.stdin.buffer.read(8):
        width, height = np.frombuffer(header, "<u4").tolist()
        pixels = sys.stdin.buffer.read(height * width * 3)
        image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        poses = [
            {
                "score": float(np.mean([mark.visibility for mark in pose])),
                "landmarks": [[mark.x * width, mark.y * height] for mark in pose],
                "world": [[mark.x, mark.y, mark.z] for mark in world],
            }
            for pose, world in detect(image)
        ]
        answers.write(json.dumps(poses) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
