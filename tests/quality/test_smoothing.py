"""The default profile has less jitter than MediaPipe's filters on a still person."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.synthetic import Person, Scene
from vitruvian.track.tracker import PoseTracker

FRAMES, SETTLED = 50, 20

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    """Frames of a person who stands still, with sensor noise."""
    picture = Scene([Person()], noise=0.0).render(0.0, (320, 320)).image
    rng = np.random.default_rng(0)
    return [
        np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        for _ in range(FRAMES)
    ]


def jitter(images: list[np.ndarray], profile: str, *, smoothing: float) -> tuple[float, float]:
    """RMS distance from the mean, px in the image and m in the world."""
    with PoseTracker("lite", profile=profile, smoothing=smoothing) as tracker:
        poses = [tracker.update(im, timestamp_us=33_333 * i).pose for i, im in enumerate(images, 1)]
    image = np.stack([pose.landmarks[:, :2] for pose in poses])[SETTLED:]
    world = np.stack([pose.world for pose in poses])[SETTLED:]
    return tuple(float(np.sqrt(a.var(axis=0).sum(axis=-1).mean())) for a in (image, world))


@pytest.mark.parametrize("profile", ["solutions", "graph", "tasks"])
def test_a_still_person_has_less_jitter_than_in_mediapipe(
    images: list[np.ndarray], profile: str
) -> None:
    ours = jitter(images, "default", smoothing=0.5)
    theirs = jitter(images, profile, smoothing=0.5)
    assert ours[0] < 0.7 * theirs[0]
    assert ours[1] < 0.7 * theirs[1]


def test_smoothing_removes_most_of_the_jitter(images: list[np.ndarray]) -> None:
    smooth, raw = (jitter(images, "default", smoothing=s) for s in (0.5, 0.0))
    assert smooth[0] < 0.3 * raw[0]
    assert smooth[1] < 0.3 * raw[1]
