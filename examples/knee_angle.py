"""Print the smallest angle of each knee in a video, from the world landmarks.

python examples/knee_angle.py squat.mp4
"""

import sys

import numpy as np

import vitruvian as vt

with vt.PoseTracker("full") as tracker, vt.open_input(sys.argv[1]) as frames:
    sequence = vt.PoseSequence.from_results([tracker.update(frame) for frame in frames])

if not sequence.is_present.any():
    sys.exit("no person found")
for side in ("left", "right"):
    hip, knee, ankle = (
        sequence.world[:, 0, vt.BLAZEPOSE.index(f"{side}_{joint}")]
        for joint in ("hip", "knee", "ankle")
    )
    thigh, shank = hip - knee, ankle - knee
    lengths = np.linalg.norm(thigh, axis=1) * np.linalg.norm(shank, axis=1)
    angle_deg = np.degrees(np.arccos((thigh * shank).sum(axis=1) / lengths))
    frame = int(np.nanargmin(angle_deg))
    time_s = sequence.timestamps_us[frame] / 1e6
    print(f"{side} knee: {angle_deg[frame]:.0f} degrees at {time_s:.2f} s")
