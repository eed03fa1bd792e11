"""Draws the result of whichever task is on, here the pose: tasks_switch.py MODEL PHOTO..."""

import sys
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np
from mediapipe import solutions
from mediapipe.framework.formats import landmark_pb2

vision = mp.tasks.vision
CONNECTIONS = {
    vision.PoseLandmarkerResult: solutions.pose.POSE_CONNECTIONS,
    vision.HandLandmarkerResult: solutions.hands.HAND_CONNECTIONS,
    vision.GestureRecognizerResult: solutions.hands.HAND_CONNECTIONS,
    vision.FaceLandmarkerResult: solutions.face_mesh.FACEMESH_CONTOURS,
}
STYLES = {
    vision.PoseLandmarkerResult: solutions.drawing_styles.get_default_pose_landmarks_style,
    vision.HandLandmarkerResult: solutions.drawing_styles.get_default_hand_landmarks_style,
    vision.FaceLandmarkerResult: lambda: None,
}
TASKS = {
    "pose": (vision.PoseLandmarker, vision.PoseLandmarkerOptions),
    "hand": (vision.HandLandmarker, vision.HandLandmarkerOptions),
    "face": (vision.FaceLandmarker, vision.FaceLandmarkerOptions),
    "gesture": (vision.GestureRecognizer, vision.GestureRecognizerOptions),
    "objects": (vision.ObjectDetector, vision.ObjectDetectorOptions),
    "segments": (vision.ImageSegmenter, vision.ImageSegmenterOptions),
}


def landmarks_of(result):
    if isinstance(result, vision.PoseLandmarkerResult):
        return result.pose_landmarks
    if isinstance(result, (vision.HandLandmarkerResult, vision.GestureRecognizerResult)):
        return result.hand_landmarks
    return result.face_landmarks


task, task_options = TASKS["pose"]
options = task_options(base_options=mp.tasks.BaseOptions(model_asset_path=sys.argv[1]))
options.output_segmentation_masks = True
with task.create_from_options(options) as detector:
    for path in sys.argv[2:]:
        pixels = np.ascontiguousarray(cv2.imread(path)[..., ::-1])
        result = detector.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels))
        drawn = pixels.copy()
        for one in landmarks_of(result):
            points = landmark_pb2.NormalizedLandmarkList()
            points.landmark.extend(
                landmark_pb2.NormalizedLandmark(x=lm.x, y=lm.y, z=lm.z) for lm in one
            )
            kind = type(result)
            solutions.drawing_utils.draw_landmarks(drawn, points, CONNECTIONS[kind], STYLES[kind]())
        masks = [mask.numpy_view() for mask in result.segmentation_masks or []]
        whole = [mask.shape == pixels.shape[:2] for mask in masks]
        print(Path(path).stem, len(landmarks_of(result)), (drawn != pixels).any(), whole)
print(sorted(TASKS), len(CONNECTIONS[vision.FaceLandmarkerResult]))
