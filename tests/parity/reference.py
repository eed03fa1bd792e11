"""Readers of MediaPipe's recorded outputs, which the README of the reference data describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.reformatter import Colorspace

from vitruvian.core.frame import Frame
from vitruvian.core.roi import Roi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SOLUTIONS = "mediapipe-0.10.21"
TASKS = "mediapipe-1.2.2"
IMAGES = (
    *("cg_woman.png", "couple.jpg", "dancer.jpg", "diners.jpg", "handstand_freeze.jpg"),
    *("lunge.jpg", "skater_midair.jpg", "skier.jpg", "standing_man.jpg", "surfer_back.jpg"),
    *("tennis_back.jpg", "two_men_woods.jpg", "warrior.jpg", "woman_car.jpg"),
    "zebras_negative.jpg",
)
CLIPS = (
    "balance_cam01",
    "balance_cam04",
    "dribble",
    "one_by_one",
    "seniors",
    "squats",
    "yoga_floor",
)
SOLUTIONS_STEP_US = 33_333  # mp.solutions generates its own timestamps


def read_image(testdata: Path, name: str) -> NDArray[np.uint8]:
    """The pixels the reference was made from."""
    return cv2.cvtColor(cv2.imread(str(testdata / "images" / name)), cv2.COLOR_BGR2RGB)


def read_clip(testdata: Path, clip: str, version: str = SOLUTIONS) -> Iterator[NDArray[np.uint8]]:
    """The frames the reference of a version was made from.

    The OpenCV installed with MediaPipe 0.10.21 decoded every clip as BT.601; the one installed with
    1.2.2 uses the tag of `seniors`, BT.709, as this package does.
    """
    colours = {"src_colorspace": Colorspace.ITU601} if version == SOLUTIONS else {}
    with av.open(str(testdata / "clips" / f"{clip}.mp4")) as container:
        for frame in container.decode(video=0):
            yield frame.reformat(format="rgb24", **colours).to_ndarray()


def clip_fps(testdata: Path, clip: str) -> float:
    capture = cv2.VideoCapture(str(testdata / "clips" / f"{clip}.mp4"))
    fps = capture.get(cv2.CAP_PROP_FPS)
    capture.release()
    return fps


def solutions_frames(testdata: Path, clip: str) -> Iterator[Frame]:
    """Frames with the times that mp.solutions gives them."""
    for i, image in enumerate(read_clip(testdata, clip)):
        yield Frame(image, SOLUTIONS_STEP_US * (i + 1), i)


def tasks_frames(testdata: Path, clip: str) -> Iterator[Frame]:
    """Frames with the times that the Tasks reference was given."""
    fps = clip_fps(testdata, clip)
    for i, image in enumerate(read_clip(testdata, clip, TASKS)):
        yield Frame(image, 1000 * round(1000 * i / fps), i)


def recorded(testdata: Path, version: str, name: str) -> dict[str, NDArray[np.float32]]:
    with np.load(testdata / "reference" / version / f"{name}.npz") as arrays:
        return dict(arrays)


def scale(image_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Factors from MediaPipe's normalised x, y, z to px."""
    return np.float32([image_wh[0], image_wh[1], image_wh[0]])


def roi_of(values: NDArray[np.float32], image_wh: tuple[int, int]) -> Roi:
    """The recorded x, y, width, height, rotation as a region in px."""
    x, y, w, h, rotation = values.tolist()
    width, height = image_wh
    return Roi((x * width, y * height), (w * width, h * height), rotation)


def norm_of(roi: Roi, image_wh: tuple[int, int]) -> NDArray[np.float64]:
    """A region in px in the recorded form."""
    width, height = image_wh
    (x, y), (w, h) = roi.center, roi.wh
    return np.array([x / width, y / height, w / width, h / height, roi.rotation])
