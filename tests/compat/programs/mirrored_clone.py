"""Draws landmarks made by hand, their mirror image and parts of them: mirrored_clone.py PICTURE"""

import copy
import hashlib
import math
import sys

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.framework.formats import landmark_pb2
from mediapipe.python.solutions.drawing_utils import BLUE_COLOR, DrawingSpec, draw_landmarks

mp_drawing = mp.solutions.drawing_utils
mp_pose = mp.solutions.pose
styles = mp.solutions.drawing_styles


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]


body = landmark_pb2.NormalizedLandmarkList()
body.landmark.extend(
    [
        landmark_pb2.NormalizedLandmark(
            x=0.5 + 0.45 * math.sin(i), y=0.5 + 0.55 * math.cos(1.7 * i), z=-0.01 * i, visibility=v
        )
        for i, v in enumerate(np.linspace(1.0, 0.4, 33))
    ]
)
image = np.full((360, 480, 3), 40, np.uint8)
draw_landmarks(image, body, mp_pose.POSE_CONNECTIONS)
print("plain", digest(image))

clone = copy.deepcopy(body)
for lm in clone.landmark:
    lm.x = max(0, min(1, 1.0 - lm.x))
mp_drawing.draw_landmarks(
    image,
    clone,
    mp_pose.POSE_CONNECTIONS,
    landmark_drawing_spec=styles.get_default_pose_landmarks_style(),
    connection_drawing_spec=mp_drawing.DrawingSpec(color=(255, 0, 255), thickness=3),
)
print("styled", digest(image))

arms = landmark_pb2.NormalizedLandmarkList(landmark=body.landmark[11:17])
mp_drawing.draw_landmarks(image, arms, [(0, 1), (0, 2), (2, 4), (1, 3), (3, 5)], None)
custom = styles.get_default_pose_landmarks_style()
for landmark in list(custom):
    custom[landmark] = DrawingSpec(color=BLUE_COLOR, thickness=-1, circle_radius=landmark % 5)
legs = [c for c in mp_pose.POSE_CONNECTIONS if c[0] > 22 and c[1] > 22]
mp_drawing.draw_landmarks(image, body, legs, landmark_drawing_spec=custom)
print("parts", digest(image))
print(mp_drawing._normalized_to_pixel_coordinates(0.25, 1.0, 480, 360), len(legs), arms == body)
print(body.landmark[0])
cv2.imwrite(sys.argv[1], image)
