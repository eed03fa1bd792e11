"""The scene of a virtual camera that is given none: one person who moves, without end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from vitruvian.core.camera import Camera
from vitruvian.oak.virtual.views import SceneSight, fitted
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Clothes, Figure, Person, Scene, motions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.oak.virtual.views import Sight
    from vitruvian.synthetic.stereo import StereoModel

__all__ = ["OAK_FOV_DEG", "RenderedLoop", "demo_scene", "rendered_loop"]

OAK_FOV_DEG = 68.8  # Luxonis, OAK-D: horizontal field of view of the colour camera

SQUATS_S, WAVE_S, PACE_S = 4.0, 2.4, 6.0
LOOP_S = SQUATS_S + WAVE_S + PACE_S
LOOP_FPS = 12.5
LOOP_WH = (400, 225)  # rendered in 40 ms; 1152x648 takes 0.4 s


def demo_scene() -> Scene:
    """Return a person who squats and waves 3.8 m away, and walks to 2.4 m and back."""
    steps = motions.pace(1.4 / 1.2, distance_m=1.4, turn_s=1.2)
    motion = motions.sequence(
        [(SQUATS_S, motions.squat(2.0)), (WAVE_S, motions.wave(0.8)), (PACE_S, steps)],
        repeat=True,
    )
    figure = Figure(height_m=1.74, clothes=Clothes(shirt=(176, 46, 48), trousers=(52, 60, 92)))
    camera = SceneCamera(position=(0.0, 1.0, 3.8), target=(0.0, 0.9, 0.0), fov_deg=OAK_FOV_DEG)
    return Scene([Person(figure, motion)], camera)


class RenderedLoop:
    """The demo scene for frames in real time: a loop of 12.4 s with 12.5 images a second.

    Each image is rendered once, at a reduced size, when it is first seen, and then kept: 155 images
    of 810 kB with their depth. Cameras share them: see `rendered_loop`.
    """

    def __init__(self, stereo: StereoModel | None, seed: int) -> None:
        self._scene, self._stereo, self._seed = demo_scene(), stereo, seed
        self._camera = Camera.from_fov(LOOP_WH, OAK_FOV_DEG)
        self._sights: dict[int, SceneSight] = {}

    def sight(self, index: int, time_s: float, camera: Camera) -> Sight:
        """Return the image of the loop that is shown at a time."""
        at = int(time_s * LOOP_FPS) % round(LOOP_S * LOOP_FPS)
        if at not in self._sights:
            # The second round: it starts where the first one ended.
            shown_s, seed = LOOP_S + at / LOOP_FPS, (self._seed, at)
            self._sights[at] = SceneSight(self._scene, shown_s, self._camera, self._stereo, seed)
        return _EnlargedSight(self._sights[at], camera.wh)


@lru_cache(maxsize=1)
def rendered_loop(stereo: StereoModel | None, seed: int) -> RenderedLoop:
    """Return the loop, with the images that other cameras have shown already."""
    return RenderedLoop(stereo, seed)


@dataclass(eq=False)
class _EnlargedSight:
    small: Sight
    wh: tuple[int, int]

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        return fitted(self.small.image, self.wh)

    @cached_property
    def depth_mm(self) -> NDArray[np.uint16]:
        return fitted(self.small.depth_mm, self.wh)
