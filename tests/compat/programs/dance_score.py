"""Compares the motion of two clips: dance_score.py CLIP CLIP FRAMES"""

import sys

import cv2
import mediapipe as mp
import numpy as np

solution = mp.solutions.pose
TRIPLES = [(11, 13, 15), (12, 14, 16), (23, 25, 27), (24, 26, 28), (13, 11, 23), (14, 12, 24)]


def angles_of(path, frames):
    rows = []
    with solution.Pose(static_image_mode=False, model_complexity=0) as pose:
        cap = cv2.VideoCapture(path)
        while cap.isOpened() and len(rows) < frames:
            success, image = cap.read()
            if not success:
                break
            result = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            points = np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks.landmark])
            row = []
            for a, b, c in TRIPLES:
                u, v = points[a] - points[b], points[c] - points[b]
                row.append(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))
            rows.append(row)
    return np.array(rows)


def dtw(one, other):
    cost = np.full((len(one) + 1, len(other) + 1), np.inf)
    cost[0, 0] = 0
    for i, a in enumerate(one, 1):
        for j, b in enumerate(other, 1):
            step = min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
            cost[i, j] = np.abs(a - b).mean() + step
    return cost[-1, -1] / len(one)


first, second = (angles_of(path, int(sys.argv[3])) for path in sys.argv[1:3])
print(first.shape, second.shape, f"self {dtw(first, first):.2f} other {dtw(first, second):.2f}")
