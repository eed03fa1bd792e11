"""The clips of `smoothing_curve.py`, in two halves, and the frame rates they are played at.

Mannequins are rendered at 120 frames/s and cached in ``.bench/quality/``; lower rates leave out
frames. The constants of the filters were chosen on `TUNED` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import vitruvian
from quality_clips import BLACK, CACHE, FAR, SMALL, TESTDATA, columns
from vitruvian.synthetic import Person, Scene, motions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["HELD_OUT", "RATES", "STILL", "TUNED", "MovingClip", "Truth", "times_of"]

SECONDS = 3.0
FPS = 120.0  # of mannequins
WH = (224, 224)

RATES = ("5", "10", "15", "30", "60", "120", "jittered", "alternating", "dropped")
"""Frames/s; or about 30: 20 to 60, 30 and 15 in turn, and 30 without 30 % of the frames."""

STILL = {  # clips of `quality_clips`
    "tuned": ("still front", "still low", "photo standing_man", "photo woman_car", "photo lunge"),
    "held out": ("still half turned", "still behind", "photo surfer_back", "photo dancer",
                 "photo warrior"),
}  # fmt: skip


class Truth(NamedTuple):
    """True landmarks over time.

    Attributes
    ----------
    fps : float
    image : (T, 33, 2) array, px
    world : (T, 33, 3) array, m
    """

    fps: float
    image: np.ndarray
    world: np.ndarray


@dataclass(frozen=True, slots=True)
class MovingClip:
    """A sequence of images of a moving person.

    Attributes
    ----------
    name : str
    fps : float
        The highest frame rate.
    images : callable
        Returns the (H, W, 3) uint8 RGB images.
    truth : callable or None
        Returns the `Truth` of a mannequin. For a real clip, the unsmoothed landmarks at the highest
        frame rate take its place, smoothed over time in both directions.
    """

    name: str
    fps: float
    images: Callable[[], list[np.ndarray]]
    truth: Callable[[], Truth] | None = None


def times_of(rate: str, fps: float, n: int) -> np.ndarray:
    """Return the frames, of `n` at `fps`, that a camera of the `rate` would see; empty if none."""
    rng = np.random.default_rng(5)
    step = round(fps / (float(rate) if rate[0].isdigit() else 30.0))
    if step < 1 or abs(fps / step - float(rate if rate[0].isdigit() else 30)) > 0.1:
        return np.empty(0, int)
    steps = np.full(n, step)
    if rate == "jittered":
        steps = rng.choice([step - step // 2, step, step + step // 2], n)
    elif rate == "alternating":
        steps = np.where(np.arange(n) % 2, step, 2 * step)
    frames = np.cumsum(steps) - steps[0]
    frames = frames[frames < n]
    if rate == "dropped":
        frames = frames[(rng.random(len(frames)) > 0.3) | (frames == 0)]
    return frames


def _mannequin(name: str, scene: Scene) -> MovingClip:
    path = CACHE / f"{name} at {FPS:g}.npz"

    def kept(key: str) -> np.ndarray:
        if not path.exists():
            print(f"rendering {name} at {FPS:g} frames/s", flush=True)
            CACHE.mkdir(parents=True, exist_ok=True)
            views = [scene.render(i / FPS, WH) for i in range(round(SECONDS * FPS))]
            with path.with_suffix(".part").open("wb") as file:
                np.savez(file, **columns(views))
            path.with_suffix(".part").rename(path)
        with np.load(path) as arrays:
            return arrays[key]

    return MovingClip(
        name,
        FPS,
        lambda: list(kept("images")),
        lambda: Truth(FPS, kept("landmarks"), kept("world")),
    )


def _balance(camera: str) -> MovingClip:
    name = f"balance_{camera}"

    def images() -> list[np.ndarray]:
        with vitruvian.open_input(TESTDATA / "clips" / f"{name}.mp4") as source:
            return [frame.image for frame in source]

    return MovingClip(name, 60.0, images)


def _act(motion: motions.Motion) -> motions.Motion:
    return motions.sequence([(0.3, motions.stand()), (2.4, motion), (0.4, motions.stand())])


def _pace(speed_m_s: float, distance_m: float) -> motions.Motion:
    return motions.pace(speed_m_s, distance_m=distance_m, turn_s=0.8)


def _tuned() -> Iterator[MovingClip]:
    yield _mannequin("wave", Scene([Person(motion=_act(motions.wave(0.8)))]))
    yield _mannequin("jumping jack", Scene([Person(SMALL, _act(motions.jumping_jack(1.0)))]))
    aside = Person(motion=_pace(1.2, 1.2), position=(-0.6, 0.0), heading_deg=90)
    yield _mannequin("to and fro", Scene([aside]))
    yield _mannequin("squat", Scene([Person(SMALL, motions.squat(2.0), heading_deg=20)]))
    slow = Person(BLACK, _act(motions.wave(1.6, hand="left")), heading_deg=-25)
    yield _mannequin("slow wave", Scene([slow]))
    pace = motions.pace(1.1, distance_m=1.0)
    away = Person(SMALL, pace, position=(0.3, 0.6), heading_deg=165)
    yield _mannequin("away and back", Scene([away], FAR))
    if TESTDATA.exists():
        yield _balance("cam01")


def _held_out() -> Iterator[MovingClip]:
    letters = motions.semaphore("LNRQ", letter_s=0.75)
    yield _mannequin("semaphore", Scene([Person(motion=letters)]))
    yield _mannequin("turn left", Scene([Person(motion=motions.turn(4.0))]))
    aslant = Person(SMALL, _pace(1.0, 1.2), position=(-0.6, 0.0), heading_deg=110)
    yield _mannequin("walk aslant", Scene([aslant]))
    behind = Person(motion=motions.jumping_jack(1.4), heading_deg=180)
    yield _mannequin("jumping jack behind", Scene([behind]))
    if TESTDATA.exists():
        yield _balance("cam04")


TUNED, HELD_OUT = tuple(_tuned()), tuple(_held_out())
