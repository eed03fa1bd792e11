from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from vitruvian.runs.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[[str, int], Job]:
    """Encode a video of grey frames, 96×64, and return the job that writes its landmarks."""

    def make(name: str, n_frames: int) -> Job:
        path = tmp_path / f"{name}.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            for number in range(n_frames):
                image = np.full((64, 96, 3), number % 200, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
            container.mux(stream.encode())
        return Job(str(path), path.name, (tmp_path / f"{name}.jsonl",))

    return make
