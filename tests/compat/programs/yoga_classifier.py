"""Names the yoga pose in photos by the angles of the joints: yoga_classifier.py PHOTO..."""

import math
import sys
from pathlib import Path

import cv2
import mediapipe as mp

mp_pose = mp.solutions.pose
mp_drawing = mp.solutions.drawing_utils
pose = mp_pose.Pose(static_image_mode=True, min_detection_confidence=0.3, model_complexity=2)


def detectPose(image, pose):
    output_image = image.copy()
    results = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    height, width, _ = image.shape
    landmarks = []
    if results.pose_landmarks:
        mp_drawing.draw_landmarks(
            image=output_image,
            landmark_list=results.pose_landmarks,
            connections=mp_pose.POSE_CONNECTIONS,
        )
        for landmark in results.pose_landmarks.landmark:
            landmarks.append(
                (int(landmark.x * width), int(landmark.y * height), (landmark.z * width))
            )
        for i in range(2):
            print(f"{mp_pose.PoseLandmark(i).name}:")
            print(f"x: {results.pose_landmarks.landmark[mp_pose.PoseLandmark(i).value].x * width}")
    return output_image, landmarks


def calculateAngle(landmark1, landmark2, landmark3):
    x1, y1, _ = landmark1
    x2, y2, _ = landmark2
    x3, y3, _ = landmark3
    angle = math.degrees(math.atan2(y3 - y2, x3 - x2) - math.atan2(y1 - y2, x1 - x2))
    return angle + 360 if angle < 0 else angle


def classifyPose(landmarks):
    angles = {}
    for side in ("LEFT", "RIGHT"):
        for a, b, c in (("SHOULDER", "ELBOW", "WRIST"), ("HIP", "KNEE", "ANKLE")):
            points = (landmarks[mp_pose.PoseLandmark[f"{side}_{name}"].value] for name in (a, b, c))
            angles[f"{side} {b}"] = calculateAngle(*points)
    straight = {name for name, angle in angles.items() if 165 < angle < 195}
    if {"LEFT ELBOW", "RIGHT ELBOW"} <= straight:
        knees = straight & {"LEFT KNEE", "RIGHT KNEE"}
        return angles, ("Unknown Pose", "Warrior II Pose", "T Pose")[len(knees)]
    return angles, "Unknown Pose"


for path in sys.argv[1:]:
    drawn, landmarks = detectPose(cv2.imread(path), pose)
    if landmarks:
        angles, label = classifyPose(landmarks)
        print(Path(path).stem, label, {name: round(angle) for name, angle in angles.items()})
    else:
        print(Path(path).stem, "no pose")
