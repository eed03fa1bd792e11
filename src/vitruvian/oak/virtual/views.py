"""Views: what stands in front of a virtual camera: a rendered scene, a video, or given frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from vitruvian.core.depth import DepthImage
from vitruvian.errors import SourceError
from vitruvian.media import open_input
from vitruvian.synthetic.stereo import stereo_depth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.core.frame import Frame
    from vitruvian.media.source import Source
    from vitruvian.synthetic import Scene
    from vitruvian.synthetic.stereo import StereoModel

__all__ = [
    "GivenFrames",
    "RenderedScene",
    "SceneSight",
    "Sight",
    "VideoFrames",
    "Views",
    "fitted",
    "nearest",
]


class Sight(Protocol):
    """What is seen at one moment; computed when it is asked for.

    Attributes
    ----------
    image : (H, W, 3) uint8 RGB array
    depth_mm : (H, W) uint16 array
        As stereo cameras measure it, aligned with the image; 0 where it is not known.
    """

    @property
    def image(self) -> NDArray[np.uint8]:
        """The colour image."""
        ...

    @property
    def depth_mm(self) -> NDArray[np.uint16]:
        """The depth image."""
        ...


class Views(Protocol):
    """What stands in front of the camera."""

    def sight(self, index: int, time_s: float, camera: Camera) -> Sight | None:
        """Return what the camera sees; None after the end.

        Parameters
        ----------
        index : int
            Number of the camera's frame. It only grows.
        time_s : float
            Time since the camera was opened.
        camera : Camera
            Intrinsics and size of the images.
        """
        ...


class RenderedScene:
    """A mannequin scene; it has no end."""

    def __init__(self, scene: Scene, stereo: StereoModel | None, seed: int) -> None:
        self._scene, self._stereo, self._seed = scene, stereo, seed

    def sight(self, index: int, time_s: float, camera: Camera) -> Sight:
        """Return the scene at a time, with the noise of stereo cameras in its depth."""
        return SceneSight(self._scene, time_s, camera, self._stereo, (self._seed, index))


class SceneSight:
    """A scene at one moment. Only what is asked for is kept."""

    def __init__(
        self,
        scene: Scene,
        time_s: float,
        camera: Camera,
        stereo: StereoModel | None,
        seed: tuple[int, int],
    ) -> None:
        self._scene, self._time_s, self._camera = scene, time_s, camera
        self._stereo, self._seed = stereo, seed

    @cached_property
    def _image_and_depth(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        view = self._scene.render(self._time_s, self._camera.wh)
        return view.image, view.depth_m

    @property
    def image(self) -> NDArray[np.uint8]:
        """The colour image."""
        return self._image_and_depth[0]

    @cached_property
    def depth_mm(self) -> NDArray[np.uint16]:
        """The depth image, with the noise of stereo cameras."""
        depth_m = self._image_and_depth[1]
        if self._stereo is None:
            return np.zeros(depth_m.shape, np.uint16)
        return stereo_depth(depth_m, self._camera, seed=self._seed, model=self._stereo)


class VideoFrames:
    """A video, without depth; after its end it starts again."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._source: Source | None = None
        self._open(0.0)

    def _open(self, start_s: float) -> None:
        self.close()
        self._start_us = round(start_s * 1e6)
        self._source = open_input(self._path)
        self._frames = iter(self._source)
        first = next(self._frames, None)
        if first is None:
            raise SourceError(f"can't read {str(self._path)!r}: it has no frames")
        self._shown, self._next = first, next(self._frames, None)
        self._end_us = 0  # known when the last frame is shown

    def sight(self, index: int, time_s: float, camera: Camera) -> Sight:
        """Return the frame that is shown at a time."""
        now_us = round(time_s * 1e6) - self._start_us
        while self._next is not None and self._next.timestamp_us <= now_us:
            before, self._shown = self._shown, self._next
            self._next = next(self._frames, None)
            self._end_us = 2 * self._shown.timestamp_us - before.timestamp_us
        if self._next is None and 0 < self._end_us <= now_us:
            self._open(time_s)
        return _FittedSight(self._shown, camera.wh)

    def close(self) -> None:
        """Release the decoder."""
        if self._source is not None:
            self._source.close()


class GivenFrames:
    """Frames in memory, one for each frame of the camera; after the last one there are no more.

    `Frame.depth`, a `DepthImage`, is what the stereo cameras measure; no noise is added.
    """

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = frames

    def sight(self, index: int, time_s: float, camera: Camera) -> Sight | None:
        """Return the frame of this index."""
        return _FittedSight(self._frames[index], camera.wh) if index < len(self._frames) else None


@dataclass(eq=False)
class _FittedSight:
    frame: Frame
    wh: tuple[int, int]

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        return fitted(self.frame.image, self.wh)

    @cached_property
    def depth_mm(self) -> NDArray[np.uint16]:
        depth = self.frame.depth
        if not isinstance(depth, DepthImage):
            return np.zeros(self.wh[::-1], np.uint16)
        values = np.nan_to_num(depth.values * (depth.unit_m * 1e3), posinf=0.0, neginf=0.0)
        values[values > np.iinfo(np.uint16).max] = 0
        return fitted(np.rint(values).astype(np.uint16), self.wh)


def fitted(image: NDArray[Any], wh: tuple[int, int]) -> NDArray[Any]:
    """Return a colour or depth image scaled to fit into `wh`, with black bars around it."""
    height, width = image.shape[:2]
    if (width, height) == tuple(wh):
        return image
    scale = min(wh[0] / width, wh[1] / height)
    new = max(round(width * scale), 1), max(round(height * scale), 1)
    if image.ndim == 3:
        scaled = np.asarray(Image.fromarray(image).resize(new, Image.Resampling.BILINEAR))
    else:  # depths of two surfaces are not mixed
        scaled = nearest(image, new)
    whole = np.zeros((wh[1], wh[0], *image.shape[2:]), image.dtype)
    left, top = (wh[0] - new[0]) // 2, (wh[1] - new[1]) // 2
    whole[top : top + new[1], left : left + new[0]] = scaled
    return whole


def nearest(image: NDArray[Any], wh: tuple[int, int]) -> NDArray[Any]:
    """Return an image scaled to `wh`; each pixel is the nearest one of the image."""
    sides = image.shape[1], image.shape[0]
    columns, rows = (
        ((np.arange(n) + 0.5) * side / n).astype(int) for n, side in zip(wh, sides, strict=True)
    )
    return image[np.ix_(rows, columns)]
