"""Says when somebody lies or crouches low: fall_alarm.py CLIP FRAMES STEP"""

import sys
from collections import deque

import cv2
import mediapipe as mp
from mediapipe.python.solutions.pose import PoseLandmark as PL

pose_model = mp.solutions.pose.Pose(
    static_image_mode=False, min_detection_confidence=0.7, model_complexity=0
)
video = cv2.VideoCapture(sys.argv[1])
window = deque(maxlen=3)
state = None
for i in range(int(sys.argv[2])):
    for _ in range(int(sys.argv[3])):
        ret, frame = video.read()
    if not ret:
        print("end")
        break
    height, width, _ = frame.shape
    results = pose_model.process(frame[:, :, ::-1])
    if not results.pose_landmarks:
        print(i, "nobody")
        continue
    seen = [p for p in results.pose_landmarks.landmark if p.visibility > 0.5]
    box_w = (max(p.x for p in seen) - min(p.x for p in seen)) * width
    box_h = (max(p.y for p in seen) - min(p.y for p in seen)) * height
    nose, hip = (results.pose_landmarks.landmark[k] for k in (PL.NOSE, PL.LEFT_HIP))
    window.append(box_w / box_h)
    now = "low" if sum(window) / len(window) > 1.2 or nose.y > hip.y else "upright"
    if now != state:
        state = now
        print(i, state, f"{window[-1]:.2f}")
