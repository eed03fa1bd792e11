"""Keeps landmarks as bytes, pickles and dictionaries: messages.py PHOTO"""

import copy
import json
import pickle
import sys
from types import SimpleNamespace

import cv2
import mediapipe as mp
import mediapipe.framework.formats.landmark_pb2 as landmark_pb2
import numpy as np
from google.protobuf.json_format import MessageToDict

pose = mp.solutions.pose.Pose(static_image_mode=True)
results = pose.process(cv2.cvtColor(cv2.imread(sys.argv[1]), cv2.COLOR_BGR2RGB))

stored = {name: getattr(results, name).SerializeToString() for name in ("pose_landmarks",)}
again = landmark_pb2.NormalizedLandmarkList()
print("bytes read", again.ParseFromString(stored["pose_landmarks"]))
print(again == results.pose_landmarks, pickle.loads(pickle.dumps(again)) == again)

as_json = json.loads(json.dumps(MessageToDict(results.pose_landmarks)))
print(list(as_json), len(as_json["landmark"]), list(as_json["landmark"][0]))
rebuilt = landmark_pb2.NormalizedLandmarkList(landmark=as_json["landmark"])
near = np.isclose(rebuilt.landmark[12].x, again.landmark[12].x)
print(near, rebuilt.landmark[12].HasField("presence"), type(rebuilt.landmark[12].x))

kept = SimpleNamespace(pose_landmarks=copy.deepcopy(results.pose_landmarks.landmark))
results.pose_landmarks.landmark[0].visibility = 0.25
del results.pose_landmarks.landmark[1:]
print(str(results.pose_landmarks).splitlines()[-2:], len(kept.pose_landmarks))
results.pose_landmarks.CopyFrom(again)
print(len(results.pose_landmarks.landmark), results.segmentation_mask)
results.pose_landmarks = None
print(results.pose_landmarks, [f.name for f in again.landmark[0].DESCRIPTOR.fields])
