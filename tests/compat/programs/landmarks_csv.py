"""Writes the landmarks of a clip as a table: landmarks_csv.py CLIP FRAMES TABLE"""

import csv
import sys

import cv2
import mediapipe.python.solutions.pose as mp_pose

names = [landmark.name.lower() for landmark in mp_pose.PoseLandmark]
header = ["frame", *(f"{name}_{c}" for name in mp_pose.PoseLandmark.__members__ for c in "xyzv")]
header += [f"world_{name}_{c}" for name in names for c in "xyz"]

cap = cv2.VideoCapture(sys.argv[1])
with mp_pose.Pose(model_complexity=0) as pose, open(sys.argv[3], "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(header)
    for frame_no in range(int(sys.argv[2])):
        ok, frame = cap.read()
        results = pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        row = [frame_no]
        if results.pose_landmarks:
            for idx, lm in enumerate(results.pose_landmarks.ListFields()[0][1]):
                row.extend([lm.x, lm.y, lm.z, lm.visibility])
                if idx == mp_pose.PoseLandmark.RIGHT_FOOT_INDEX:
                    last = (frame_no, idx)
            for lm in results.pose_world_landmarks.landmark:
                row += [f"{lm.x:.3f}", f"{lm.y:.3f}", f"{lm.z:.3f}"]
        writer.writerow(row)

with open(sys.argv[3], newline="") as file:
    table = list(csv.DictReader(file))
print(len(table), "rows of", len(table[0]), *header[:5], header[-1], last)
for row in table[::4]:
    print(row["NOSE_x"][:6], row["LEFT_KNEE_y"][:6], row["world_left_wrist_y"])
