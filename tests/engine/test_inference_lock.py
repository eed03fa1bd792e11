"""One thread at a time in the networks, and none once the program ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from vitruvian.engine.inference_lock import InferenceLock

AT_THE_END = """
import threading, time
import numpy as np
from vitruvian import PoseEstimator, PoseTracker
from vitruvian.synthetic import Person, Scene

image = Scene([Person()]).render(0.0, (320, 320)).image
tracker, estimator = PoseTracker("lite"), PoseEstimator("lite")
runs = [0, 0]


def track():
    while True:
        runs[0] += 1
        tracker.update(image, timestamp_us=runs[0])


def detect():
    while True:
        runs[1] += 1
        estimator.detect(image)


for work in (track, detect):
    threading.Thread(target=work, daemon=True).start()
while min(runs) < 3:
    time.sleep(0.01)
print("the end")
"""


@pytest.mark.weights
def test_a_program_exits_while_threads_run_inference() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_END], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the end\n", "")


def test_one_thread_at_a_time() -> None:
    turn, inside, most = InferenceLock(), [0], [0]

    def work() -> None:
        for _ in range(50):
            with turn:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


IN_A_CHILD = """
import os, sys, threading
from vitruvian import fork
from vitruvian.engine.inference_lock import InferenceLock

fork.PATIENCE_S = 0.1
turn, is_inside, is_over = InferenceLock(), threading.Event(), threading.Event()


def work():
    with turn:
        is_inside.set()
        is_over.wait()


threading.Thread(target=work).start()
is_inside.wait()
child = os.fork()
if child == 0:
    exec(sys.argv[1])
    sys.exit(0)
print(os.waitpid(child, 0)[1])
is_over.set()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("child", ["pass", "turn.__enter__(); turn.__exit__()"])
def test_a_forked_process_ends_while_a_thread_of_its_parent_is_at_work(child: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_CHILD, child],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


LIVE = """
import tempfile, time
folder = tempfile.TemporaryDirectory()  # whose finalizer is the first of all
import numpy as np
from vitruvian.compat import mediapipe as mp

vision = mp.tasks.vision
options = vision.PoseLandmarkerOptions(
    base_options=mp.tasks.BaseOptions(model_asset_path="lite"),
    running_mode=vision.RunningMode.LIVE_STREAM,
    result_callback=lambda result, image, time_ms: None,
)
landmarker = vision.PoseLandmarker.create_from_options(options)
image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.zeros((320, 320, 3), np.uint8))
for i in range(100):
    landmarker.detect_async(image, i)
    time.sleep(0.001)
print("the end")
"""


@pytest.mark.weights
def test_an_unclosed_live_stream_ends_with_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIVE], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the end\n", "")
