"""Say who is in view, from a camera, a stream, or a video as it plays; Ctrl-C ends it.

python examples/live.py 0
"""

import sys

import vitruvian as vt

with (
    vt.PoseTracker("lite", num_poses=2) as tracker,
    vt.LiveStream(tracker, vt.open_input(sys.argv[1], live=True)) as stream,
):
    said = None
    for frame, result in stream:
        ids = [pose.id for pose in result]
        if ids != said:
            print(f"{frame.timestamp_us / 1e6:7.2f} s  {ids or 'nobody in view'}")
            said = ids

print(stream.counts)
print(stream.latency)
