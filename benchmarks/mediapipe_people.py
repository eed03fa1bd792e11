"""MediaPipe Tasks with several people, frame by frame over a pipe.

Runs in a side environment, with one JSON object as its only argument::

    {"bundle": "pose_landmarker_full.task", "num_poses": 4, "wh": [480, 360]}

Reads frames, each a time in µs (8 bytes, little-endian) and then the RGB pixels, and answers each
with one line of JSON: for every person 33 rows of x, y in px, in MediaPipe's order, which does
not identify people.
"""

from __future__ import annotations

import json
import os
import sys

os.environ["GLOG_minloglevel"] = "2"  # noqa: SIM112, its real name

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

from worker import own_stdout


def main() -> None:
    """Answer frames until the input ends."""
    answers = own_stdout()
    job = json.loads(sys.argv[1])
    width, height = job["wh"]
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=job["bundle"]),
        running_mode=vision.RunningMode.VIDEO,
        num_poses=job["num_poses"],
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        while header := sys.stdin.buffer.read(8):
            pixels = sys.stdin.buffer.read(height * width * 3)
            image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
            result = landmarker.detect_for_video(
                mp.Image(image_format=mp.ImageFormat.SRGB, data=image),
                round(int.from_bytes(header, "little") / 1000),
            )
            poses = [
                [[mark.x * width, mark.y * height] for mark in pose]
                for pose in result.pose_landmarks
            ]
            answers.write(json.dumps(poses) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
