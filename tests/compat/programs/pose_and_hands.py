"""A detector class with optional parts, of which the pose is used: pose_and_hands.py PHOTO..."""

import math
import sys
from pathlib import Path

import cv2
import mediapipe as mp

mp_pose = mp.solutions.pose
mp_hands = mp.solutions.hands
mp_holistic = mp.solutions.holistic
mp_drawing = mp.solutions.drawing_utils
mp_styles = mp.solutions.drawing_styles


class BodyDetector:
    def __init__(self, use_hands=False, use_face=False, mode=True):
        self.pose = mp_pose.Pose(mode, True, True)
        self.hands = mp_hands.Hands(max_num_hands=2) if use_hands else None
        self.face = mp.solutions.face_mesh.FaceMesh() if use_face else None
        self.tips = [mp_hands.HandLandmark.THUMB_TIP, mp_hands.HandLandmark.PINKY_TIP]

    def find(self, image, draw=True):
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        self.results = self.pose.process(rgb)
        if self.results.pose_landmarks and draw:
            mp_drawing.draw_landmarks(
                image,
                self.results.pose_landmarks,
                mp_holistic.POSE_CONNECTIONS,
                landmark_drawing_spec=mp_styles.get_default_pose_landmarks_style(),
            )
        if self.hands is not None:
            for hand in self.hands.process(rgb).multi_hand_landmarks or []:
                mp_drawing.draw_landmarks(image, hand, mp_hands.HAND_CONNECTIONS)
        return image

    def angle(self, a, b, c):
        points = [self.results.pose_landmarks.landmark[i] for i in (a, b, c)]
        first, middle, last = ((p.x, p.y) for p in points)
        turn = math.degrees(
            math.atan2(last[1] - middle[1], last[0] - middle[0])
            - math.atan2(first[1] - middle[1], first[0] - middle[0])
        )
        return abs(turn)


detector = BodyDetector()
side = mp_holistic.PoseLandmark
for path in sys.argv[1:]:
    image = detector.find(cv2.imread(path))
    if detector.results.pose_landmarks is None:
        print(Path(path).stem, "nobody")
        continue
    knee = detector.angle(side.LEFT_HIP, side.LEFT_KNEE, side.LEFT_ANKLE)
    print(Path(path).stem, len(detector.results.pose_landmarks.landmark), f"{knee:.0f}")
print(detector.hands, detector.face, detector.tips)
