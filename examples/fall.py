"""Print when people fall: the hips drop fast, and soon afterwards the trunk is lying.

python examples/fall.py room.mp4
"""

import sys
from collections import deque

import numpy as np

import vitruvian as vt

DROP = 0.35  # body heights within 0.5 s: sitting down is slower or less deep
LYING_DEG = 55  # of the trunk from upright
WITHIN_US = 1_500_000  # from the drop to lying
LOOK_BACK_US = 500_000
TRUNK_SHARE = 0.3  # of the body height

hips: dict[int, deque[tuple[int, float]]] = {}  # of each person: time, y
dropped_us: dict[int, int] = {}
n_falls = 0
with vt.PoseTracker("full", num_poses=2) as tracker, vt.open_input(sys.argv[1]) as frames:
    for frame in frames:
        for pose in tracker.update(frame):
            middle, neck = (pose.landmarks[pair, :2].mean(axis=0) for pair in ([23, 24], [11, 12]))
            trunk, trunk_m = neck - middle, pose.world[[11, 12]].mean(axis=0)
            px_per_m = np.linalg.norm(trunk) / np.linalg.norm(trunk_m[:2])
            height_px = px_per_m * np.linalg.norm(trunk_m) / TRUNK_SHARE
            past = hips.setdefault(pose.id or 0, deque())
            while past and frame.timestamp_us - past[0][0] > LOOK_BACK_US:
                past.popleft()
            if past and middle[1] - min(y for _, y in past) > DROP * height_px:
                dropped_us[pose.id or 0] = frame.timestamp_us
            past.append((frame.timestamp_us, float(middle[1])))
            is_lying = np.degrees(np.arctan2(abs(trunk[0]), -trunk[1])) > LYING_DEG
            if is_lying and frame.timestamp_us - dropped_us.pop(pose.id or 0, -(10**9)) < WITHIN_US:
                print(f"person {pose.id} fell at {frame.timestamp_us / 1e6:.1f} s")
                n_falls += 1
                past.clear()
print(f"falls: {n_falls}")
