"""Crowds of mannequins with their truth: pictures in several sizes and a clip, rendered once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from footage import progress, sources_digest
from side_env import BENCH
from vitruvian.evaluation import AnnotatedPose, coco_landmarks
from vitruvian.synthetic import Person, Scene, crowd, motions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.synthetic import PersonTruth, View

__all__ = ["CLIP_FPS", "WALKERS", "Picture", "TruthOfView", "clip", "pictures", "reduced"]

CACHE = BENCH / "crowds"
LARGEST_WH = (3840, 2160)
REDUCTIONS = {"4K": 1, "1080p": 2, "360p": 6}
"""Sizes of each picture: the render in 4K is reduced by averaging squares of pixels."""

CROWDS = ((5, (0, 1, 2, 3)), (10, (0, 1, 2)), (20, (0, 1)))
"""Numbers of people, each with its seeds."""

DISTANCES_M = (2.0, 20.0)
WALKERS = 6
CLIP_SEED = 5  # most of the people stay in view
CLIP_WH, CLIP_FPS, CLIP_S = (1920, 1080), 15.0, 4.0
MIN_VISIBLE = 0.5  # a person of whom less is seen does not count


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with its truth.

    Attributes
    ----------
    image : (H, W, 3) uint8 array
        RGB pixels.
    people : list of AnnotatedPose
        The truth. A person less than half visible has no labels, so that they are ignored.
    """

    image: NDArray[np.uint8]
    people: list[AnnotatedPose]


@dataclass(frozen=True, slots=True, eq=False)
class TruthOfView:
    """The P people of a view.

    Attributes
    ----------
    landmarks : (P, 17, 2) array, image px
        NaN outside the image.
    boxes : (P, 4) array, image px
        x and y of both corners of what is in the image, occluded or not.
    areas : (P,) array, px²
        Area of the same.
    visible : (P,) array, 0 to 1
        Visible fraction.
    """

    landmarks: NDArray[np.float64]
    boxes: NDArray[np.float64]
    areas: NDArray[np.float64]
    visible: NDArray[np.float64]

    def people(self, reduction: int = 1) -> list[AnnotatedPose]:
        """Return the people in the picture reduced by this factor."""
        landmarks = np.where(self.visible[:, None, None] >= MIN_VISIBLE, self.landmarks, np.nan)
        middle = 0.5 * (reduction - 1)  # of the first square of pixels
        return [
            AnnotatedPose((points - middle) / reduction, area / reduction**2, box / reduction)
            for points, area, box in zip(landmarks, self.areas, self.boxes, strict=True)
            if area
        ]


def pictures(size: str) -> Iterator[Picture]:
    """Yield the crowds in one of the sizes of `REDUCTIONS`."""
    reduction = REDUCTIONS[size]
    for count, seeds in CROWDS:
        for seed in seeds:
            scene = crowd(count, seed=seed, distances_m=DISTANCES_M)
            (image,), (truth,) = _kept(f"{count}-{seed}", scene, (0.0,), LARGEST_WH)
            yield Picture(reduced(image, reduction), truth.people(reduction))


def clip() -> Iterator[Picture]:
    """Yield the frames of six people who walk to and fro at different distances."""
    scene = crowd(WALKERS, seed=CLIP_SEED, distances_m=DISTANCES_M)
    walkers = []
    for i, person in enumerate(scene.people):
        x, _, z = np.mean(person.body(0.0).pair("hip"), axis=0).tolist()
        walk = motions.pace(0.9 + 0.1 * i, distance_m=1.5)
        walkers.append(Person(person.figure, walk, (x, z), heading_deg=(60.0 + 60.0 * i) % 360.0))
    times_s = np.arange(round(CLIP_FPS * CLIP_S)) / CLIP_FPS
    kept = _kept(f"clip-{CLIP_SEED}", replace(scene, people=walkers), times_s.tolist(), CLIP_WH)
    for image, truth in zip(*kept, strict=True):
        yield Picture(image, truth.people())


def _kept(
    name: str, scene: Scene, times_s: Sequence[float], wh: tuple[int, int]
) -> tuple[NDArray[np.uint8], list[TruthOfView]]:
    """Return the images and the truth of a scene, rendered if they are not cached yet."""
    path = CACHE / f"{name}-{sources_digest()}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob(f"{name}-*.npz"):
            old.unlink()
        _render(path, scene, times_s, wh)
    with np.load(path) as kept:
        columns = (kept[f.name] for f in fields(TruthOfView))
        return kept["images"], [TruthOfView(*frame) for frame in zip(*columns, strict=True)]


def _render(path: Path, scene: Scene, times_s: Sequence[float], wh: tuple[int, int]) -> None:
    images, truths = [], []
    for time_s in times_s:
        progress(f"rendering {path.stem}: frame {len(images) + 1} of {len(times_s)}")
        view = scene.render(time_s, wh)
        images.append(view.image)
        truths.append(_truth(view))
    progress("")
    columns = {f.name: np.stack([getattr(t, f.name) for t in truths]) for f in fields(TruthOfView)}
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, images=np.stack(images), **columns)
    partial.rename(path)


def _truth(view: View) -> TruthOfView:
    people = view.people
    h, w = view.ids.shape
    landmarks = np.stack([coco_landmarks(person.landmarks)[:, :2] for person in people])
    outside = ~((landmarks >= -0.5) & (landmarks < (w - 0.5, h - 0.5))).all(axis=-1)
    landmarks[outside] = np.nan
    return TruthOfView(
        landmarks,
        np.stack([_box(person) for person in people]),
        np.array([float(person.outline.sum()) for person in people]),
        np.array([person.visible_fraction for person in people]),
    )


def _box(person: PersonTruth) -> NDArray[np.float64]:
    """Return the box of the outline in the image, x and y of both corners."""
    rows, columns = (np.flatnonzero(person.outline.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return np.zeros(4)
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float64)


def reduced(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the means of the squares of `factor` x `factor` pixels."""
    h, w = image.shape[0] // factor, image.shape[1] // factor
    squares = image.reshape(h, factor, w, factor, 3)
    return np.rint(squares.mean(axis=(1, 3), dtype=np.float32)).astype(np.uint8)
