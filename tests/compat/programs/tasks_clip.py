"""Follows somebody with the Pose Landmarker's modes for clips: tasks_clip.py MODEL CLIP FRAMES"""

import sys
import threading

import cv2
import mediapipe as mp

BaseOptions = mp.tasks.BaseOptions
PoseLandmarker = mp.tasks.vision.PoseLandmarker
PoseLandmarkerOptions = mp.tasks.vision.PoseLandmarkerOptions
PoseLandmarkerResult = mp.tasks.vision.PoseLandmarkerResult
VisionRunningMode = mp.tasks.vision.RunningMode

frames = []
cap = cv2.VideoCapture(sys.argv[2])
fps = cap.get(cv2.CAP_PROP_FPS)
while len(frames) < int(sys.argv[3]):
    ret, frame = cap.read()
    rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    frames.append(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))

base_options = BaseOptions(model_asset_path=sys.argv[1], delegate=BaseOptions.Delegate.CPU)
options = PoseLandmarkerOptions(base_options=base_options, running_mode=VisionRunningMode.VIDEO)
feet = []
with PoseLandmarker.create_from_options(options) as landmarker:
    for i, image in enumerate(frames):
        result = landmarker.detect_for_video(image, int(i / fps * 1000))
        if result.pose_landmarks:
            feet += [result.pose_landmarks[0][k].y for k in (27, 28, 31, 32)]
    try:
        landmarker.detect_for_video(frames[0], 0)
    except ValueError as error:
        print(str(error).split(":")[0].split(".")[0])
    try:
        landmarker.detect(frames[0])
    except ValueError as error:
        print(str(error).split(".")[0])
print(len(feet), f"{min(feet):.2f} {max(feet):.2f}")

arrived = threading.Semaphore(0)
seen = []


def print_result(result: PoseLandmarkerResult, output_image: mp.Image, timestamp_ms: int):
    seen.append((timestamp_ms, len(result.pose_landmarks), output_image.width))
    arrived.release()


options = PoseLandmarkerOptions(
    base_options=base_options,
    running_mode=VisionRunningMode.LIVE_STREAM,
    result_callback=print_result,
)
with PoseLandmarker.create_from_options(options) as landmarker:
    for i, image in enumerate(frames[:4]):
        landmarker.detect_async(image, 40 * i)
        arrived.acquire(timeout=20)
print(seen)
