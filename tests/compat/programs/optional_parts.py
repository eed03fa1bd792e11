"""Asks what of MediaPipe is there, and names types of other tasks: optional_parts.py PICTURE"""

import importlib.util
import sys
from dataclasses import dataclass, field
from typing import Optional

import mediapipe as mp
from mediapipe.tasks import python as mp_python
from mediapipe.tasks.python import audio, text, vision
from mediapipe.tasks.python.components import containers
from mediapipe.tasks.python.vision.gesture_recognizer import GestureRecognizerResult

try:
    from mediapipe.tasks.python.vision import FootLandmarker
except ImportError:
    FootLandmarker = None
try:
    import mediapipe.feet as feet
except ModuleNotFoundError as err:
    feet = err.name

BaseOptions = mp.tasks.BaseOptions
HandLandmarker = mp.tasks.vision.HandLandmarker
Result = vision.PoseLandmarkerResult | vision.HandLandmarkerResult | GestureRecognizerResult
MODULES = ("mediapipe.python.solutions.hands", "mediapipe.feet", "mediapipe.tasks.python.text")


@dataclass
class Trackers:
    hands: Optional[mp.solutions.hands.Hands] = None
    face: Optional[mp.solutions.face_mesh.FaceMesh] = None
    gesture: Optional[vision.GestureRecognizer] = None
    last: Optional[Result] = None
    classifier: Optional[text.TextClassifier] = None
    sound: Optional[audio.AudioClassifier] = None
    tips: list = field(
        default_factory=lambda: [
            mp.solutions.hands.HandLandmark.THUMB_TIP,
            mp.solutions.hands.HandLandmark.INDEX_FINGER_TIP,
        ]
    )


def wrist(result: vision.HandLandmarkerResult) -> containers.NormalizedLandmark:
    return result.hand_landmarks[0][mp.solutions.hands.HandLandmark.WRIST]


print(FootLandmarker, feet, [importlib.util.find_spec(name) is not None for name in MODULES])
print(hasattr(mp, "solutions"), hasattr(mp.solutions, "holistic"), hasattr(mp.solutions, "feet"))
options = vision.HandLandmarkerOptions(
    base_options=mp_python.BaseOptions(model_asset_path="hand.task"),
    running_mode=mp.tasks.vision.RunningMode.VIDEO,
    num_hands=2,
)
print(options.num_hands, options.min_tracking_confidence, options.running_mode.name)
print(vision.FaceLandmarkerOptions(options.base_options).output_face_blendshapes)
print(Trackers())
point = containers.NormalizedLandmark(x=0.25, y=0.5, z=0.0)
hand = vision.HandLandmarkerResult(
    handedness=[[containers.Category(index=0, score=0.5, category_name="Left")]],
    hand_landmarks=[[point]],
    hand_world_landmarks=[],
)
print(wrist(hand).x, hand.handedness[0][0].category_name, isinstance(hand, HandLandmarker))
print(str(mp.ImageFormat.SRGB), mp.Timestamp.from_seconds(1.5).microseconds(), mp.Timestamp.UNSET)
print(mp.packet_getter.get_str(mp.packet_creator.create_string("walk").at(7)))
box = mp.solutions.objectron.BoxLandmark.FRONT_TOP_RIGHT
print(box.value, len(mp.solutions.objectron.BOX_CONNECTIONS), sys.argv[1])
