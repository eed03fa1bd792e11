"""Track a rendered squat and compare the landmarks with the ground truth.

python examples/mannequin.py
"""

import numpy as np

import vitruvian as vt
from vitruvian.synthetic import Figure, Person, Scene, motions

scene = Scene([Person(Figure(height_m=1.80), motions.squat(period_s=1.6), heading_deg=25)])
with vt.PoseTracker("full") as tracker, vt.open_output("mannequin.mp4") as sink:
    for frame, view in scene.frames(duration_s=0.8, fps=12.5):
        result = tracker.update(frame)
        sink.write(result, frame)
        if result.pose is not None:
            error = result.pose.landmarks[:, :2] - view.people[0].landmarks[:, :2]
            error_px = np.linalg.norm(error, axis=1)
            worst = vt.BLAZEPOSE.names[int(error_px.argmax())]
            print(f"frame {frame.index:2}: error {np.median(error_px):4.1f} px, largest at {worst}")
