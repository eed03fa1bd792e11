"""A detector class of 2021, with the arguments of that time: pose_module.py CLIP FRAMES"""

import sys

import cv2
import mediapipe as mp


class poseDetector:
    def __init__(self, mode=False, upBody=False, smooth=True, detectionCon=0.5, trackCon=0.5):
        self.mode = mode
        self.upBody = upBody
        self.smooth = smooth
        self.detectionCon = detectionCon
        self.trackCon = trackCon
        self.mpDraw = mp.solutions.drawing_utils
        self.mpPose = mp.solutions.pose
        self.pose = self.mpPose.Pose(
            self.mode, self.upBody, self.smooth, self.detectionCon, self.trackCon
        )

    def findPose(self, img, draw=True):
        imgRGB = cv2.cvtColor(img, cv2.COLOR_BGR2RGB)
        self.results = self.pose.process(imgRGB)
        if self.results.pose_landmarks and draw:
            self.mpDraw.draw_landmarks(
                img, self.results.pose_landmarks, self.mpPose.POSE_CONNECTIONS
            )
        return img

    def findPosition(self, img):
        self.lmList = []
        if self.results.pose_landmarks:
            for id, lm in enumerate(self.results.pose_landmarks.landmark):
                h, w, _c = img.shape
                self.lmList.append([id, int(lm.x * w), int(lm.y * h)])
        return self.lmList


detector = poseDetector()
cap = cv2.VideoCapture(sys.argv[1])
for _ in range(int(sys.argv[2])):
    success, img = cap.read()
    img = detector.findPose(img)
    lmList = detector.findPosition(img)
    print(len(lmList), lmList[0], lmList[14], lmList[32])
