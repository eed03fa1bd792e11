"""Measures how far neck and torso lean in photos: posture_monitor.py PHOTO..."""

import math
import sys
from pathlib import Path

import cv2
import mediapipe as mp

GOOD, BAD = "good posture", "bad posture"


def find_angle(x1, y1, x2, y2):
    theta = math.acos((y2 - y1) * (-y1) / (math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2) * y1))
    return int(180 / math.pi) * theta


pose = mp.solutions.pose.Pose(static_image_mode=True, model_complexity=2)
for path in sys.argv[1:]:
    image = cv2.imread(path)
    h, w = image.shape[:2]
    keypoints = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    lm = keypoints.pose_landmarks
    if lm is None:
        print(Path(path).stem, "nobody")
        continue
    lmPose = mp.solutions.pose.PoseLandmark
    l_shldr_x = int(lm.landmark[lmPose.LEFT_SHOULDER].x * w)
    l_shldr_y = int(lm.landmark[lmPose.LEFT_SHOULDER].y * h)
    r_shldr_x = int(lm.landmark[lmPose.RIGHT_SHOULDER].x * w)
    l_ear_x = int(lm.landmark[lmPose.LEFT_EAR].x * w)
    l_ear_y = int(lm.landmark[lmPose.LEFT_EAR].y * h)
    l_hip_x = int(lm.landmark[lmPose.LEFT_HIP].x * w)
    l_hip_y = int(lm.landmark[lmPose.LEFT_HIP].y * h)
    offset = abs(l_shldr_x - r_shldr_x)
    neck = find_angle(l_shldr_x, l_shldr_y, l_ear_x, l_ear_y)
    torso = find_angle(l_hip_x, l_hip_y, l_shldr_x, l_shldr_y)
    verdict = GOOD if neck < 40 and torso < 10 else BAD
    print(Path(path).stem, "offset", offset, f"neck {neck:.0f} torso {torso:.0f}", verdict)
pose.close()
