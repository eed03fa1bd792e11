from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np

from vitruvian.media.container import open_container

if TYPE_CHECKING:
    from pathlib import Path


def test_metadata_that_is_not_utf_8_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"TITLE", b"caf\xe9s"))
    with open_container(str(path)) as container:
        assert container.metadata["title"] in ("caf\ufffds", "caf\udce9s")  # PyAV 18, 19
        assert container.streams.video[0].width == 64
