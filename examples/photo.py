"""Print the landmarks of a photo and save it with the pose drawn.

python examples/photo.py photo.jpg
"""

import sys

from PIL import Image

import vitruvian as vt

path = sys.argv[1]
with vt.PoseEstimator("full") as estimator, vt.open_input(path) as frames:
    frame = next(iter(frames))
    result = estimator.detect(frame)

if result.pose is None:
    sys.exit(f"no person found in {path}")
print(result.pose)
Image.fromarray(vt.draw_poses(frame.image, result)).save("photo.pose.png")
