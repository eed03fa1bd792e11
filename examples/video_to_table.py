"""Track a video; write a table and the video with the pose drawn.

python examples/video_to_table.py walk.mp4
"""

import sys

import vitruvian as vt

with (
    vt.PoseTracker("full") as tracker,
    vt.open_input(sys.argv[1]) as frames,
    vt.open_output("poses.csv", "poses.mp4", source=frames) as sink,
):
    for frame in frames:
        sink.write(tracker.update(frame), frame)
