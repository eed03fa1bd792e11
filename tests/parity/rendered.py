"""Readers of the recordings on rendered pictures, which ``recordings/README.md`` describes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tests.parity.reference import scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("recordings")
CLIPS = ("sways", "cuts", "group")
PICTURES = tuple(sorted(path.stem for path in FOLDER.glob("*.webp") if path.name.count(".") == 1))
FPS = 15
MASK_STEP = 12  # masks are recorded of every 12th frame of a clip


@cache
def frames_of(name: str) -> NDArray[np.uint8]:
    """(n, H, W, 3): the frames of a clip, or the one frame of a picture."""
    (path,) = [path for path in FOLDER.glob("*.webp") if path.name.split(".")[0] == name]
    with Image.open(path) as picture:
        pixels = np.array(picture.convert("RGB"))
    n_frames = int(path.suffixes[0][1:]) if name in CLIPS else 1
    frames = pixels.reshape(n_frames, -1, *pixels.shape[1:])
    frames.flags.writeable = False
    return frames


def wh_of(name: str) -> tuple[int, int]:
    _, height, width, _ = frames_of(name).shape
    return width, height


@cache
def recording(version: str, name: str) -> Mapping[str, NDArray[np.float32]]:
    """The arrays of a picture or a clip, by the rest of their names."""
    with np.load(FOLDER / f"{version}.npz") as arrays:
        return MappingProxyType(
            {key.partition(":")[2]: arrays[key] for key in arrays if key.startswith(f"{name}:")}
        )


def people_of(
    version: str, name: str, run: str, landmarks: str = "landmarks", world: str = "world"
) -> Iterator[list[NDArray[np.float32]]]:
    """For each frame the people: (33, 7) x, y in px, visibility, presence, world x, y, z in m.

    `run` is the model, and for Tasks also ``:num_poses=N``. What was not recorded is NaN.
    """
    table = recording(version, name)
    n_frames = len(frames_of(name))
    if f"{run}:{landmarks}" not in table:  # nobody
        yield from [[]] * n_frames
        return
    points = table[f"{run}:{landmarks}"].reshape(n_frames, -1, 33, 5)
    worlds = table[f"{run}:{world}"].reshape(n_frames, -1, 33, 3)
    px = scale(wh_of(name))[:2]
    for people in zip(points, worlds, strict=True):
        yield [
            np.column_stack([person[:, :2] * px, person[:, 3:], world])
            for person, world in zip(*people, strict=True)
            if not np.isnan(person[0, 0])
        ]
