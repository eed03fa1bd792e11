"""Read flag semaphore from a video or camera; without INPUT, from a rendered mannequin.

python examples/semaphore.py [INPUT [annotated.mp4]]
"""

import sys
from contextlib import closing, nullcontext
from dataclasses import replace

import cv2

import vitruvian as vt
from vitruvian.analysis.semaphore import SemaphoreReader
from vitruvian.synthetic import Person, Scene, motions

TEXT = "HELLO"
source, output = (*sys.argv[1:], None, None)[:2]
mannequin = Scene([Person(motion=motions.semaphore(TEXT))])
clip = mannequin.frames(motions.semaphore_duration_s(TEXT), fps=10)

reader = SemaphoreReader()
with (
    vt.PoseTracker("full") as tracker,
    vt.open_input(source) if source else closing(frame for frame, _ in clip) as frames,
    vt.open_output(output) if output else nullcontext() as sink,
):
    for frame in frames:
        result = tracker.update(frame)
        letter = reader.update(result.pose, frame.timestamp_us)
        if letter:
            print(letter, end="", flush=True)
        if sink:
            image, at = frame.image.copy(), (10, 30)
            label = f"{reader.text} [{reader.candidate or ''}]"
            cv2.putText(image, label, at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 190, 0), 2)
            sink.write(result, replace(frame, image=image))
print()
