"""Record what MediaPipe answers on the rendered pictures and clips of the parity tests.

Run it in an environment with MediaPipe, once with 0.10.21 (`mp.solutions.pose`) and once with
1.2.2 (Tasks); it imports MediaPipe, NumPy and Pillow only::

    python scripts/record_mediapipe.py BUNDLES

`BUNDLES` is the folder of ``pose_landmarker_{lite,full,heavy}.task``, which Tasks needs. MediaPipe
0.10.21 needs ``pose_landmark_{lite,full,heavy}.tflite`` in its folder
``mediapipe/modules/pose_landmark``, and fetches what is missing there.

The result is ``tests/parity/recordings/mediapipe-VERSION.npz``. The README in that folder
describes its arrays.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path
from typing import Any

os.environ["GLOG_minloglevel"] = "2"  # noqa: SIM112, its real name

import mediapipe as mp
import numpy as np
from PIL import Image

RECORDINGS = Path(__file__).resolve().parents[1] / "tests" / "parity" / "recordings"
MODELS = ("lite", "full", "heavy")
MASK_MODEL, MASK_STEP = "full", 12  # masks: of this model, of every 12th frame of a clip
FPS = 15  # of the clips in Tasks; mp.solutions counts 30 frames a second
NUM_POSES = {"three": (1, 4), "group": (4,)}  # of Tasks; 1 if not listed

Arrays = dict[str, np.ndarray]


def read_frames(path: Path) -> np.ndarray:
    """Return the frames of a clip or the one frame of a picture, (n, H, W, 3).

    ``NAME.FRAMES.webp`` contains that many frames one below the other.
    """
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    n_frames = int(path.suffixes[0][1:]) if len(path.suffixes) > 1 else 1
    return pixels.reshape(n_frames, -1, *pixels.shape[1:])


def points(landmarks: Any, n: int = 33) -> np.ndarray:
    """Return x, y, z, visibility and presence, (n, 5); NaN where they are absent."""
    rows = [[p.x, p.y, p.z, *map(_or_nan, (p, p), ("visibility", "presence"))] for p in landmarks]
    return np.array(rows or np.full((n, 5), np.nan), np.float32)


def _or_nan(point: Any, field: str) -> float:
    has = point.HasField(field) if hasattr(point, "HasField") else True
    value = getattr(point, field) if has else None
    return np.nan if value is None else value


def levels(mask: np.ndarray) -> np.ndarray:
    """Return a mask in grey levels of 8 bits."""
    return np.round(np.squeeze(mask) * 255).astype(np.uint8)


# mp.solutions.pose


def solutions_graph(complexity: int, outputs: list[str], **inputs: bool) -> Any:
    """Return the graph of `mp.solutions.pose` with streams that `Pose` does not give."""
    from mediapipe.python.solution_base import SolutionBase

    inputs = {"enable_segmentation": False, "smooth_landmarks": False, **inputs}
    return SolutionBase(
        binary_graph_path="mediapipe/modules/pose_landmark/pose_landmark_cpu.binarypb",
        side_inputs={"model_complexity": complexity, "smooth_segmentation": False, **inputs},
        outputs=outputs,
    )


def rect(value: Any) -> np.ndarray:
    """Return centre, size and rotation of a region."""
    names = ("x_center", "y_center", "width", "height", "rotation")
    return np.array([getattr(value, name) if value else np.nan for name in names], np.float32)


def solutions_picture(image: np.ndarray) -> Arrays:
    """Return the recording of one picture in static mode."""
    arrays: Arrays = {}
    streams = ["pose_rect_from_detection", "pose_detection"]
    with solutions_graph(1, streams, use_prev_landmarks=False) as graph:
        found = graph.process({"image": image})
    if not found.pose_detection:
        return arrays
    location = found.pose_detection.location_data
    box = location.relative_bounding_box
    keypoints = [v for p in location.relative_keypoints for v in (p.x, p.y)]
    score = found.pose_detection.score[0]
    arrays["detection"] = np.array(
        [score, box.xmin, box.ymin, box.width, box.height, *keypoints], np.float32
    )
    arrays["roi"] = rect(found.pose_rect_from_detection)
    for complexity, model in enumerate(MODELS):
        with mp.solutions.pose.Pose(
            static_image_mode=True, model_complexity=complexity, enable_segmentation=True
        ) as pose:
            answer = pose.process(image)
        if answer.pose_landmarks:
            arrays[f"{model}:landmarks"] = points(answer.pose_landmarks.landmark)
            arrays[f"{model}:world"] = points(answer.pose_world_landmarks.landmark)[:, :3]
            if model == MASK_MODEL:
                arrays[f"{model}:mask"] = levels(answer.segmentation_mask)
    return arrays


STREAMS = {
    "raw": ("unfiltered_pose_landmarks", 33),
    "raw_aux": ("unfiltered_auxiliary_landmarks", 2),
    "raw_world": ("unfiltered_world_landmarks", 33),
    "smooth": ("pose_landmarks", 33),
    "smooth_aux": ("auxiliary_landmarks", 2),
    "smooth_world": ("pose_world_landmarks", 33),
}


def solutions_clip(frames: np.ndarray) -> Arrays:
    """Return the recording of a clip, with and without smoothing."""
    arrays: Arrays = {}
    outputs = [*(stream for stream, _ in STREAMS.values()), "pose_rect", "pose_detection"]
    for complexity, model in enumerate(MODELS):
        with solutions_graph(
            complexity, outputs, smooth_landmarks=True, use_prev_landmarks=True
        ) as graph:
            answers = [graph.process({"image": frame}) for frame in frames]
        stages = {name: stacked(answers, stream, n) for name, (stream, n) in STREAMS.items()}
        stages["roi"] = np.array([rect(answer.pose_rect) for answer in answers])
        stages["detected"] = np.array([bool(answer.pose_detection) for answer in answers])
        answers = pose_answers(frames, complexity, smooth=True)
        if not np.array_equal(  # `Pose` removes the presence
            stacked(answers, "pose_landmarks")[..., :4], stages["smooth"][..., :4], equal_nan=True
        ):
            raise SystemExit(f"{model}: the streams and the answers of Pose differ")
        if model == MASK_MODEL:
            masks = [answer.segmentation_mask for answer in answers[MASK_STEP - 1 :: MASK_STEP]]
            stages["masks"] = np.array([levels(mask) for mask in masks if mask is not None])
        answers = pose_answers(frames, complexity, smooth=False)
        stages["unsmoothed"] = stacked(answers, "pose_landmarks")
        stages["unsmoothed_world"] = stacked(answers, "pose_world_landmarks")
        arrays |= {f"{model}:{name}": table for name, table in stages.items()}
    return arrays


def pose_answers(frames: np.ndarray, complexity: int, *, smooth: bool) -> list[Any]:
    """Return the answer of `mp.solutions.pose.Pose` to each frame."""
    with mp.solutions.pose.Pose(
        model_complexity=complexity, smooth_landmarks=smooth, enable_segmentation=True
    ) as pose:
        return [pose.process(frame) for frame in frames]


def stacked(answers: list[Any], stream: str, n: int = 33) -> np.ndarray:
    """Return a stream of landmarks, (T, n, 5), or of world landmarks, (T, n, 3)."""
    rows = [getattr(answer, stream) for answer in answers]
    table = np.array([points(row.landmark if row else (), n) for row in rows])
    return table[..., :3] if "world" in stream else table


# Tasks


def landmarker(bundle: Path, mode: str, num_poses: int) -> Any:
    """Return a Pose Landmarker with masks."""
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(bundle)),
        running_mode=getattr(vision.RunningMode, mode),
        num_poses=num_poses,
        output_segmentation_masks=True,
    )
    return vision.PoseLandmarker.create_from_options(options)


def people(answers: list[Any], n: int) -> Arrays:
    """Return the people of each frame, padded to `n` with NaN."""
    columns = {"landmarks": 5, "world": 3}
    tables = {key: np.full((len(answers), n, 33, c), np.nan) for key, c in columns.items()}
    for i, answer in enumerate(answers):
        for j, landmarks in enumerate(answer.pose_landmarks):
            tables["landmarks"][i, j] = points(landmarks)
            tables["world"][i, j] = points(answer.pose_world_landmarks[j])[:, :3]
    return {key: table.astype(np.float32) for key, table in tables.items()}


def masks_of(answers: list[Any], wh: tuple[int, int]) -> np.ndarray:
    """Return the masks of all people in all answers, one after the other."""
    masks = [levels(m.numpy_view()) for a in answers for m in a.segmentation_masks or ()]
    return np.array(masks, np.uint8).reshape(-1, wh[1], wh[0])


def tasks(frames: np.ndarray, bundles: Path, max_people: tuple[int, ...]) -> Arrays:
    """Return the recording of a picture in IMAGE mode, or of a clip in VIDEO mode."""
    arrays: Arrays = {}
    mode = "VIDEO" if len(frames) > 1 else "IMAGE"
    images = [mp.Image(image_format=mp.ImageFormat.SRGB, data=frame) for frame in frames]
    for model in MODELS:
        for n in max_people:
            with landmarker(bundles / f"pose_landmarker_{model}.task", mode, n) as pose:
                if mode == "IMAGE":
                    answers = [pose.detect(images[0])]
                else:
                    answers = [
                        pose.detect_for_video(image, round(1000 * i / FPS))
                        for i, image in enumerate(images)
                    ]
            found = people(answers, n)
            arrays |= {f"{model}:num_poses={n}:{key}": table for key, table in found.items()}
            if model == MASK_MODEL and (mode == "IMAGE" or n > 1):
                shown = answers if mode == "IMAGE" else answers[MASK_STEP - 1 :: MASK_STEP]
                wh = frames.shape[2], frames.shape[1]
                arrays[f"{model}:num_poses={n}:masks"] = masks_of(shown, wh)
    return arrays


def main() -> None:
    """Record every picture and clip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", type=Path, help="folder of the .task files")
    parser.add_argument("--recordings", type=Path, default=RECORDINGS)
    args = parser.parse_args()
    table: Arrays = {}
    for path in sorted(args.recordings.glob("*.webp")):
        frames, name = read_frames(path), path.name.split(".")[0]
        max_people = NUM_POSES.get(name, (1,))
        if hasattr(mp, "solutions") and 1 not in max_people:
            continue
        if not hasattr(mp, "solutions"):
            arrays = tasks(frames, args.bundles, max_people)
        elif len(frames) == 1:
            arrays = solutions_picture(frames[0])
        else:
            arrays = solutions_clip(frames)
        digest = hashlib.sha256(frames.tobytes()).hexdigest()
        table |= {f"{name}:{key}": array for key, array in arrays.items()}
        table[f"{name}:sha256"] = np.array(digest)
        print(name, len(frames), sum(a.nbytes for a in arrays.values()), flush=True)
    out = args.recordings / f"mediapipe-{mp.__version__}.npz"
    np.savez_compressed(out, **table)
    print(f"{out.name}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
