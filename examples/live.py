"""Print the IDs in view, from a camera, stream or playing video; stop with Ctrl-C.

python examples/live.py 0
"""

import sys

import vitruvian as vt

with (
    vt.PoseTracker("lite", num_poses=2) as tracker,
    vt.LiveStream(tracker, vt.open_input(sys.argv[1], live=True)) as stream,
):
    printed = None
    for frame, result in stream:
        ids = [pose.id for pose in result]
        if ids != printed:
            print(f"{frame.timestamp_us / 1e6:7.2f} s  {ids or 'no person found'}")
            printed = ids

print(stream.counts)
print(stream.latency)
