"""Cut the person out of a photo: everything else becomes transparent.

python examples/cut_out.py photo.jpg
"""

import sys

import numpy as np
from PIL import Image

import vitruvian as vt

with (
    vt.PoseEstimator("full", segmentation=True) as estimator,
    vt.open_input(sys.argv[1]) as frames,
):
    frame = next(iter(frames))
    pose = estimator.detect(frame).pose

if pose is None:
    sys.exit("no person found")
alpha = np.round(255 * pose.mask).astype(np.uint8)
Image.fromarray(np.dstack([frame.image, alpha])).save("cut_out.png")
