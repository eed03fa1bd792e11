"""Counts squats in a clip: squat_counter.py CLIP FRAMES"""

import sys

import cv2
import mediapipe as mp
import numpy as np

mp_drawing = mp.solutions.drawing_utils
mp_pose = mp.solutions.pose


def calculate_angle(a, b, c):
    a, b, c = np.array(a), np.array(b), np.array(c)
    radians = np.arctan2(c[1] - b[1], c[0] - b[0]) - np.arctan2(a[1] - b[1], a[0] - b[0])
    angle = np.abs(radians * 180.0 / np.pi)
    return 360 - angle if angle > 180.0 else angle


cap = cv2.VideoCapture(sys.argv[1])
counter = 0
stage = None
with mp_pose.Pose(min_detection_confidence=0.5, min_tracking_confidence=0.5) as pose:
    for number in range(int(sys.argv[2])):
        ret, frame = cap.read()
        if not ret:
            break
        image = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        image.flags.writeable = False
        results = pose.process(image)
        image.flags.writeable = True
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        try:
            landmarks = results.pose_landmarks.landmark
            hip, knee, ankle = (
                [landmarks[joint.value].x, landmarks[joint.value].y]
                for joint in (
                    mp_pose.PoseLandmark.LEFT_HIP,
                    mp_pose.PoseLandmark.LEFT_KNEE,
                    mp_pose.PoseLandmark.LEFT_ANKLE,
                )
            )
            angle = calculate_angle(hip, knee, ankle)
            if angle > 160:
                stage = "up"
            if angle < 100 and stage == "up":
                stage = "down"
                counter += 1
                print("squat", counter, "in frame", number)
        except:
            pass
        cv2.putText(image, str(counter), (10, 60), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 2)
        mp_drawing.draw_landmarks(
            image,
            results.pose_landmarks,
            mp_pose.POSE_CONNECTIONS,
            mp_drawing.DrawingSpec(color=(245, 117, 66), thickness=2, circle_radius=2),
            mp_drawing.DrawingSpec(color=(245, 66, 230), thickness=2, circle_radius=2),
        )
        drawn = np.count_nonzero((image == (245, 66, 230)).all(axis=2)) > 500
    cap.release()
print(counter, stage, "drawn" if drawn else "not drawn")
print(f"{angle:.1f}", type(angle).__name__)
