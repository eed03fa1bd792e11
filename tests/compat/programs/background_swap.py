"""Cuts people out of photos: background_swap.py PHOTO..."""

import sys
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np

BG_COLOR = (192, 192, 192)
mp_pose = mp.solutions.pose
with mp_pose.Pose(static_image_mode=True, model_complexity=1, enable_segmentation=True) as pose:
    for path in sys.argv[1:]:
        image = cv2.imread(path)
        results = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        if not results.pose_landmarks:
            print(Path(path).stem, results.segmentation_mask)
            continue
        mask = results.segmentation_mask
        condition = np.stack((mask,) * 3, axis=-1) > 0.1
        bg_image = np.zeros(image.shape, dtype=np.uint8)
        bg_image[:] = BG_COLOR
        annotated_image = np.where(condition, image, bg_image)
        grey = (annotated_image == BG_COLOR).all(axis=2).mean()
        print(Path(path).stem, mask.shape == image.shape[:2], mask.dtype, f"{grey:.3f}")
        soft = cv2.GaussianBlur((mask * 255).astype(np.uint8), (5, 5), 0)
        print(annotated_image.dtype, soft.max(), f"{mask.mean():.3f}", mask.flags.c_contiguous)
