"""Count the squats of everybody in a video, stream or camera, live.

python examples/count_squats.py squats.mp4
"""

import sys

import vitruvian as vt
from vitruvian.analysis.monitor import ExerciseMonitor

monitor = ExerciseMonitor("squat", on_repetition=print)
with vt.PoseTracker("lite", num_poses=2) as tracker, vt.open_input(sys.argv[1]) as frames:
    for frame in frames:
        result = monitor.update(tracker.update(frame))

for person, counter in monitor.counters.items():
    print(f"person {person}: {counter.count} squats")
