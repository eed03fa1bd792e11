"""Say how far each MediaPipe profile is from the default, frame by frame.

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
        sys.exit("nobody in view")
    landmarks[profile] = sequence.landmarks[:, 0, :, :2]

for profile, points in landmarks.items():
    off_px = np.linalg.norm(points - landmarks["default"], axis=-1).mean(axis=1)
    n_frames = int(np.isfinite(off_px).sum())
    mean, most = np.nanmean(off_px), np.nanmax(off_px)
    print(f"{profile:<10} mean {mean:5.2f} px, most {most:6.2f} px, {n_frames} frames with both")
