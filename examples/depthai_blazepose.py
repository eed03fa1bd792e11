"""Run a program written for depthai_blazepose: only its import lines have changed.

python examples/depthai_blazepose.py walk.mp4
"""

import sys

import cv2

from vitruvian.compat.depthai_blazepose.BlazeposeDepthai import BlazeposeDepthai
from vitruvian.compat.depthai_blazepose.BlazeposeRenderer import BlazeposeRenderer
from vitruvian.compat.depthai_blazepose.mediapipe_utils import KEYPOINT_DICT, angle

tracker = BlazeposeDepthai(input_src=sys.argv[1], lm_model="lite", stats=True)
renderer = BlazeposeRenderer(tracker, show_3d="world", output="blazepose.mp4")
left_leg = [KEYPOINT_DICT[name] for name in ("left_hip", "left_knee", "left_ankle")]

while True:
    frame, body = tracker.next_frame()
    if frame is None:
        break
    frame = renderer.draw(frame, body)
    if body:
        knee = angle(*body.landmarks_world[left_leg])
        cv2.putText(frame, f"{knee:.0f}", (50, 110), cv2.FONT_HERSHEY_PLAIN, 3, (0, 190, 255), 3)
    if renderer.waitKey(delay=1) in (27, ord("q")):
        break

renderer.exit()
tracker.exit()
