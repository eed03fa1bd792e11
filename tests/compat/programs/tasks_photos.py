"""Finds everybody in photos with the Pose Landmarker: tasks_photos.py MODEL PHOTO..."""

import sys
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np
from mediapipe import solutions
from mediapipe.framework.formats import landmark_pb2
from mediapipe.tasks import python
from mediapipe.tasks.python import vision


def draw_landmarks_on_image(rgb_image, detection_result):
    pose_landmarks_list = detection_result.pose_landmarks
    annotated_image = np.copy(rgb_image)
    for idx in range(len(pose_landmarks_list)):
        pose_landmarks = pose_landmarks_list[idx]
        pose_landmarks_proto = landmark_pb2.NormalizedLandmarkList()
        pose_landmarks_proto.landmark.extend(
            [
                landmark_pb2.NormalizedLandmark(x=landmark.x, y=landmark.y, z=landmark.z)
                for landmark in pose_landmarks
            ]
        )
        solutions.drawing_utils.draw_landmarks(
            annotated_image,
            pose_landmarks_proto,
            solutions.pose.POSE_CONNECTIONS,
            solutions.drawing_styles.get_default_pose_landmarks_style(),
        )
    return annotated_image


base_options = python.BaseOptions(model_asset_path=sys.argv[1])
options = vision.PoseLandmarkerOptions(
    base_options=base_options, output_segmentation_masks=True, num_poses=4
)
detector = vision.PoseLandmarker.create_from_options(options)
for path in sys.argv[2:]:
    pixels = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
    image = mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels)
    detection_result = detector.detect(image)
    print(
        Path(path).stem, len(detection_result.pose_landmarks), "people", image.width, image.height
    )
    if not detection_result.pose_landmarks:
        continue
    annotated = draw_landmarks_on_image(image.numpy_view(), detection_result)
    segmentation_mask = detection_result.segmentation_masks[0].numpy_view()
    visualized_mask = np.repeat(segmentation_mask[:, :, np.newaxis], 3, axis=2) * 255
    drawn = (annotated != pixels).any(axis=2).sum() > 500
    print(drawn, visualized_mask.shape, segmentation_mask.dtype, f"{segmentation_mask.mean():.2f}")
    first = min(detection_result.pose_landmarks, key=lambda person: person[0].x)
    print(f"{first[0].x:.2f} {first[0].y:.2f}", first[0].visibility > 0.9, len(first))
    print(type(detection_result.pose_world_landmarks[0][0]).__name__)
