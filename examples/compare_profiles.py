"""Print how far the landmarks of each MediaPipe profile are from the default profile.

python examples/compare_profiles.py walk.mp4
"""

import sys

import numpy as np

import vitruvian as vt

landmarks = {}
for profile in ("default", "solutions", "graph", "tasks"):
    with vt.PoseTracker("full", profile=profile) as tracker, vt.open_input(sys.argv[1]) as frames:
        sequence = vt.PoseSequence.from_results([tracker.update(frame) for frame in frames])
    if not sequence.is_present.any():
        sys.exit("no person found")
    landmarks[profile] = sequence.landmarks[:, 0, :, :2]

for profile, points in landmarks.items():
    distance_px = np.linalg.norm(points - landmarks["default"], axis=-1).mean(axis=1)
    n_frames = int(np.isfinite(distance_px).sum())
    mean, largest = np.nanmean(distance_px), np.nanmax(distance_px)
    print(f"{profile:<10} mean {mean:5.2f} px, largest {largest:6.2f} px, {n_frames} frames")
