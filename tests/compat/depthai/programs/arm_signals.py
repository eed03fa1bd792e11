"""Reads where the arms point: the imports and calls of depthai_blazepose's semaphore demo."""

import argparse
import sys
from math import atan2, degrees

import cv2

sys.path.append("../..")
from BlazeposeDepthai import BlazeposeDepthai
from BlazeposeRenderer import BlazeposeRenderer
from mediapipe_utils import KEYPOINT_DICT

parser = argparse.ArgumentParser()
parser.add_argument("-m", "--model", choices=["full", "lite"], default="full")
parser.add_argument("-i", "--input", type=str, default="rgb")
parser.add_argument("-o", "--output")
parser.add_argument("--frames", type=int)
options = parser.parse_args()


def direction(body, side):
    arm = (
        body.landmarks[KEYPOINT_DICT[f"{side}_elbow"], :2]
        - body.landmarks[KEYPOINT_DICT[f"{side}_shoulder"], :2]
    )
    return int((degrees(atan2(arm[0], arm[1])) + 202.5) / 45) % 8


pose = BlazeposeDepthai(input_src=options.input, lm_model=options.model)
renderer = BlazeposeRenderer(pose, output=options.output)
n_frames = 0
while n_frames != options.frames:
    frame, body = pose.next_frame()
    if frame is None:
        break
    frame = renderer.draw(frame, body)
    if body:
        arms = direction(body, "right"), direction(body, "left")
        print(*arms)
        place = (frame.shape[1] // 2, 100)
        cv2.putText(frame, str(arms), place, cv2.FONT_HERSHEY_PLAIN, 5, (0, 190, 255), 3)
    n_frames += 1
    if renderer.waitKey(delay=1) in (27, ord("q")):
        break
renderer.exit()
pose.exit()
