"""Print which hand is raised, from a camera, video or stream; stop with Ctrl-C.

python examples/camera.py 0
"""

import sys

import vitruvian as vt

with vt.PoseTracker("lite") as tracker, vt.open_input(sys.argv[1]) as frames:
    printed = None
    for frame in frames:
        pose = tracker.update(frame).pose
        if pose is None:
            raised = "no person found"
        else:
            shoulder = min(pose["left_shoulder"].y, pose["right_shoulder"].y)  # y points down
            hands = [side for side in ("left", "right") if pose[f"{side}_wrist"].y < shoulder]
            raised = " and ".join(hands) or "none"
        if raised != printed:
            print(f"{frame.timestamp_us / 1e6:7.2f} s  {raised}")
            printed = raised
