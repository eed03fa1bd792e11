"""Measure where a rendered person is, with the depth image of a stereo camera.

python examples/depth_image.py
"""

import numpy as np

import vitruvian as vt
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Person, Scene, motions
from vitruvian.synthetic.stereo import StereoModel, stereo_depth

wh, fov_deg = (512, 384), 68.8
scene = Scene([Person(motion=motions.wave())], SceneCamera((0, 1.2, 3), (0, 1, 0), fov_deg))
camera = Camera.from_fov(wh, fov_deg)  # of your depth camera: Camera(wh=..., matrix=...)

with vt.PoseTracker("full") as tracker:
    for frame, view in scene.frames(duration_s=0.8, fps=10, wh=wh):
        seed = frame.index
        depth_mm = stereo_depth(view.depth_m, camera, seed=seed, model=StereoModel(subpixel_bits=3))
        frame = vt.Frame(frame.image, frame.timestamp_us, depth=DepthImage(depth_mm, camera))
        pose = tracker.update(frame).pose
        if pose is None or pose.camera is None:
            print("nobody was measured")
            continue
        x, y, z = pose.camera[vt.BLAZEPOSE.index("right_wrist")]
        error_m = np.linalg.norm(pose.camera - view.people[0].camera, axis=1)
        print(f"{pose.xyz_ref} at {np.round(pose.camera_xyz, 2)} m, right wrist at", end=" ")
        print(f"({x:.2f}, {y:.2f}, {z:.2f}) m; median error {1000 * np.median(error_m):.0f} mm")
