"""What stands in front of the virtual cameras of the tests: rendered once, used by several."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.frame import Frame
from vitruvian.oak.virtual.demo import demo_scene
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions
from vitruvian.synthetic.stereo import stereo_depth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.oak.runtime import Runtime
    from vitruvian.synthetic.motions import Motion

WH = 512, 288  # frame_height=288, the smallest
FOV_DEG = 68.8
FPS = 20.0


def scene(motion: Motion | None = None, *, distance_m: float = 3.0) -> Scene:
    """Return a scene with one person."""
    camera = SceneCamera((0.0, 1.0, distance_m), (0.0, 0.9, 0.0), fov_deg=FOV_DEG)
    return Scene([Person(Figure(height_m=1.7), motion or motions.squat(2.0))], camera)


@cache
def person_frames(n_frames: int = 16) -> tuple[Frame, ...]:
    """Return frames of a person who squats, with the depth that stereo cameras measure."""
    camera = Camera.from_fov(WH, FOV_DEG)
    frames = []
    for i in range(n_frames):
        view = scene().render(i / FPS, WH)
        depth = DepthImage(stereo_depth(view.depth_m, camera, seed=i), camera)
        frames.append(Frame(view.image, index=i, depth=depth))
    return tuple(frames)


@cache
def empty_frame() -> Frame:
    """Return a frame without a person."""
    view = Scene([], scene().camera).render(0.0, WH)
    camera = Camera.from_fov(WH, FOV_DEG)
    return Frame(view.image, depth=DepthImage(stereo_depth(view.depth_m, camera), camera))


class Filmed(NamedTuple):
    """Frames of a moving person, and where the person is in truth."""

    frames: tuple[Frame, ...]
    landmarks: NDArray[np.float32]  # (n, 33, 2), image px
    hips_m: NDArray[np.float32]  # (n, 3), camera space


@cache
def filmed(n_frames: int, fps: float) -> Filmed:
    """Return a person who squats, waves, walks toward the camera, turns, and walks back."""
    camera = Camera.from_fov(WH, FOV_DEG)
    frames, landmarks, hips = [], [], []
    for i in range(n_frames):
        view = demo_scene().render(1.0 + i / fps, WH)
        depth = DepthImage(stereo_depth(view.depth_m, camera, seed=i), camera)
        frames.append(Frame(view.image, index=i, depth=depth))
        landmarks.append(view.people[0].landmarks[:, :2])
        hips.append(view.people[0].camera[[23, 24]].mean(axis=0))
    return Filmed(tuple(frames), np.array(landmarks), np.array(hips))


def numbered_frames(n_frames: int) -> list[Frame]:
    """Return grey frames whose values are their numbers."""
    return [Frame(np.full((288, 512, 3), i, np.uint8)) for i in range(n_frames)]


def received(runtime: Runtime, stream: str, n: int, *, timeout_s: float = 2.0) -> list:
    """Return the next messages of a stream; fail if one does not come."""
    messages = [runtime.receive(stream, timeout_s) for _ in range(n)]
    assert None not in messages
    return messages
