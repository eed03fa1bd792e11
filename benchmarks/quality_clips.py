"""The clips of `quality.py`: mannequins with ground truth, photos and real clips.

Rendered clips are cached in ``.bench/quality/``: the first run takes some minutes to make them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

import vitruvian
from setting import REPOSITORY
from side_env import BENCH
from vitruvian.synthetic import Box, Camera, Clothes, Figure, Person, Scene, motions

__all__ = ["CACHE", "CLIPS", "Clip", "columns"]

TESTDATA = Path(os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata"))
CACHE = BENCH / "quality"
FPS = 30.0
WH = (320, 320)
NOISE = 2.0  # standard deviation of the sensor noise, of 255
STILL_FRAMES = 120

Images = Iterator[np.ndarray]
Truth = dict[str, np.ndarray]
"""``landmarks`` (T, 33, 2) px, ``world`` (T, 33, 3) m, ``visible`` (T, 33), ``height_px`` (T,)."""

ONE_BY_ONE_EMPTY = (  # first frame and the one after the last without any part of a person
    *((0, 59), (200, 226), (451, 501), (702, 743), (872, 920), (1203, 1233), (1362, 1394)),
)


@dataclass(frozen=True, slots=True)
class Clip:
    """A sequence of images to track.

    Attributes
    ----------
    name : str
    asks : tuple of str
        What is measured on it: "jitter", "lag", "flips", "around", "dim", "bones", "recovery",
        "empty".
    images : callable
        Yields (H, W, 3) uint8 RGB images.
    fps : float
    truth : callable or None
        Returns the `Truth` of rendered clips.
    empty : tuple of (int, int)
        Ranges of frames without people; if a clip with "empty" has no ranges, all its frames.
    """

    name: str
    asks: tuple[str, ...]
    images: Callable[[], Images]
    fps: float = FPS
    truth: Callable[[], Truth] | None = None
    empty: tuple[tuple[int, int], ...] = field(default=())


# --- mannequins ---


def _rendered(name: str, asks: tuple[str, ...], views: Callable[[], Iterator]) -> Clip:
    """Return a clip of the views that `views` yields, one per frame, rendered once and cached."""
    path = CACHE / f"{name}.npz"

    def kept() -> dict[str, np.ndarray]:
        if not path.exists():
            print(f"rendering {name}", flush=True)
            CACHE.mkdir(parents=True, exist_ok=True)
            with path.with_suffix(".part").open("wb") as file:
                np.savez(file, **columns(list(views())))
            path.with_suffix(".part").rename(path)
        with np.load(path) as arrays:
            return dict(arrays)

    return Clip(name, asks, lambda: iter(kept()["images"]), truth=kept)


def columns(views: list) -> dict[str, np.ndarray]:
    """Return the images and the `Truth` of rendered views."""
    people = [view.people[0] for view in views]
    # The shank is 24.6 % of the height: Figure.shank_m, with its leg_ratio 1.
    shanks = [np.linalg.norm(p.scene[25] - p.scene[27]) / 0.246 for p in people]
    depths = [p.camera[23:25, 2].mean() for p in people]
    height, width = views[0].image.shape[:2]
    focal = views[0].camera.focal_px((width, height))
    return {
        "images": np.stack([view.image for view in views]),
        "landmarks": np.stack([p.landmarks[:, :2] for p in people]),
        "world": np.stack([p.world for p in people]),
        "visible": np.stack([p.visibility for p in people]),
        "height_px": np.divide(shanks, depths) * focal,
    }


def _moving(name: str, asks: tuple[str, ...], scene: Scene, seconds: float) -> Clip:
    def views() -> Iterator:
        return (scene.render(i / FPS, WH) for i in range(round(seconds * FPS)))

    return _rendered(name, asks, views)


def _still(name: str, person: Person, *, wh: tuple[int, int] = (480, 480)) -> Clip:
    """Return a clip of a person who does not move; only the sensor noise changes."""

    def views() -> Iterator:
        view = Scene([person], noise=0.0).render(0.0, wh, samples=2)
        return (replace(view, image=image) for image in _noisy(view.image, STILL_FRAMES))

    return _rendered(name, ("jitter",), views)


def _passing(name: str, person: Person, speed_m_s: float) -> Clip:
    """Return a clip in which a moving wall occludes a person at rest."""

    def views() -> Iterator:
        for i in range(round(3.0 * FPS)):
            wall = Box((3.2 - speed_m_s * i / FPS, 1.2, 1.0), (2.0, 2.4, 0.1))
            yield Scene([person], occluders=[wall]).render(i / FPS, WH)

    return _rendered(name, ("recovery",), views)


DARK = Clothes((141, 92, 66), (28, 22, 20), (196, 150, 60), (90, 60, 60), sleeves=1.6)
SMALL = Figure(height_m=1.62, girth=0.95, shoulder_ratio=0.92, clothes=DARK)
BLACK = Figure(
    height_m=1.78,
    clothes=Clothes((120, 84, 62), (24, 22, 22), (34, 34, 38), (30, 30, 34), (40, 40, 42),
                    sleeves=2.0, legs=2.0),
)  # fmt: skip
SLIM = Figure(
    height_m=1.70, girth=0.88, leg_ratio=1.03,
    clothes=Clothes((96, 64, 46), (20, 18, 18), (120, 116, 110), (58, 60, 66), (30, 30, 32),
                    sleeves=2.0, legs=2.0),
)  # fmt: skip
BROAD = Figure(
    height_m=1.84, girth=1.12, shoulder_ratio=1.06,
    clothes=Clothes((204, 160, 132), (52, 40, 34), (52, 70, 58), (46, 44, 48), (60, 50, 44),
                    sleeves=1.0, legs=2.0),
)  # fmt: skip
PILLAR = Box((0.0, 1.2, 0.7), (0.9, 2.4, 0.3))
FAR = Camera(position=(0.0, 1.5, 5.2), target=(0.0, 0.95, 0.0))
LOW = motions.squat()(0.9, SMALL)


def _act(*parts: tuple[float, motions.Motion]) -> motions.Motion:
    return motions.sequence([(1.0, motions.stand()), *parts, (1.0, motions.stand())])


def _mannequins() -> Iterator[Clip]:
    yield _still("still front", Person())
    yield _still("still half turned", Person(SMALL, heading_deg=40))
    yield _still("still low", Person(SMALL, motions.stand(LOW), heading_deg=-30))
    yield _still("still behind", Person(heading_deg=180))
    yield _still("still small", Person(), wh=(320, 320))
    fast = ("lag", "bones", "flips")
    yield _moving("wave", fast, Scene([Person(motion=_act((3.0, motions.wave(0.8))))]), 5.0)
    jack = Person(SMALL, _act((3.0, motions.jumping_jack(1.0))))
    yield _moving("jumping jack", fast, Scene([jack]), 5.0)
    yield _moving("semaphore", fast, Scene([Person(motion=motions.semaphore("LNRQE"))]), 5.0)
    slow = ("bones", "flips")
    yield _moving("squat", slow, Scene([Person(SMALL, motions.squat(2.0), heading_deg=20)]), 4.0)
    yield _moving("turn left", slow, Scene([Person(motion=motions.turn(4.0))]), 4.0)
    right = Person(SMALL, motions.turn(-3.0), heading_deg=180)
    yield _moving("turn right", slow, Scene([right]), 3.0)
    pace = motions.pace(1.2, distance_m=1.6)
    aside = Person(motion=pace, position=(-0.8, 0.0), heading_deg=90)
    yield _moving("to and fro", slow, Scene([aside]), 6.0)
    away = Person(SMALL, motions.pace(1.1, distance_m=2.5), position=(0.4, 1.0), heading_deg=165)
    yield _moving("away and back", slow, Scene([away], FAR), 6.0)
    behind = Person(motion=motions.jumping_jack(1.2), heading_deg=180)
    yield _moving("jumping jack behind", slow, Scene([behind]), 3.0)


def _walkers() -> Iterator[Clip]:
    """Yield people seen from the side, whose legs pass each other: hard for left/right."""
    asks = ("flips",)
    pace = motions.pace(1.0, distance_m=1.7)
    aslant = Person(SMALL, pace, position=(-0.85, 0.0), heading_deg=110)
    yield _moving("walk aslant", asks, Scene([aslant]), 5.0)
    pace = motions.pace(1.5, distance_m=1.7)
    walker = Person(BLACK, pace, position=(-0.85, 0.0), heading_deg=90)
    yield _moving("walk in black", asks, Scene([walker], noise=5.0), 6.0)
    pace = motions.pace(2.4, distance_m=3.2, turn_s=0.8)
    runner = Person(BLACK, pace, position=(-1.6, 0.0), heading_deg=90)
    yield _moving("run in black", asks, Scene([runner], FAR, noise=4.0), 5.0)
    camera = Camera(position=(0.0, 1.6, 7.5), target=(0.0, 0.95, 0.0))
    pace = motions.pace(1.4, distance_m=3.4)
    distant = Person(SMALL, pace, position=(-1.7, 0.0), heading_deg=90)
    yield _moving("walk far away", asks, Scene([distant], camera, noise=3.0), 6.0)


def _all_around() -> Iterator[Clip]:
    """Yield people seen from all sides, at eye level and from above; each clip twice.

    They walk in 8 directions, turn on the spot, and walk away and back.
    """
    for where, figure, height_m in (("", SLIM, 1.55), (" from above", BROAD, 2.9)):
        camera = Camera(
            position=(0.0, height_m, 4.6), target=(0.0, 0.9 if not where else 0.85, 0.0)
        )
        for name, (person, seconds) in _ways(figure, speed_m_s=1.4 if where else 1.2).items():
            scene = Scene([person], camera, noise=4.0)
            clip = _moving(f"{name}{where}", ("around",), scene, seconds)
            yield from (clip, _dim(clip))


def _ways(figure: Figure, speed_m_s: float) -> dict[str, tuple[Person, float]]:
    """Return a person for each way to move, and for how many seconds."""
    ways = {}
    for heading in range(0, 360, 45):
        angle = math.radians(heading)
        start = (-speed_m_s * math.sin(angle), -speed_m_s * math.cos(angle))
        walk = Person(figure, motions.walk(speed_m_s), position=start, heading_deg=heading)
        ways[f"walk {heading} deg"] = walk, 2.0
    for side, period_s in (("left", 3.2), ("right", -2.6)):
        turn = Person(figure, motions.turn(period_s), heading_deg=45)
        ways[f"turn on the spot, {side}"] = turn, abs(period_s) + 0.2
    pace = motions.pace(speed_m_s, distance_m=2.2, turn_s=0.9)
    away = Person(figure, pace, position=(-0.2, 1.0), heading_deg=192)
    return {**ways, "walk away and back": (away, 5.0)}


def _dim(clip: Clip) -> Clip:
    """Return the clip in a third of the size, blurred, dark and noisy."""

    def images() -> Images:
        rng = np.random.default_rng(1)
        for image in clip.images():
            wh = image.shape[1] // 3, image.shape[0] // 3
            small = cv2.resize(image, wh, interpolation=cv2.INTER_AREA)
            dark = 255 * (cv2.GaussianBlur(small, (0, 0), 0.8).astype(np.float32) / 255) ** 1.6
            yield np.clip(dark + rng.normal(0, 5, dark.shape), 0, 255).astype(np.uint8)

    def truth() -> Truth:
        full = clip.truth()
        return {"landmarks": full["landmarks"] / 3, "height_px": full["height_px"] / 3}

    return Clip(f"{clip.name}, dim", ("dim",), images, clip.fps, truth)


def _hidden() -> Iterator[Clip]:
    asks = ("recovery",)
    there = Person(motion=motions.walk(1.2), position=(-1.3, 0.0), heading_deg=90)
    yield _moving("behind a pillar", asks, Scene([there], occluders=[PILLAR]), 2.4)
    back = Person(SMALL, motions.walk(1.8), position=(1.5, -0.3), heading_deg=-90)
    yield _moving("fast behind a pillar", asks, Scene([back], occluders=[PILLAR]), 1.9)
    wide = Box((0.0, 1.2, 0.9), (1.5, 2.4, 0.2), rgb=(110, 116, 120))
    far = Person(SMALL, motions.walk(1.4), position=(-1.9, -0.5), heading_deg=90)
    yield _moving("behind a wall", asks, Scene([far], FAR, occluders=[wide]), 3.0)
    yield _passing("a wall passes", Person(SMALL), 2.0)
    yield _passing("a wall passes a waver", Person(motion=motions.wave(0.9)), 2.6)


# --- images without people ---


def _rooms() -> Images:
    """Yield an empty room with and without furniture, 25 frames from each of 12 sides."""
    rng = np.random.default_rng(0)
    for side in range(12):
        angle = 2 * math.pi * side / 12
        camera = Camera((3.6 * math.sin(angle), 1.3 + 0.1 * side, 2.0 + 1.8 * math.cos(angle)))
        things = [
            Box((x, h / 2, z), (w, h, d), heading, (150 - 9 * side, 112, 88 + 9 * side))
            for x, z, w, d, heading in rng.uniform((-2, -2, 0.2, 0.2, 0), (2, 2, 0.9, 0.6, 90),
                                                   (side % 4, 5))
            for h in rng.uniform(0.5, 2.0, 1)
        ]  # fmt: skip
        scene = Scene(camera=camera, occluders=things, noise=0.0)
        yield from _noisy(scene.render(0.0, WH, samples=2).image, 25, seed=side)


def _zebras() -> Images:
    """Yield the photo of zebras, shifted by some pixels."""
    image = _photo("zebras_negative.jpg")
    rng = np.random.default_rng(0)
    shift = np.zeros(2)
    for _ in range(300):
        shift = np.clip(shift + rng.normal(0, 1.0, 2), -12, 12)
        moved = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
        wh = image.shape[1], image.shape[0]
        shaken = cv2.warpAffine(image, moved, wh, borderMode=cv2.BORDER_REPLICATE)
        yield next(_noisy(shaken, 1, seed=int(rng.integers(1 << 31))))


# --- photos and real clips ---


def _photo(name: str) -> np.ndarray:
    image = cv2.imread(str(TESTDATA / "images" / name))
    scale = 640 / max(image.shape)
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _noisy(image: np.ndarray, count: int, *, seed: int = 0) -> Images:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        grain = rng.standard_normal(image.shape, np.float32) * np.float32(NOISE)
        yield np.clip(image + grain + 0.5, 0, 255).astype(np.uint8)


def _video(name: str, asks: tuple[str, ...], fps: float, **more: object) -> Clip:
    def images() -> Images:
        with vitruvian.open_input(TESTDATA / "clips" / f"{name}.mp4") as source:
            yield from (frame.image for frame in source)

    return Clip(name, asks, images, fps, **more)


def _real() -> Iterator[Clip]:
    for stem in ("standing_man", "surfer_back", "woman_car", "dancer", "lunge", "warrior"):

        def images(name: str = f"{stem}.jpg") -> Images:
            return _noisy(_photo(name), STILL_FRAMES)

        yield Clip(f"photo {stem}", ("jitter",), images)
    both = ("bones", "flips")
    yield _video("squats", both, 5.0)
    yield _video("yoga_floor", both, 25.0)
    yield _video("dribble", both, 12.0)
    yield _video("balance_cam01", both, 60.0)
    yield _video("balance_cam04", both, 60.0)
    yield _video("one_by_one", ("flips", "empty"), 10.0, empty=ONE_BY_ONE_EMPTY)
    yield Clip("zebras", ("empty",), _zebras)


def _all_clips() -> dict[str, Clip]:
    clips = [
        *_mannequins(),
        *_walkers(),
        *_all_around(),
        *_hidden(),
        Clip("empty rooms", ("empty",), _rooms),
    ]
    if TESTDATA.exists():
        clips += _real()
    return {clip.name: clip for clip in clips}


CLIPS = _all_clips()
