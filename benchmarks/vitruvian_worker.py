"""Vitruvian as a benchmark worker: `PoseTracker.update`, with smoothing."""

from __future__ import annotations

from typing import Any

import vitruvian
from worker import Points, Update, serve


def open_tracker(job: dict[str, Any]) -> tuple[str, Update, Points]:
    """Return a tracker with ``job["threads"]`` threads; None is all cores."""
    tracker = vitruvian.PoseTracker(
        job["model"], num_poses=job["num_poses"], profile=job["profile"], threads=job["threads"]
    )

    def update(image: Any, timestamp_us: int) -> Any:
        return tracker.update(vitruvian.Frame(image, timestamp_us=timestamp_us))

    def points(result: Any, wh: tuple[int, int]) -> list[list[list[float]]]:
        return [pose.landmarks[:, :2].tolist() for pose in result]

    return vitruvian.__version__, update, points


if __name__ == "__main__":
    serve(open_tracker)
