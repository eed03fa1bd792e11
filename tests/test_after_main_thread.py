"""Work on a thread that goes on after the main thread of the program has ended."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent, indent

import pytest

PROGRAM = """
import sys, threading, time

def wait_for_the_main_thread():
    while threading.main_thread().is_alive():
        time.sleep(0.01)
    time.sleep(0.1)  # until Python refuses what it refuses from then on

def work():
{work}

threading.Thread(target=work).start()
"""
IMAGE = """
import numpy as np
from vitruvian.synthetic import Person, Scene
image = np.array(Scene([Person()]).render(0.0, (320, 320)).image)
"""
WORKS = {
    "compat": """
        import vitruvian.compat.mediapipe as mp
        with mp.solutions.pose.Pose(model_complexity=0, static_image_mode=True) as pose:
            print(pose.process(image).pose_landmarks is not None)
    """,
    "several people": """
        import vitruvian as vt
        with vt.PoseTracker("lite", num_poses=2) as tracker:
            print(len(tracker.update(image, timestamp_us=0)) == 1)
    """,
    "video": """
        import os, tempfile, vitruvian as vt
        with tempfile.TemporaryDirectory() as folder, vt.PoseTracker("lite") as tracker:
            path = os.path.join(folder, "a.mp4")
            with vt.open_output(path) as sink:
                for i in range(3):
                    frame = vt.Frame(image, i * 40_000)
                    sink.write(tracker.update(frame), frame)
            with vt.open_input(path) as frames:
                print(len(list(frames)) == 3)
    """,
    "pushed frames": """
        import vitruvian as vt
        with vt.LiveStream(vt.PoseTracker("lite")) as stream:
            stream.push(vt.Frame(image, 0))
            print(len(next(stream)[1]) == 1)
    """,
}


def printed(work: str) -> tuple[str, str]:
    program = PROGRAM.format(work=indent(dedent(work), "    "))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout, done.stderr


@pytest.mark.weights
@pytest.mark.parametrize("name", WORKS)
def test_everything_can_be_imported_opened_and_run(name: str) -> None:
    if name == "pushed frames" and (3, 12) <= sys.version_info < (3, 12, 2):
        pytest.skip("Python 3.12.0 and 3.12.1 start no threads any more")
    work = "wait_for_the_main_thread()" + IMAGE + dedent(WORKS[name])
    assert printed(work) == ("True\n", "")


IN_ORDER = """
from vitruvian.media.read_ahead import ReadAhead
from vitruvian.export.write_behind import WriteBehind
from vitruvian.media.source import Source
from vitruvian.core.frame import Frame
import numpy as np

class Numbers(Source):
    def __init__(self):
        super().__init__("numbers")

    def _read(self):
        for i in range(40):
            time.sleep(0.005)
            yield Frame(np.zeros((4, 4, 3), np.uint8), i)

class Sink:
    def __init__(self):
        self.written = []

    def write(self, result, frame):
        time.sleep(0.005)
        self.written.append(frame.timestamp_us)

    def close(self): ...
    def __enter__(self): return self
    def __exit__(self, *_): ...

sink = Sink()
with ReadAhead(Numbers()) as frames, WriteBehind(sink) as writer:
    for frame in frames:
        if frame.timestamp_us == START:
            print("begin", flush=True)
            wait_for_the_main_thread()
        writer.write(None, frame)
print(sink.written == list(range(40)))
"""


@pytest.mark.parametrize("start", [0, 20])
def test_frames_stay_in_order_if_the_main_thread_ends_meanwhile(start: int) -> None:
    assert printed(IN_ORDER.replace("START", str(start))) == ("begin\nTrue\n", "")
