"""Random values for the filters of the compiled core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.landmarker import RawPose

if TYPE_CHECKING:
    from types import ModuleType


def strange_poses(n: int, seed: int) -> list[tuple[RawPose, int, float]]:
    """Return poses with their time and size: times repeat and go back, values may not be finite."""
    rng = np.random.default_rng(seed)
    body, world = rng.normal(300, 60, (33, 3)), rng.normal(0, 0.4, (33, 3))
    poses, now_us = [], int(rng.integers(-5, 5))
    for _ in range(n):
        steps = (0, -int(rng.integers(0, 100_000)), int(rng.integers(10**6, 10**8)))
        now_us += rng.choice([*steps, int(rng.integers(1, 60_000))], p=[0.02, 0.02, 0.01, 0.95])
        body = body + rng.normal(0, 3, (33, 3))
        landmarks = (body + rng.normal(0, 2, (33, 3))).astype(np.float32)
        metres = (world + rng.normal(0, 0.02, (33, 3))).astype(np.float32)
        visibility = rng.random(33, dtype=np.float32)
        if rng.random() < 0.1:  # arms or legs are swapped
            limb = slice(23, 33) if rng.random() < 0.5 else slice(11, 23)
            for values in (landmarks, metres):
                values[limb, :2] = values[limb, :2].reshape(-1, 2, 2)[:, ::-1].reshape(-1, 2)
        if rng.random() < 0.01:
            values = (landmarks, metres, visibility)[rng.integers(3)].reshape(-1)
            values[rng.integers(33)] = rng.choice([np.nan, np.inf, -np.inf, 1e30])
        size_px = float(
            rng.choice([0.0, np.nan, 250 * np.exp(0.3 * rng.normal())], p=[0.01] * 2 + [0.98])
        )
        pose = RawPose(landmarks, landmarks[:2], visibility, visibility, metres, 0.9, None)
        poses.append((pose, int(now_us), size_px))
    return poses


def fuzz(core: ModuleType, n: int) -> None:
    """Call the filters `n` times with random bytes as states, constants and values."""
    rng = np.random.default_rng(0)

    def floats(*shape: int) -> np.ndarray:
        return np.frombuffer(rng.bytes(4 * int(np.prod(shape))), np.float32).reshape(shape)

    def numbers(n: int) -> tuple[float, ...]:
        return tuple(np.frombuffer(rng.bytes(8 * n), np.float64).tolist())

    def state(name: str) -> bytearray:
        return bytearray(rng.bytes(getattr(core, name)))

    out = np.empty((33, 3), np.float32), np.empty(33, np.float32), np.empty((33, 3), np.float32)
    pair = np.empty((2, 2), np.float32)
    for _ in range(n):
        values = floats(33, 3), floats(33), floats(33, 3)
        now_us = int(np.frombuffer(rng.bytes(8), np.int64)[0])
        rule = (*numbers(2), numbers(3), *numbers(2), numbers(9))
        core.catch_up_pose(state("CATCH_UP_POSE_BYTES"), rule, values, now_us, *numbers(1), out)
        states = state("ONE_EURO_BYTES"), state("ONE_EURO_POSE_BYTES")
        rules = (*numbers(1), numbers(3), numbers(3))
        core.one_euro_pose(*states, rules, values, now_us, *numbers(1), out)
        points = floats(2, 2)
        core.catch_up_pair(state("CATCH_UP_BYTES"), numbers(3), points, now_us, *numbers(1), pair)
        core.one_euro_pair(state("ONE_EURO_BYTES"), numbers(3), points, now_us, *numbers(1), pair)
        core.alignment_side(points)
        core.region_from_alignment(points, tuple(rng.integers(1, 2**31, 2).tolist()))
