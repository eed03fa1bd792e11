"""Track several people; print when each was first and last seen.

python examples/people.py street.mp4
"""

import sys

import vitruvian as vt

seconds: dict[int, list[float]] = {}
with vt.PoseTracker("full", num_poses=4) as tracker, vt.open_input(sys.argv[1]) as frames:
    for frame in frames:
        for pose in tracker.update(frame):
            if pose.id is not None:
                seconds.setdefault(pose.id, []).append(frame.timestamp_us / 1e6)

for person, times in seconds.items():
    print(f"person {person}: {times[0]:.1f} s to {times[-1]:.1f} s, {len(times)} frames")
