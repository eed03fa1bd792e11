"""Processes that are forked after networks, streams and inputs were opened."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

BEGIN = """
import os, signal, sys, threading
import numpy as np
import vitruvian as vt
from vitruvian.compat import mediapipe as mp, tfjs
from vitruvian.synthetic import Person, Scene

image = np.array(Scene([Person()]).render(0.0, (320, 320)).image)
backend = sys.argv[1]


def in_child(work):
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a hang ends with a signal
        print(work(), flush=True)
        sys.exit(0)
    print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)

"""

backends = pytest.mark.parametrize(
    "backend", ["openvino", pytest.param("litert", marks=pytest.mark.litert)]
)


def printed(program: str, backend: str = "openvino") -> list[str]:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BEGIN + dedent(program), backend],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.weights
@backends
def test_trackers_estimators_and_models_of_the_parent_work_in_the_child(backend: str) -> None:
    program = """
    tracker, closed = (vt.PoseTracker("lite", backend=backend, num_poses=2) for _ in range(2))
    model, estimator = vt.Model("lite", backend=backend), vt.PoseEstimator("lite", backend=backend)
    times = iter(range(100))

    def found():
        with vt.PoseTracker(model) as other:
            results = other.update(image, timestamp_us=0), estimator.detect(image)
        return [len(r) for r in (*results, tracker.update(image, timestamp_us=next(times)))]

    print(found())
    before = tracker.update(image, timestamp_us=next(times)).pose.id
    closed.close()

    def in_the_child():
        try:
            closed.update(image, timestamp_us=1)
        except vt.InferenceError as error:
            print(error)
        print(tracker.update(image, timestamp_us=next(times)).pose.id == before)
        return found()

    in_child(in_the_child)
    print(found())
    """
    expected = ["[1, 1, 1]", "the session is closed", "True", "[1, 1, 1]", "exit 0", "[1, 1, 1]"]
    assert printed(program, backend) == expected


@pytest.mark.weights
@backends
def test_a_child_opens_networks_after_its_parent_closed_some(backend: str) -> None:
    program = """
    def found():
        with vt.Model("lite", backend=backend) as model, vt.PoseEstimator(model) as estimator:
            return len(estimator.detect(image))

    print(found())
    in_child(found)
    """
    assert printed(program, backend) == ["1", "1", "exit 0"]


@pytest.mark.weights
def test_results_in_the_child_equal_those_of_the_parent() -> None:
    program = """
    estimator = vt.PoseEstimator("lite", segmentation=True)
    expected = estimator.detect(image).pose

    def same():
        pose = estimator.detect(image).pose
        return all(
            np.allclose(getattr(pose, name), getattr(expected, name), atol=1e-3)
            for name in ("landmarks", "world", "mask")
        )

    in_child(same)
    """
    assert printed(program) == ["True", "exit 0"]


@pytest.mark.weights
def test_objects_of_the_compat_layers_work_in_the_child() -> None:
    program = """
    vision = mp.tasks.vision
    answers, arrived = [], threading.Event()

    def note(result, picture, time_ms):
        answers.append(len(result.pose_landmarks))
        arrived.set()

    def landmarker(mode, **options):
        base = mp.tasks.BaseOptions(model_asset_path="lite")
        return vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(base_options=base, running_mode=mode, **options))

    pose = mp.solutions.pose.Pose(model_complexity=0)
    in_image = landmarker(vision.RunningMode.IMAGE)
    in_video = landmarker(vision.RunningMode.VIDEO)
    live = landmarker(vision.RunningMode.LIVE_STREAM, result_callback=note)
    detector = tfjs.create_detector("BlazePose", {"runtime": "tfjs", "modelType": "lite"})
    picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=image)
    times = iter(range(0, 10_000, 40))

    def found():
        arrived.clear()
        time_ms = next(times)
        live.detect_async(picture, time_ms)
        arrived.wait()
        return [
            pose.process(image).pose_landmarks is not None,
            len(in_image.detect(picture).pose_landmarks),
            len(in_video.detect_for_video(picture, time_ms).pose_landmarks),
            answers.pop(),
            len(detector.estimate_poses(image)),
        ]

    print(found())
    in_child(found)
    in_child(lambda: "unused")
    print(found())
    """
    found = "[True, 1, 1, 1, 1]"
    assert printed(program) == [found, found, "exit 0", "unused", "exit 0", found]


@pytest.mark.weights
def test_a_pose_of_the_parent_works_in_a_pool_of_forked_processes() -> None:
    program = """
    import multiprocessing
    pose = mp.solutions.pose.Pose(model_complexity=0)

    def found(_):
        return pose.process(image).pose_landmarks is not None

    print(found(0))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(found, range(4)))
    """
    assert printed(program) == ["True", "[True, True, True, True]"]


@pytest.mark.weights
@backends
@pytest.mark.slow
def test_a_fork_while_other_threads_open_networks_and_infer_does_not_hang(backend: str) -> None:
    program = """
    pose = mp.solutions.pose.Pose(model_complexity=0)
    estimator = vt.PoseEstimator("lite", backend=backend)
    is_over = threading.Event()

    def repeat(work):
        while not is_over.is_set():
            work()

    def opened():
        with vt.Model("lite", backend=backend) as model:
            vt.PoseEstimator(model).close()

    works = (lambda: pose.process(image), lambda: estimator.detect(image), opened)
    for work in works:
        threading.Thread(target=repeat, args=(work,)).start()
    for _ in range(8):  # the first while the modules are imported
        in_child(lambda: (pose.process(image).pose_landmarks is not None,
                          len(estimator.detect(image))))
    is_over.set()
    """
    assert printed(program, backend) == ["(True, 1)", "exit 0"] * 8


@pytest.mark.weights
def test_a_stream_of_pushed_frames_starts_again_in_the_child() -> None:
    program = """
    stream = vt.LiveStream(vt.PoseTracker("lite"))
    times = iter(range(100))

    def found():
        stream.push(vt.Frame(image, next(times)))
        return len(next(stream)[1])

    print(found())
    in_child(found)
    in_child(lambda: (stream.close(), stream.counts.seen))
    print(found())
    stream.close()
    """
    assert printed(program) == ["1", "1", "exit 0", "(None, 1)", "exit 0", "1"]


@pytest.mark.weights
def test_a_stream_that_reads_a_source_is_an_error_in_the_child() -> None:
    program = """
    class Camera(vt.Source):
        def __init__(self):
            super().__init__("camera")
            self.is_live = True

        def _read(self):
            time_us = 0
            while True:
                yield vt.Frame(image, time_us)
                time_us += 1

    tracker = vt.PoseTracker("lite")

    def refused():
        try:
            next(stream)
        except vt.InferenceError as error:
            print("belongs to process" in str(error))
        return next(stream, "over")

    with vt.LiveStream(tracker, Camera()) as stream:
        print(len(next(stream)[1]))
        in_child(refused)
        in_child(lambda: "unused")
        print(len(next(stream)[1]))
    """
    assert printed(program) == ["1", "True", "over", "exit 0", "unused", "exit 0", "1"]


def test_an_input_of_the_parent_is_an_error_in_the_child() -> None:
    program = """
    from importlib.resources import files
    from vitruvian.media.read_ahead import ReadAhead

    clip = next(p for p in files("vitruvian").joinpath("data").iterdir() if p.suffix == ".mp4")
    sources = [vt.open_input(clip), ReadAhead(vt.open_input(clip))]
    print([next(iter(source)).index for source in sources])

    def refused():
        for source in sources:
            try:
                next(iter(source))
            except vt.SourceError as error:
                print("open it again in the forked process" in str(error))
            source.close()

    in_child(refused)
    print([next(iter(source)).index for source in sources])
    """
    assert printed(program) == ["[0, 0]", "True", "True", "None", "exit 0", "[1, 1]"]


def test_an_output_of_the_parent_is_an_error_in_the_child_and_stays_the_parents() -> None:
    program = """
    import tempfile
    from pathlib import Path
    from vitruvian.export.write_behind import WriteBehind

    result = vt.PoseResult(0, 0, 4, 4, ())

    def refused():
        try:
            sink.write(result)
        except vt.errors.SinkError as error:
            return str(error).endswith("can't be written in a forked one")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        with WriteBehind(vt.open_output(path)) as sink:
            sink.write(result)
            child = os.fork()
            if child == 0:
                signal.alarm(30)
                print(refused(), flush=True)
                sink.close()
                os._exit(0)
            print(os.waitpid(child, 0)[1])
        print(len(list(vt.load_results(path))), len(list(Path(folder).iterdir())))
    """
    assert printed(program) == ["True", "0", "1 1"]


@pytest.mark.parametrize("suffix", ["csv", "mp4", "png", "npz"])
def test_a_child_that_leaves_the_block_of_an_output_does_not_touch_its_file(suffix: str) -> None:
    program = """
    import shutil, tempfile
    from pathlib import Path

    frame = vt.Frame(image, 0)
    result = vt.PoseResult(0, 0, 320, 320, ())
    folder = Path(tempfile.mkdtemp())
    with vt.open_output(folder / "a.SUFFIX") as sink:
        sink.write(result, frame)
        child = os.fork()
        if child == 0:
            signal.alarm(30)
            try:
                sink.write(result, frame)
            except (ValueError, vt.errors.SinkError):
                print("refused", flush=True)
            sys.exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        print([path.name for path in folder.iterdir() if "partial" in path.name])
    print(any(path.suffix == ".SUFFIX" for path in folder.iterdir()))
    shutil.rmtree(folder)
    """
    assert printed(program.replace("SUFFIX", suffix)) == ["refused", "0", "[]", "True"]
