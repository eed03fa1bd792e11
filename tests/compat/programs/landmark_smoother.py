"""Smooths landmarks once more and turns them to joint angles in 3D: landmark_smoother.py CLIP N"""

import sys
from typing import Optional

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.framework.formats import landmark_pb2

NormalizedLandmarkList = landmark_pb2.NormalizedLandmarkList
P = mp.solutions.pose.PoseLandmark


class LandmarkSmoother:
    def __init__(self, alpha: float = 0.5) -> None:
        self.alpha = alpha
        self.smoothed: Optional[landmark_pb2.NormalizedLandmarkList] = None

    def __call__(self, landmarks: NormalizedLandmarkList) -> NormalizedLandmarkList:
        if self.smoothed is None:
            self.smoothed = landmark_pb2.NormalizedLandmarkList()
            self.smoothed.CopyFrom(landmarks)
        for old, new in zip(self.smoothed.landmark, landmarks.landmark, strict=True):
            for field in ("x", "y", "z"):
                mixed = self.alpha * getattr(new, field) + (1 - self.alpha) * getattr(old, field)
                setattr(old, field, mixed)
            old.visibility = new.visibility
        return self.smoothed


kalman = cv2.KalmanFilter(4, 2)
kalman.measurementMatrix = np.eye(2, 4, dtype=np.float32)
kalman.transitionMatrix = np.array(
    [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32
)
kalman.processNoiseCov = np.eye(4, dtype=np.float32) * 0.03
smoother = LandmarkSmoother()
pose = mp.solutions.pose.Pose(model_complexity=0, smooth_landmarks=False)
cap = cv2.VideoCapture(sys.argv[1])
for i in range(int(sys.argv[2])):
    results = pose.process(cv2.cvtColor(cap.read()[1], cv2.COLOR_BGR2RGB))
    smooth = smoother(results.pose_landmarks)
    nose = smooth.landmark[P.NOSE]
    kalman.correct(np.array([[nose.x], [nose.y]], np.float32))
    predicted = kalman.predict()
    world = np.array([[lm.x, lm.y, lm.z] for lm in results.pose_world_landmarks.landmark])
    thigh, shin = world[P.LEFT_HIP] - world[P.LEFT_KNEE], world[P.LEFT_ANKLE] - world[P.LEFT_KNEE]
    cosine = thigh @ shin / np.linalg.norm(thigh) / np.linalg.norm(shin)
    print(i, f"{nose.x:.2f} {float(predicted[1, 0]):.2f} knee {np.degrees(np.arccos(cosine)):.0f}")
