"""Results of people who wave, made by hand: for what the page shows, no model is needed."""

from __future__ import annotations

import math
from typing import Any

BODY = {
    0: (0, -80), 11: (18, -60), 12: (-18, -60), 13: (34, -36), 14: (-34, -36), 15: (44, -12),
    16: (-44, -12), 23: (12, 0), 24: (-12, 0), 25: (13, 40), 26: (-13, 40),
    27: (13, 80), 28: (-13, 80),
}  # fmt: skip
STEP_US = 40_000


def results(n: int, people: int = 2, wh: tuple[int, int] = (640, 480)) -> list[dict[str, Any]]:
    """Return `n` frames as lines of a ``.jsonl`` file."""
    return [
        {
            "frame_index": t,
            "timestamp_us": t * STEP_US,
            "width": wh[0],
            "height": wh[1],
            "poses": [pose(i, wh[0] * (i + 1) / (people + 1), wh[1] / 2, t) for i in range(people)],
        }
        for t in range(n)
    ]


def pose(number: int, x: float, y: float, t: int) -> dict[str, Any]:
    """Return one person at a place, whose arms move with `t`."""
    points = []
    for i in range(33):
        near = BODY.get(i) or BODY[min(BODY, key=lambda j: (abs(i - j), j))]
        wave = 12 * math.sin(t / 3) if 13 <= i <= 22 else 0
        points.append((near[0] + 3 * (i % 3), near[1] + wave + i % 4))
    return {
        "id": number,
        "score": 0.97,
        "landmarks": [[x + 2 * u, y + 2 * v, 0.0] for u, v in points],
        "visibility": [0.3 if i in (29, 31) else 0.98 for i in range(33)],
        "presence": [0.99] * 33,
        "world": [[u / 100, v / 100, 0.01 * (i % 5)] for i, (u, v) in enumerate(points)],
        "roi": {"center": [x, y], "wh": [420.0, 420.0], "rotation": 0.05},
    }
