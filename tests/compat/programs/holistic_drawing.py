"""Draws a face, two hands and a pose made by hand, as for Holistic: holistic_drawing.py PICTURE"""

import hashlib
import math
import sys

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.framework.formats import landmark_pb2
from mediapipe.python.solutions import drawing_styles, face_mesh_connections, hands_connections
from mediapipe.python.solutions import holistic as mp_holistic

mp_drawing = mp.solutions.drawing_utils
mp_face_mesh = mp.solutions.face_mesh


def ring(count, x, y, radius):
    landmarks = landmark_pb2.NormalizedLandmarkList()
    for i in range(count):
        turn = 2.4 * i  # a spiral, so that lines of different colors seldom cross at an end
        away = radius * math.sqrt((i + 0.5) / count)
        landmarks.landmark.add(
            x=x + away * math.cos(turn), y=y + away * math.sin(turn), z=0.0, visibility=1.0
        )
    return landmarks


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]


class Results:
    face_landmarks = ring(mp_face_mesh.FACEMESH_NUM_LANDMARKS_WITH_IRISES, 0.5, 0.25, 0.2)
    left_hand_landmarks = ring(21, 0.2, 0.7, 0.1)
    right_hand_landmarks = ring(21, 0.8, 0.7, 0.1)
    pose_landmarks = ring(33, 0.5, 0.7, 0.25)


results = Results()
image = np.full((720, 720, 3), 30, np.uint8)
mp_drawing.draw_landmarks(
    image,
    results.face_landmarks,
    mp_holistic.FACEMESH_TESSELATION,
    landmark_drawing_spec=None,
    connection_drawing_spec=drawing_styles.get_default_face_mesh_tesselation_style(),
)
print("mesh", digest(image))
mp_drawing.draw_landmarks(
    image,
    results.face_landmarks,
    mp_holistic.FACEMESH_CONTOURS,
    mp_drawing.DrawingSpec(color=(80, 110, 10), thickness=1, circle_radius=1),
    mp_drawing.DrawingSpec(color=(80, 256, 121), thickness=1, circle_radius=1),
)
mp_drawing.draw_landmarks(image, results.pose_landmarks, mp_holistic.POSE_CONNECTIONS)
for hand in (results.left_hand_landmarks, results.right_hand_landmarks):
    mp_drawing.draw_landmarks(image, hand, mp_holistic.HAND_CONNECTIONS)
print("plain", digest(image))
mp_drawing.draw_landmarks(
    image,
    results.left_hand_landmarks,
    None,
    landmark_drawing_spec=drawing_styles.get_default_hand_landmarks_style(),
)
mp_drawing.draw_landmarks(
    image,
    results.pose_landmarks,
    None,
    landmark_drawing_spec=drawing_styles.get_default_pose_landmarks_style(),
)
print("styled", digest(image))

hand = drawing_styles.get_default_hand_connections_style()
face = drawing_styles.get_default_face_mesh_contours_style(1)
iris = drawing_styles.get_default_face_mesh_iris_connections_style()
print(len(hand), len(face), len(iris), hand[0, 1].color, face[10, 338].color, iris[469, 470].color)
print(len(mp_face_mesh.FACEMESH_TESSELATION), len(face_mesh_connections.FACEMESH_LIPS))
print(hands_connections.HAND_PALM_CONNECTIONS)
print(mp_holistic.HandLandmark.INDEX_FINGER_TIP, mp_holistic.PoseLandmark.LEFT_WRIST.name)
cv2.imwrite(sys.argv[1], image)
