from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from vitruvian.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def vitruvian(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_logging: None
) -> Callable[..., Result]:
    """Run the program with the given arguments, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def empty_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 12 frames, 96×64, without people."""
    path = tmp_path_factory.mktemp("video") / "room.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for level in range(0, 240, 20):
            image = np.full((64, 96, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())
    return path
